"""Pages as text: what the server answers with, and the map that is a file."""

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gis.messages import NOTHING, Message
from maps import assets, offline
from maps.assets import Assets
from maps.leader import PATH, LeaderPage
from maps.offline import File
from maps.picture import Amount, Value
from maps.questions import card
from maps.speech import LANG_TAGS, Speaker
from maps.style import ICONS, LEVELS, TITLES
from maps.vendor import read_lock
from maps.view import LeaderView
from maps.words import LANGUAGES

TEMPLATES = Path(__file__).parent / "templates"
SWAGGER = "swagger-ui-dist"
NAMES = {"zh": "中文", "en": "English"}
"""Languages by their own names."""
STYLES = ("tokens", "base", "components")
LEADER_STYLES = (*STYLES, "map", "leader")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _page(template: str, speaker: Speaker, *, assets: Assets, here: str, **context: object) -> str:
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
            **context,
        )
    )


def leader_page(
    view: LeaderView, *, language: str, nonce: str, account_name: str, one_time: bool = False
) -> str:
    """Return the page of a view, as the server shows it.

    Parameters
    ----------
    nonce
        Of the answer's Content-Security-Policy; the map's inline script carries it.
    one_time
        The account still has the password that somebody else chose.
    """
    speaker = _speaker(view, language)
    leader, pins = LeaderPage(view, speaker), read_lock()
    parts = offline.parts(leader.drawn.map, pins, nonce=nonce)
    found = assets.served(
        pins,
        vendored=(*parts.styles, *parts.scripts),
        styles=LEADER_STYLES,
        module="leader",
        script=parts.script if leader.scene.filled else "",
        nonce=nonce,
    )
    return _leader(leader, found, parts, account_name=account_name, one_time=one_time)


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
    return _leader(leader, found, parts, account_name="", one_time=False)


def _speaker(view: LeaderView, language: str) -> Speaker:
    return Speaker(language, view.zone, view.last.year)


def _leader(
    leader: LeaderPage, found: Assets, parts: offline.Parts, *, account_name: str, one_time: bool
) -> str:
    view, scope = leader.view, leader.view.scope
    return _page(
        "leader.html",
        leader.speaker,
        assets=found,
        here=leader.href(),
        view=view,
        leader=leader,
        pictures=list(leader.pictures.values()),
        shown=leader.shown.ask,
        map=Markup(parts.html),  # noqa: S704 — folium's element, without a word of ours
        facts=leader.facts(),
        card=card(view),
        chosen=scope.selected or "",
        titles=TITLES,
        icons=ICONS,
        levels=LEVELS,
        sort_value=_sort_value,
        account_name=account_name,
        one_time=one_time,
    )


def _sort_value(value: Value) -> str:
    return repr(value.value) if isinstance(value, Amount) else ""


def login_page(
    *, language: str, back: str = "/", account: str = "", error: Message = NOTHING
) -> str:
    """Return the form to sign in; ``back`` is where it leads to."""
    return _form("login.html", language, "/login", back=back, account=account, error=error)


def password_page(*, language: str, account: str, error: Message = NOTHING) -> str:
    """Return the form for a new password."""
    return _form("password.html", language, "/password", account=account, error=error)


def error_page(*, title: str, detail: str, status: int, language: str) -> str:
    """Return what went wrong, in words of the reader's language, and the way on."""
    return _form("error.html", language, PATH, problem=title, detail=detail, status=status)


def docs_page(*, language: str, nonce: str) -> str:
    """Return the documentation of the interface for programs, drawn by our copy of Swagger UI."""
    pins = read_lock()
    files = [File(SWAGGER, "swagger-ui.css"), File(SWAGGER, "swagger-ui-bundle.js")]
    start = (
        'SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#api", '
        "deepLinking: true, validatorUrl: null});"
    )
    found = assets.served(pins, vendored=files, styles=STYLES, script=start, nonce=nonce)
    return _page("docs.html", Speaker(language), assets=found, here="/api/docs")


def _form(template: str, language: str, here: str, **context: object) -> str:
    speaker = Speaker(language)
    said = {k: speaker.say(v) if isinstance(v, Message) else v for k, v in context.items()}
    plain = assets.served({}, styles=STYLES)
    return _page(template, speaker, assets=plain, here=here, **said)
