"""The page of somebody who works on the ground: one cell, whom to call, and what a report needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry.base import BaseGeometry

from gis.cells.coordinates import Bounds
from gis.cells.model import CellShape
from gis.hierarchy import Code
from gis.issues.categories import CATEGORIES
from gis.layerfiles import Drawable
from gis.messages import NOTHING, Message, say
from gis.people.contacts import Rung
from gis.people.model import Holder
from gis.placefiles import Place
from maps.assets import embedded
from maps.background import Background
from maps.base import draw_cell
from maps.ground import ground_names
from maps.offline import File
from maps.page import STYLES, mapped, render
from maps.reader import Page, Reader
from maps.speech import Speaker
from maps.style import LEVELS, ROLES, SEVERITIES, STATES

PATH = f"/{Page.WORK}"
MODULES = (Path(__file__).parent / "static" / "js").resolve()
MODULE = "work/page"
SHA256 = File("js-sha256", "build/sha256.min.js")
"""Photos are named by their digest, also where the browser, without https, has none of its own."""
ICON_SIZES = (192, 512)
COLOUR, GROUND = "#1d56b3", "#f5f4f1"
"""The accent and the ground of tokens.css, for the frame that a phone draws around the page."""


_IMPORTED = re.compile(r"^(?:import|export) .*?from '(\.[^']+)';", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class WorkView:
    """Everything the page shows.

    Attributes
    ----------
    account, person, name
        Who reads it: the account, the person's id and name.
    cell
        The account's own; it is the only one that is shown.
    ladder
        The cell and those above it with who answers for them, the lowest first.
    centre
        Who works at the grid centre.
    ground, named
        Own layers around the cell, by kind, and what has a name there (EPSG:4326).
    note
        A remark on the map itself, as that its borders are illustrative.
    """

    account: str
    person: str
    name: str
    cell: CellShape
    zone: ZoneInfo
    today: date
    ladder: Sequence[Rung]
    centre: Sequence[Holder] = ()
    ground: Mapping[str, Sequence[BaseGeometry]] = field(default_factory=dict)
    named: Sequence[Drawable | Place] = ()
    note: Message = NOTHING


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; an empty ``phone`` is not known."""

    name: str
    post: Message
    phone: str
    me: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A cell, or the centre, and whom to call there; nobody where it is vacant."""

    name: str | Message
    level: Message | None
    code: Code
    contacts: Sequence[Contact]


def posts(view: WorkView) -> list[Post]:
    """Return whom to call, from the own cell up; the centre comes last."""
    found = [
        Post(rung.name, LEVELS[rung.level], rung.code, _contacts(rung.holders, view.person))
        for rung in view.ladder
    ]
    if view.centre:
        found.append(Post(say("Grid centre"), None, "", _contacts(view.centre, view.person)))
    return found


def _contacts(holders: Sequence[Holder], me: str) -> list[Contact]:
    return [
        Contact(
            holder.name,
            say("{post} (deputy)", post=ROLES[holder.role])
            if holder.deputy
            else ROLES[holder.role],
            holder.phone,
            holder.person == me,
        )
        for holder in holders
    ]


def clipped(
    ground: Mapping[str, Sequence[BaseGeometry]], bounds: Bounds
) -> dict[str, list[BaseGeometry]]:
    """Return what of the ground lies in a frame; a phone need not carry the rest."""
    return {
        kind: [part for part in shapely.clip_by_rect(list(geoms), *bounds) if not part.is_empty]
        for kind, geoms in ground.items()
    }


def scripts() -> list[str]:
    """Return the addresses of the page's module and all that it imports, for a phone to keep."""
    found: dict[Path, None] = {}
    wanted = [MODULES / f"{MODULE}.js"]
    while wanted:
        module = wanted.pop()
        if module not in found:
            found[module] = None
            names = _IMPORTED.findall(module.read_text("utf-8"))
            wanted += [(module.parent / name).resolve() for name in names]
    return sorted(f"/static/js/{module.relative_to(MODULES)}" for module in found)


def manifest(language: str) -> dict[str, Any]:
    """Return the web manifest, by which a phone puts the page on its home screen."""
    speaker = Speaker(language)
    icons = [
        {"src": f"/static/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": "any maskable"}
        for size in ICON_SIZES
    ]  # fmt: skip
    return {
        "id": PATH,
        "name": speaker.say(say("Wangge · my cell")),
        "short_name": speaker.say(say("Wangge")),
        "lang": speaker.lang,
        "start_url": PATH,
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": COLOUR,
        "icons": icons,
    }


def work_page(
    view: WorkView,
    *,
    language: str,
    nonce: str,
    reader: Reader,
    background: Background | None = None,
) -> str:
    """Return the page; see :func:`maps.page.mapped`."""
    speaker = Speaker(language, view.zone, view.today.year)
    drawn = draw_cell(view.cell.geom, ground=view.ground)
    shown = mapped(
        drawn.map,
        styles=(*STYLES, "map", "work", "work-views"),
        module=MODULE,
        nonce=nonce,
        background=background,
        libraries=(SHA256,),
    )
    return render(
        "work.html",
        speaker,
        assets=shown.assets,
        here=PATH,
        view=view,
        reader=reader,
        map=shown.html,
        scripts=scripts(),
        colour=COLOUR,
        posts=posts(view),
        categories=CATEGORIES,
        severities=SEVERITIES,
        facts=embedded(
            _facts(view, speaker, middle=drawn.at[0])
            | {"background": background.facts() if background else None}
        ),
    )


def _facts(view: WorkView, speaker: Speaker, *, middle: tuple[float, float]) -> dict[str, Any]:
    """Return what the page's scripts must know."""
    return {
        "account": view.account,
        "cell": view.cell.code,
        "name": view.cell.name,
        "zone": view.zone.key,
        "lang": speaker.lang,
        "middle": list(middle),
        "ground": ground_names(view.named),
        "categories": {name: speaker.say(said) for name, said in CATEGORIES.items()},
        "severities": {name.value: speaker.say(said) for name, said in SEVERITIES.items()},
        "states": {str(name): speaker.say(said) for name, said in STATES.items()},
    }
