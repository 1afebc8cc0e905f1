"""Boundary files worked through before anything is written: read, planned, ready to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from shapely import MultiPolygon

from gis.cells.datum import Datum
from gis.cells.defects import Defect
from gis.cells.fields import Found, cells_in, text_of
from gis.cells.importing import ImportPlan, plan
from gis.cells.layer import Layer
from gis.cells.metres import area_m2
from gis.cells.model import Draft
from gis.cells.reading import read
from gis.deployment import Deployment
from gis.errors import InvalidFile, Problem
from gis.hierarchy import Code, Level

ROWS = 5
"""Rows of attributes that are shown, so that a wrong encoding is seen."""
TEXT = 80
FIELDS, NAME = 200, 200
"""Fields that are named, and the longest name: no file that people made has more."""
DRAWN_CORNERS = 300_000
"""A file of more is reported without its shapes: no page could draw them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be made of a file: the options of ``import cells``."""

    level: Level
    parent: Code | None = None
    parent_field: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    kind_field: str | None = None
    crs: str | None = None
    datum: Datum = Datum.WGS84
    encoding: str | None = None
    repair: bool = False
    skip_bad_rows: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The cells in force and their listed defects, before the import."""

    deployment: Deployment
    cells: Mapping[Code, Draft]
    defects: Sequence[Defect]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the file says of itself, so that a person can tell whether it was read rightly.

    Attributes
    ----------
    preview
        The first rows: the values of all fields, as text.
    crs
        The name of the projection that it was read in.
    """

    read: int = 0
    fields: tuple[str, ...] = ()
    preview: tuple[Mapping[str, str], ...] = ()
    encoding: str = ""
    crs: str = ""
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outline:
    """A cell as the file would make it.

    Attributes
    ----------
    change
        ``new``, ``changed`` or ``unchanged``.
    geom
        EPSG:4326; None where there are too many corners to draw.
    """

    code: Code
    name: str
    level: Level
    parent: Code | None
    change: str
    area_m2: float
    geom: MultiPolygon | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read, and what an import of it would do.

    Attributes
    ----------
    plan
        None if it cannot be taken in.
    refused
        Every reason why not.
    """

    seen: Seen
    outlines: tuple[Outline, ...]
    plan: ImportPlan | None
    refused: tuple[Problem, ...] = ()


def prepare(path: Path, source: str, wanted: Wanted, standing: Standing) -> Prepared:
    """Read a file and plan its import; what stops it stands in ``refused``. To be run apart."""
    try:
        layer = read(path, crs=wanted.crs, datum=wanted.datum, encoding=wanted.encoding)
    except InvalidFile as error:
        return Prepared(Seen(), (), None, error.problems)
    seen = _seen(layer)
    found: list[Found] = []
    try:
        found, problems = cells_in(
            layer,
            code_field=wanted.code_field,
            name_field=wanted.name_field,
            parent_field=wanted.parent_field,
            kind_field=wanted.kind_field,
        )
        done = plan(
            found,
            standing.cells,
            level=wanted.level,
            parent=wanted.parent,
            deployment=standing.deployment,
            source=source,
            known=standing.defects,
            bad=problems,
            repair=wanted.repair,
            skip_bad_rows=wanted.skip_bad_rows,
        )
    except InvalidFile as error:
        drawn = [_as_found(each, wanted) for each in found]
        return Prepared(seen, _outlines(drawn, drawn, standing), None, error.problems)
    drawn = list({**done.cells, **{draft.code: draft for draft in done.versions}}.values())
    return Prepared(seen, _outlines(drawn, done.versions, standing), done)


def _seen(layer: Layer) -> Seen:
    rows = [feature.properties for feature in layer.features[:ROWS]]
    fields = tuple(name for name in layer.fields if len(name) <= NAME)[:FIELDS]
    preview = tuple({name: _shown(row.get(name)) for name in fields} for row in rows)
    return Seen(layer.read, fields, preview, layer.encoding, layer.crs[:NAME], dict(layer.notes))


def _shown(value: object) -> str:
    text = text_of(value)
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"


def _as_found(each: Found, wanted: Wanted) -> Draft:
    parent = each.parent or wanted.parent
    return Draft(each.code, each.name, wanted.level, parent, "", each.geom, "")


def _outlines(
    drawn: Sequence[Draft], changed: Sequence[Draft], standing: Standing
) -> tuple[Outline, ...]:
    codes = {draft.code for draft in changed}
    corners = sum(int(shapely.get_num_coordinates(draft.geom)) for draft in drawn)
    return tuple(
        Outline(
            draft.code,
            draft.name,
            draft.level,
            draft.parent,
            ("changed" if draft.code in codes else "unchanged")
            if draft.code in standing.cells
            else "new",
            area_m2(draft.geom),
            draft.geom if corners <= DRAWN_CORNERS else None,
        )
        for draft in drawn
    )
