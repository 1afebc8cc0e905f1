"""Signing in and out, and the choice of language."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import SESSION_COOKIE, Caller, Language, SettingsOf, Tx
from api.errors import own_path, waiting
from api.language import COOKIE as LANGUAGE_COOKIE
from gis import times
from gis.errors import InvalidInput, TooManyAttempts
from gis.messages import say
from gis.people import accounts
from gis.people.accounts import Use
from maps import page
from maps.words import LANGUAGES

router = APIRouter(include_in_schema=False)

YEAR_S = 365 * 24 * 3600
REMEMBERED = timedelta(days=30)
"""How long after its end a session is still told from none."""


@router.get("/login")
def sign_in_page(language: Language, *, next: str = "/", ended: bool = False) -> HTMLResponse:
    """Return the form."""
    return HTMLResponse(page.login_page(language=language, back=own_path(next), ended=ended))


@router.post("/login")
def sign_in(
    request: Request,
    conn: Tx,
    *,
    settings: SettingsOf,
    language: Language,
    account: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session, or say that account and password do not fit."""
    now, back = times.now(), own_path(next)
    known = "\0" not in account  # PostgreSQL has no such text, so nobody is called so
    try:
        found = accounts.verify(conn, account, password=password, at=now) if known else None
    except TooManyAttempts as error:
        body = page.login_page(
            language=language, back=back, account=account, error=error.reason, remedy=error.remedy
        )
        return HTMLResponse(body, status_code=429, headers=waiting(error))
    if found is None:
        wrong = say("Account and password do not fit.")
        body = page.login_page(language=language, back=back, account=account, error=wrong)
        return HTMLResponse(body, status_code=401)
    lasts = timedelta(hours=settings.session_hours)
    secret = accounts.issue_secret(conn, found.name, use=Use.SESSION, at=now, lasts=lasts)
    response = RedirectResponse(back, status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int((lasts + REMEMBERED).total_seconds()),
        httponly=True,
        samesite="lax",
        # A proxy may speak https to the phone, and http to us.
        secure="https" in (request.url.scheme, urlsplit(settings.public_url).scheme),
    )
    return response


@router.post("/logout")
def sign_out(request: Request, conn: Tx) -> Response:
    """End the session."""
    accounts.end_session(conn, request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/password")
def password_page(language: Language, me: Caller) -> HTMLResponse:
    """Return the form for a new password."""
    return HTMLResponse(page.password_page(language=language, account=me.name))


@router.post("/password")
def change_password(
    request: Request,
    conn: Tx,
    me: Caller,
    *,
    language: Language,
    old: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Take the new password if the old one is right."""
    if accounts.verify(conn, me.name, password=old, at=times.now()) is None:
        wrong = say("The old password is not right.")
        body = page.password_page(language=language, account=me.name, error=wrong, field="old")
        return HTMLResponse(body, status_code=401)
    try:
        own = request.cookies.get(SESSION_COOKIE, "")
        accounts.set_password(conn, me.name, password=new, keep=own)
    except InvalidInput as error:  # said beside the field
        body = page.password_page(
            language=language, account=me.name, error=error.reason, field=error.field
        )
        return HTMLResponse(body, status_code=422)
    return RedirectResponse("/", status_code=303)


@router.get("/language/{language}")
def choose_language(language: str, next: str = "/") -> Response:
    """Remember the language and go back."""
    response = RedirectResponse(own_path(next), status_code=303)
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax")
    return response
