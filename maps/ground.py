"""Where names of the ground are written: hamlets and places once, long lines again and again."""

from collections import defaultdict
from collections.abc import Iterable

import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from gis.layerfiles import Drawable
from gis.placefiles import Place

EVERY = 0.015
"""Degrees of a line, about 1.5 km, that have its name once."""
SHORT = 0.001
"""Degrees; a line that is shorter has no room for a name."""
MOST = 2_000
"""Names of a page: nobody reads more, and a phone has to load them."""

Name = tuple[str, str, float, float]
"""Kind, name, latitude, longitude."""


def ground_names(named: Iterable[Drawable | Place]) -> list[Name]:
    """Return the names to write, and where (EPSG:4326, 5 decimals: a metre).

    The pieces of a line that have one name are one line. An area has its name
    where it is roomy. Lanes are roads here.
    """
    lines: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    found: list[Name] = []
    for each in named:
        if isinstance(each, Place):
            found.append(_name("place", each.name, each.geom))
            continue
        kind = "road" if each.kind == "lane" else each.kind
        if each.geom.geom_type.endswith("LineString"):
            lines[kind, each.name].append(each.geom)
        else:
            found.append(_name(kind, each.name, shapely.point_on_surface(each.geom)))
    for (kind, name), pieces in lines.items():
        whole = shapely.line_merge(shapely.union_all(pieces))
        found += [
            _name(kind, name, point) for line in shapely.get_parts(whole) for point in _along(line)
        ]
    return found[:MOST]


def _along(line: BaseGeometry) -> list[Point]:
    """Return points on a line, evenly, away from its ends."""
    length = line.length
    if length < SHORT:
        return []
    count = max(1, round(length / EVERY))
    return [line.interpolate((i + 0.5) / count, normalized=True) for i in range(count)]


def _name(kind: str, name: str, at: Point) -> Name:
    return kind, name, round(at.y, 5), round(at.x, 5)
