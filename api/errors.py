"""Turn refusals into answers: RFC 9457 problem documents, or a page. The only such place."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.language import language_of
from gis import errors
from gis.messages import NOTHING, Message, say
from maps import page
from maps.words import translator

STATUS: dict[type[errors.GridError], int] = {
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.InvalidInput: 422,
    errors.TooManyAttempts: 429,
}
"""The status of each class; a class that is not here has its base's."""

JSON_PATHS = ("/api", "/tiles", "/ogc", "/healthz", "/readyz")
RETRY_AFTER_S = "5"


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


def _refused(request: Request, error: errors.GridError) -> Response:
    wants_page = not request.url.path.startswith(JSON_PATHS)
    if isinstance(error, errors.NotSignedIn) and wants_page and request.method == "GET":
        back = request.url.path + ("?" + request.url.query if request.url.query else "")
        target = request.url_for("sign_in_page").include_query_params(next=back)
        return RedirectResponse(target.path + "?" + target.query, status_code=303)
    return answer(
        request, status_of(error), code=error.code, title=error.reason, detail=error.remedy,
        field=error.field,
    )  # fmt: skip


def _invalid(request: Request, error: RequestValidationError) -> Response:
    fields = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]),
            "code": str(fault["type"]),
            "message": str(fault["msg"]),
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
    titles = {404: say("There is nothing at this address."), 405: say("This cannot be done here.")}
    title = titles.get(error.status_code, Message(HTTPStatus(error.status_code).phrase))
    code = HTTPStatus(error.status_code).name.lower()
    return answer(request, error.status_code, code=code, title=title, headers=error.headers)


def _unavailable(request: Request, _error: Exception) -> Response:
    return answer(
        request,
        503,
        code="unavailable",
        title=say("The database does not answer at the moment."),
        detail=say("Nothing was changed. Please try again in a few seconds."),
        headers={"Retry-After": RETRY_AFTER_S},
    )


def answer(
    request: Request,
    status: int,
    *,
    code: str,
    title: Message,
    detail: Message = NOTHING,
    field: str = "",
    fields: Sequence[dict[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document, or for a person at a page the same as a page."""
    language = language_of(request)
    words = translator(language)
    if not request.url.path.startswith(JSON_PATHS):
        body = page.error_page(
            title=words(title), detail=words(detail), status=status, language=language
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
