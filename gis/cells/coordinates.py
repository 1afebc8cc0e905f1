"""A coordinate as a table has it, in words: read, or refused with a reason."""

import re
from collections.abc import Iterable

from gis.cells.model import CellShape, Draft
from gis.cells.problems import Fault
from gis.errors import Problem
from gis.messages import Message, say

NEAR_DEGREES = 1.0
"""What lies farther than this from the territory was hardly meant to lie in it."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_coordinate(
    lon_text: str, lat_text: str, *, row: int, territory: Bounds | None = None
) -> tuple[float, float] | Problem:
    """Return longitude and latitude in degrees, or what is wrong with them.

    Parameters
    ----------
    lon_text, lat_text
        As they stand in the table.
    row
        For the problem; counted from 1 under the table's head.
    territory
        Of all cells. A point far from it that would lie near it with its axes
        swapped is taken for swapped; any other point outside it is none of ours
        to judge.
    """
    texts = lon_text.strip(), lat_text.strip()
    wrong = next((text for text in texts if not _NUMBER.fullmatch(text)), None)
    if wrong is not None:
        return _not_a_number(wrong, row)
    lon, lat = float(texts[0]), float(texts[1])
    if lon == 0 and lat == 0:
        return Problem(
            Fault.NULL_ISLAND,
            say("The coordinate is 0, 0: it is missing."),
            say("Fill in where it is, or leave the row out with --skip-bad-rows."),
            row=row,
            lon=lon,
            lat=lat,
        )
    if is_swapped(lon, lat, territory):
        return Problem(
            Fault.SWAPPED,
            say("Longitude {lon} and latitude {lat} are swapped.", lon=texts[0], lat=texts[1]),
            say("Name the fields the other way round."),
            row=row,
        )
    if not is_in_range(lon, lat):
        return Problem(
            Fault.OUT_OF_RANGE,
            say("{lon}, {lat} are no degrees.", lon=texts[0], lat=texts[1]),
            say("Longitude runs from -180 to 180, latitude from -90 to 90 (EPSG:4326)."),
            row=row,
        )
    return lon, lat


def bounds_of(shapes: Iterable[CellShape | Draft]) -> Bounds | None:
    """Return what surrounds all cells; None where there are none."""
    edges = [shape.geom.bounds for shape in shapes]
    if not edges:
        return None
    west, south, east, north = zip(*edges, strict=True)
    return min(west), min(south), max(east), max(north)


def is_in_range(lon: float, lat: float) -> bool:
    """Tell whether these can be a longitude and a latitude."""
    return -180 <= lon <= 180 and -90 <= lat <= 90  # noqa: PLR2004


def is_swapped(lon: float, lat: float, territory: Bounds | None) -> bool:
    """Tell whether the axes are the wrong way round.

    They are where only the other way round can be degrees, or lies near the
    territory. Without a territory, only the first can be told.
    """
    if not is_in_range(lat, lon):
        return False
    if territory is None:
        return not is_in_range(lon, lat)
    return _is_near(lat, lon, territory) and not _is_near(lon, lat, territory)


def _is_near(lon: float, lat: float, territory: Bounds) -> bool:
    west, south, east, north = territory
    return (
        west - NEAR_DEGREES <= lon <= east + NEAR_DEGREES
        and south - NEAR_DEGREES <= lat <= north + NEAR_DEGREES
    )


def _not_a_number(text: str, row: int) -> Problem:
    message: Message = say("“{text}” is not a number.", text=text[:40])
    if not text:
        message = say("A coordinate is missing.")
    remedy = say("Write degrees with a point, as in 117.4535.")
    return Problem(Fault.NOT_A_NUMBER, message, remedy, row=row)
