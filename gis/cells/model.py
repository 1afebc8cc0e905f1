"""What the rest of the service knows of a cell."""

from dataclasses import dataclass

from shapely import MultiPolygon

from gis.hierarchy import Code, Level


@dataclass(frozen=True, slots=True)
class CellShape:
    """One version of a cell, with its ground.

    Attributes
    ----------
    id
        The version's number; another shape or name is another version.
    kind
        Empty for an ordinary cell; ``school``, ``market``, … for a special one (专属网格).
    geom
        EPSG:4326, every coordinate a multiple of 1e-8 degree.
    area_m2
        On the ellipsoid.
    """

    id: int
    code: Code
    name: str
    level: Level
    parent: Code | None
    kind: str
    geom: MultiPolygon
    area_m2: float


MADE = "union"
"""The source of a cell that no file gave: it is, and stays, the union of its children."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A cell as it stands, or as it shall stand after an import.

    Attributes
    ----------
    source
        Where its shape came from: a file's name and datum, or ``MADE``.
    """

    code: Code
    name: str
    level: Level
    parent: Code | None
    kind: str
    geom: MultiPolygon
    source: str
