"""What every answer carries, and which requests are turned away before any route."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import answer, failed
from gis.messages import say

SAFE = ("GET", "HEAD", "OPTIONS")
OWN = ("same-origin", "none")
MAX_BODY_BYTES = 64 * 1024 * 1024


def policy(nonce: str, pictures: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy: scripts only ours, inline ones only by nonce.

    ``pictures`` are the other servers that the tiles of a background come from.
    """
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",  # Leaflet and folium place things with style
            " ".join(("img-src 'self' data: blob:", *pictures)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def from_elsewhere(method: str, headers: Headers, public_url: str = "") -> bool:
    """Tell whether another site's page sent this with a user's cookie.

    Browsers of the last years say so themselves; older ones send an Origin: the
    host that was asked for, or the public one, if a proxy asks for another. A
    request with a token of its own cannot be forged that way.
    """
    if method in SAFE or "authorization" in headers:
        return False
    if site := headers.get("sec-fetch-site"):
        return site not in OWN
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        ours = {headers.get("host"), urlsplit(public_url).netloc} - {""}
        return urlsplit(origin).netloc not in ours
    except ValueError:  # no address at all
        return True


def within(target: str, *, host: str) -> str:
    """Return where a redirect leads as a path, if that is here: a proxy may have another host."""
    parts = urlsplit(target)
    return urlunsplit(parts._replace(scheme="", netloc="")) if parts.netloc == host else target


def too_large(headers: Headers) -> bool:
    """Tell whether the body is announced to be larger than anything we take."""
    length = headers.get("content-length", "0")
    digits = len(str(MAX_BODY_BYTES))
    return length.isdigit() and (len(length) > digits or int(length) > MAX_BODY_BYTES)


def counted(receive: Receive) -> Receive:
    """Return the same body, refused as soon as it is larger than anything we take.

    Not every body is announced with its length.
    """
    arrived = 0

    async def part() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > MAX_BODY_BYTES:
            raise HTTPException(413)
        return message

    return part


class Guard:
    """Middleware: turn away forged and oversized requests, add the headers to every answer.

    What nobody foresaw is answered here too, so that its page has the headers.
    """

    def __init__(self, app: ASGIApp, *, pictures: Sequence[str] = ()) -> None:
        self.app = app
        self.pictures = pictures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        begun = False
        asked = Headers(scope=scope)

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(nonce, self.pictures)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
                if target := headers.get("location"):
                    headers["Location"] = within(target, host=asked.get("host", ""))
            await send(message)

        public_url = scope["app"].state.settings.public_url
        if from_elsewhere(scope["method"], asked, public_url):
            refusal = answer(
                Request(scope),
                403,
                code="not_allowed",
                title=say("The request came from a page of another site."),
                detail=say("Open the page here and try again."),
            )
            await refusal(scope, receive, send_guarded)
        elif too_large(asked):
            refusal = answer(
                Request(scope),
                413,
                code="too_large",
                title=say("The request is larger than 64 MB."),
                detail=say("Send it in parts."),
            )
            await refusal(scope, receive, send_guarded)
        else:
            try:
                await self.app(scope, counted(receive), send_guarded)
            except Exception as error:
                if begun:  # half an answer cannot be taken back
                    raise
                await failed(Request(scope), error)(scope, receive, send_guarded)
