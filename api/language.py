"""The language of a request: asked for, remembered, or the browser's."""

from fastapi import Request

from maps.words import LANGUAGES, language_of_header

COOKIE = "wangge_language"


def language_of(request: Request) -> str:
    """Return ``zh`` or ``en``: ``?lang=``, else the cookie, else Accept-Language, else Chinese."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return language_of_header(request.headers.get("accept-language", ""))
