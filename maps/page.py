"""Pages as text: what the server answers with, and the map that is a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import folium
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gis.messages import NOTHING, Message
from gis.people import accounts
from maps import assets, offline
from maps.assets import Assets, embedded
from maps.background import Background
from maps.leader import LeaderPage
from maps.offline import File
from maps.picture import Amount, Value
from maps.questions import card
from maps.reader import PAGES, Reader
from maps.speech import LANG_TAGS, Speaker
from maps.style import ICONS, LEVELS, TITLES
from maps.vendor import read_lock
from maps.view import LeaderView
from maps.words import LANGUAGES, script_words

TEMPLATES = Path(__file__).parent / "templates"
SWAGGER = "swagger-ui-dist"
NAMES = {"zh": "中文", "en": "English"}
"""Languages by their own names."""
STYLES = ("tokens", "base", "components")
LEADER_STYLES = (*STYLES, "map", "find", "leader")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, speaker: Speaker, *, assets: Assets, here: str, **context: object) -> str:
    """Return a page of a template.

    Parameters
    ----------
    here
        Its address, to come back to in another language.
    """
    others = [
        {
            "name": NAMES[language],
            "lang": LANG_TAGS[language],
            "href": f"/language/{language}?{urlencode({'next': here})}",
        }
        for language in LANGUAGES
        if language != speaker.language
    ]
    return (
        _templates()
        .get_template(template)
        .render(
            _=speaker.text,
            say=speaker.say,
            speaker=speaker,
            assets=assets,
            languages=others,
            pages=PAGES,
            words=embedded(script_words(speaker.language)),
            **context,
        )
    )


@dataclass(frozen=True, slots=True)
class Mapped:
    """The map of a page: its element, and all that the page loads."""

    html: Markup
    assets: Assets


def mapped(
    drawn: folium.Map,
    *,
    styles: Sequence[str],
    module: str,
    nonce: str,
    background: Background | None = None,
    libraries: Sequence[File] = (),
    empty: bool = False,
) -> Mapped:
    """Return a map as the server shows it.

    Parameters
    ----------
    styles, module, libraries
        Of the page: our style sheets and script, and other people's files beside the map's.
    nonce
        Of the answer's Content-Security-Policy; the map's inline script carries it.
    background
        What may be shown under the map.
    empty
        There is nothing to draw: the script of the map is left out.
    """
    pins = read_lock()
    parts = offline.parts(drawn, pins, nonce=nonce)
    tiles = background.scripts() if background else ()
    found = assets.served(
        pins,
        vendored=(*parts.styles, *parts.scripts, *tiles, *libraries),
        styles=styles,
        module=module,
        script="" if empty else parts.script,
        nonce=nonce,
    )
    return Mapped(Markup(parts.html), found)  # noqa: S704 — folium's element, without a word of ours


def leader_page(
    view: LeaderView,
    *,
    language: str,
    nonce: str,
    reader: Reader,
    background: Background | None = None,
) -> str:
    """Return the page of a view, as the server shows it; see :func:`mapped`."""
    leader = LeaderPage(view, _speaker(view, language), background=background)
    shown = mapped(
        leader.drawn.map,
        styles=LEADER_STYLES,
        module="leader",
        nonce=nonce,
        background=background,
        empty=not leader.scene.filled,
    )
    return _leader(leader, shown, reader=reader)


def standalone(view: LeaderView, *, language: str, browser_files: Path) -> str:
    """Return the same page as one file that loads nothing.

    Parameters
    ----------
    browser_files
        Where set-up put other people's scripts and styles.
    """
    speaker = _speaker(view, language)
    leader, pins = LeaderPage(view, speaker, standalone=True), read_lock()
    parts = offline.parts(leader.drawn.map, pins, nonce="")
    found = assets.carried(
        pins,
        browser_files,
        vendored=(*parts.styles, *parts.scripts),
        styles=LEADER_STYLES,
        script=parts.script if leader.scene.filled else "",
    )
    html = Markup(parts.html)  # noqa: S704 — as above
    return _leader(leader, Mapped(html, found), reader=None)


def _speaker(view: LeaderView, language: str) -> Speaker:
    return Speaker(language, view.zone, view.last.year)


def _leader(leader: LeaderPage, shown: Mapped, *, reader: Reader | None) -> str:
    view, scope = leader.view, leader.view.scope
    return render(
        "leader.html",
        leader.speaker,
        assets=shown.assets,
        here=leader.href(),
        view=view,
        leader=leader,
        pictures=list(leader.pictures.values()),
        shown=leader.shown.ask,
        map=shown.html,
        facts=leader.facts(),
        card=card(view),
        chosen=scope.selected or "",
        titles=TITLES,
        icons=ICONS,
        levels=LEVELS,
        sort_value=_sort_value,
        reader=reader,
    )


def _sort_value(value: Value) -> str:
    return repr(value.value) if isinstance(value, Amount) else ""


def login_page(
    *,
    language: str,
    back: str = "/",
    account: str = "",
    error: Message = NOTHING,
    remedy: Message = NOTHING,
    ended: bool = False,
) -> str:
    """Return the form to sign in.

    Parameters
    ----------
    back
        Where it leads to.
    error, remedy
        What was wrong at the last attempt, and what to do.
    ended
        There was a session, and it is over.
    """
    return _form(
        "login.html", language, "/login?" + urlencode({"next": back}), module="secret",
        back=back, account=account, error=error, remedy=remedy, ended=ended,
    )  # fmt: skip


def password_page(*, language: str, account: str, error: Message = NOTHING, field: str = "") -> str:
    """Return the form for a new password; ``field`` is the one that the error is about."""
    return _form(
        "password.html", language, "/password", module="secret",
        account=account, error=error, field=field, shortest=accounts.SHORTEST,
    )  # fmt: skip


def error_page(
    *,
    title: str,
    detail: str,
    status: int,
    language: str,
    back: str = "/",
    again: str = "",
    sign_in: str = "",
    retry_s: int = 0,
) -> str:
    """Return what went wrong, in words of the reader's language, and the ways on.

    Parameters
    ----------
    back
        The page where the reader was.
    again
        The address to try once more.
    sign_in
        Where to sign in, if that is what it takes.
    retry_s
        After how many seconds the page itself tries again; 0 is never.
    """
    waits = bool(again) and retry_s > 0
    return _form(
        "error.html", language, again or back, module="again" if waits else "",
        problem=title, detail=detail, status=status, back=back, again=again,
        sign_in=sign_in, retry_s=retry_s, waits=waits,
    )  # fmt: skip


def docs_page(*, language: str, nonce: str) -> str:
    """Return the documentation of the interface for programs, drawn by our copy of Swagger UI."""
    pins = read_lock()
    files = [File(SWAGGER, "swagger-ui.css"), File(SWAGGER, "swagger-ui-bundle.js")]
    start = (
        'SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#api", '
        "deepLinking: true, validatorUrl: null});"
    )
    found = assets.served(pins, vendored=files, styles=STYLES, script=start, nonce=nonce)
    return render("docs.html", Speaker(language), assets=found, here="/api/docs")


def _form(template: str, language: str, here: str, *, module: str = "", **context: object) -> str:
    speaker = Speaker(language)
    said = {k: speaker.say(v) if isinstance(v, Message) else v for k, v in context.items()}
    plain = assets.served({}, styles=STYLES, module=module)
    return render(template, speaker, assets=plain, here=here, **said)
