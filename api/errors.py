"""Turn refusals into answers: RFC 9457 problem documents, or a page. The only such place."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api import faults, schemas
from api.deps import SESSION_COOKIE
from api.language import language_of
from gis import errors
from gis.messages import NOTHING, Message, say
from maps import page
from maps.words import Translate, translator

STATUS: dict[type[errors.GridError], int] = {
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.InvalidInput: 422,
    errors.TooManyAttempts: 429,
    errors.Busy: 503,
}
"""The status of each class; a class that is not here has its base's."""

JSON_PATHS = ("/api", "/tiles", "/ogc", "/background.pmtiles", "/healthz", "/readyz")
RETRY_AFTER_S = 5
MOST_PROBLEMS = 1000  # of one file; whoever has more has one and the same a thousand times
WORTH_REPEATING = (429, 500, 503)
TITLES = {
    400: say("The request cannot be read."),
    404: say("There is nothing at this address."),
    405: say("This cannot be done here."),
    413: say("The request is larger than 64 MB."),
}
"""Of what the framework refuses by itself; another status has its English phrase."""

log = logging.getLogger(__name__)


def status_of(error: errors.GridError) -> int:
    """Return the HTTP status of the nearest class that has one."""
    return next((STATUS[c] for c in type(error).__mro__ if c in STATUS), 422)


def install(app: FastAPI) -> None:
    """Answer every refusal and failure of ``app`` in the caller's language."""
    app.exception_handler(errors.GridError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(OperationalError)(_unavailable)
    app.exception_handler(PoolTimeout)(_unavailable)


def failed(request: Request, error: Exception) -> Response:
    """Write down what nobody foresaw, and answer with the number under which it stands there."""
    number = secrets.token_hex(4)
    log.error("fault %s: %s %r", number, request.method, request.url.path, exc_info=error)
    return answer(
        request,
        500,
        code="fault",
        title=say("Something went wrong that should not have."),
        detail=say("Try once more. If it stays, tell the centre this number: {number}.",
                   number=number),
    )  # fmt: skip


def own_path(target: str) -> str:
    """Return ``target`` if it leads to a page of ours, else the first page."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def waiting(error: errors.GridError) -> dict[str, str]:
    """Return the header that tells programs how long to wait, if that is what it takes."""
    if isinstance(error, errors.Busy):
        return {"Retry-After": str(RETRY_AFTER_S)}
    if not isinstance(error, errors.TooManyAttempts):
        return {}
    return {"Retry-After": str(ceil(error.wait.total_seconds()))}


def _refused(request: Request, error: errors.GridError) -> Response:
    if isinstance(error, errors.NotSignedIn) and _is_page(request) and request.method == "GET":
        return RedirectResponse(sign_in_address(request), status_code=303)
    return answer(
        request, status_of(error), code=error.code, title=error.reason, detail=error.remedy,
        field=error.field, fields=_details(error, translator(language_of(request))),
        headers=waiting(error),
    )  # fmt: skip


def _details(error: errors.GridError, words: Translate) -> Sequence[Mapping[str, Any]]:
    """Return what a program is told of each part of a refusal."""
    if isinstance(error, errors.InvalidFile):
        told = error.problems[:MOST_PROBLEMS]
        return [{"field": "file", **schemas.problem(p, words)} for p in told]
    if isinstance(error, errors.NotRedrawn):
        lon, lat = error.at
        named = {"field": error.field, "code": error.why, "message": words(error.reason)}
        return [named | {"lon": lon, "lat": lat}]
    return ()


def _invalid(request: Request, error: RequestValidationError) -> Response:
    words = translator(language_of(request))
    fields = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]),
            "code": str(fault["type"]),
            "message": words(faults.sentence(fault)),
        }
        for fault in error.errors()
    ]
    names = ", ".join(sorted({str(fault["field"]) for fault in fields}))
    return answer(
        request,
        422,
        code="invalid_input",
        title=say("The request cannot be understood: {names}.", names=names),
        detail=say("Correct the fields that are named and send it again."),
        fields=fields,
    )


def _http(request: Request, error: HTTPException) -> Response:
    title = TITLES.get(error.status_code, Message(HTTPStatus(error.status_code).phrase))
    code = HTTPStatus(error.status_code).name.lower()
    return answer(request, error.status_code, code=code, title=title, headers=error.headers)


def _unavailable(request: Request, _error: Exception) -> Response:
    return answer(
        request,
        503,
        code="unavailable",
        title=say("The database does not answer at the moment."),
        detail=say("Nothing was changed. Please try again in a few seconds."),
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def answer(
    request: Request,
    status: int,
    *,
    code: str,
    title: Message,
    detail: Message = NOTHING,
    field: str = "",
    fields: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document, or for a person at a page the same as a page."""
    language = language_of(request)
    words = translator(language)
    if _is_page(request):
        body = page.error_page(
            title=words(title),
            detail=words(detail),
            status=status,
            language=language,
            back=_came_from(request),
            again=_address(request) if _may_repeat(request, status) else "",
            sign_in=sign_in_address(request) if status == HTTPStatus.UNAUTHORIZED else "",
            retry_s=RETRY_AFTER_S if status == HTTPStatus.SERVICE_UNAVAILABLE else 0,
        )
        return HTMLResponse(body, status_code=status, headers=headers)
    named = fields or ([{"field": field, "code": code, "message": words(title)}] if field else [])
    problem = {
        "type": f"/api/docs#{code}",
        "title": words(title),
        "status": status,
        "detail": words(detail),
        "code": code,
    }
    if named:
        problem["errors"] = list(named)
    return JSONResponse(
        problem, status_code=status, headers=headers, media_type="application/problem+json"
    )


def sign_in_address(request: Request) -> str:
    """Return where to sign in to come back; a session that was there and is over is told."""
    back = _address(request) if request.method == "GET" else _came_from(request)
    ended = {"ended": "1"} if SESSION_COOKIE in request.cookies else {}
    return "/login?" + urlencode({"next": back} | ended)


def _is_page(request: Request) -> bool:
    return not request.url.path.startswith(JSON_PATHS)


def _may_repeat(request: Request, status: int) -> bool:
    return request.method == "GET" and status in WORTH_REPEATING


def _address(request: Request) -> str:
    """Return the path and question of a request, as a link on its own page."""
    address = request.url.path + ("?" + request.url.query if request.url.query else "")
    return own_path(address)


def _came_from(request: Request) -> str:
    """Return the page of ours that a request came from, else the first page."""
    try:
        address = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no address at all
        return "/"
    path = address.path + ("?" + address.query if address.query else "")
    return own_path(path) if address.netloc == request.headers.get("host") else "/"
