"""Signing in and out, and the choice of language."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import SESSION_COOKIE, Caller, Language, SettingsOf, Tx
from api.language import COOKIE as LANGUAGE_COOKIE
from gis import times
from gis.messages import NOTHING, say
from gis.people import accounts
from gis.people.accounts import Use
from maps import page
from maps.words import LANGUAGES

router = APIRouter(include_in_schema=False)

YEAR_S = 365 * 24 * 3600


@router.get("/login")
def sign_in_page(language: Language, next: str = "/") -> HTMLResponse:
    """Return the form."""
    return HTMLResponse(page.login_page(language=language, back=own_path(next)))


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
    now = times.now()
    known = "\0" not in account  # PostgreSQL has no such text, so nobody is called so
    found = accounts.verify(conn, account, password=password, at=now) if known else None
    if found is None:
        wrong = say("Account and password do not fit.")
        body = page.login_page(language=language, back=own_path(next), account=account, error=wrong)
        return HTMLResponse(body, status_code=401)
    lasts = timedelta(hours=settings.session_hours)
    secret = accounts.issue_secret(conn, found.name, use=Use.SESSION, at=now, lasts=lasts)
    response = RedirectResponse(own_path(next), status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
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
    return HTMLResponse(page.password_page(language=language, account=me.name, error=NOTHING))


@router.post("/password")
def change_password(
    conn: Tx,
    language: Language,
    me: Caller,
    old: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Take the new password if the old one is right."""
    if accounts.verify(conn, me.name, password=old, at=times.now()) is None:
        wrong = say("The old password is not right.")
        body = page.password_page(language=language, account=me.name, error=wrong)
        return HTMLResponse(body, status_code=401)
    accounts.set_password(conn, me.name, password=new)
    return RedirectResponse("/", status_code=303)


@router.get("/language/{language}")
def choose_language(language: str, next: str = "/") -> Response:
    """Remember the language and go back."""
    response = RedirectResponse(own_path(next), status_code=303)
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax")
    return response


def own_path(target: str) -> str:
    """Return ``target`` if it leads to a page of ours, else the first page."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
