"""What a file of boundaries holds, before anybody asks what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shapely import MultiPolygon, Polygon

from gis.errors import Problem


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a file.

    Attributes
    ----------
    number
        Counted from 1.
    properties
        By field name; None, text, numbers, or whatever JSON holds.
    shape
        In the file's own coordinates until :mod:`gis.cells.reading` turns them.
    """

    number: int
    properties: Mapping[str, object]
    shape: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Layer:
    """All features of a file, and what is wrong with the others.

    Attributes
    ----------
    fields
        Names, in the file's order.
    crs
        As declared: anything that pyproj understands. Empty: not declared.
    read
        How many features there are, good and bad.
    problems
        Of the features that are left out of ``features``.
    notes
        How often something was put right, by a word for it.
    encoding
        Of its texts.
    """

    fields: Sequence[str]
    crs: str
    read: int
    features: Sequence[Feature]
    problems: Sequence[Problem] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
    encoding: str = "utf-8"
