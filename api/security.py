"""What every answer carries, and which requests are turned away before any route."""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import answer
from gis.messages import say

SAFE = ("GET", "HEAD", "OPTIONS")
OWN = ("same-origin", "none")
MAX_BODY_BYTES = 64 * 1024 * 1024


def policy(nonce: str) -> str:
    """Return the Content-Security-Policy: scripts only ours, inline ones only by nonce."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",  # Leaflet and folium place things with style
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def from_elsewhere(method: str, headers: Headers) -> bool:
    """Tell whether another site's page sent this with a user's cookie.

    Browsers of the last years say so themselves; older ones send an Origin. A
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
        return urlsplit(origin).netloc != headers.get("host")
    except ValueError:  # no address at all
        return True


def too_large(headers: Headers) -> bool:
    """Tell whether the body is announced to be larger than anything we take."""
    length = headers.get("content-length", "0")
    digits = len(str(MAX_BODY_BYTES))
    return length.isdigit() and (len(length) > digits or int(length) > MAX_BODY_BYTES)


class Guard:
    """Middleware: turn away forged and oversized requests, add the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if from_elsewhere(scope["method"], headers):
            refusal = answer(
                Request(scope),
                403,
                code="not_allowed",
                title=say("The request came from a page of another site."),
                detail=say("Open the page here and try again."),
            )
            await refusal(scope, receive, send_guarded)
        elif too_large(headers):
            refusal = answer(
                Request(scope),
                413,
                code="too_large",
                title=say("The request is larger than 64 MB."),
                detail=say("Send it in parts."),
            )
            await refusal(scope, receive, send_guarded)
        else:
            await self.app(scope, receive, send_guarded)
