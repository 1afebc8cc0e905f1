"""GeoJSON read ring by ring.

Geometry libraries take many broken GeoJSON files without a word: rings that do
not close, texts for numbers, collections in collections, NaN. Here each of
them is refused with its reason, or put right and counted.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shapely import MultiPolygon, Polygon

from gis.cells import encodings
from gis.cells.layer import Feature, Layer
from gis.cells.problems import Fault, Flaw, refusal
from gis.errors import InvalidFile, Problem
from gis.messages import Message, say

CRS84 = "EPSG:4326"
"""RFC 7946 knows no other; a ``crs`` member of the older draft is honoured."""

_POSITION = 2
_CLOSED_RING = 4
_KIND = 40


def read_geojson(path: Path, *, encoding: str | None = None) -> Layer:
    """Read the polygons of a FeatureCollection, or of one Feature.

    Raises
    ------
    InvalidFile
        If it is not JSON, or JSON of something else. A bad feature only stands
        in ``problems``.
    """
    data = path.read_bytes()
    text, used = encodings.first_that_fits(encodings.candidates(encoding), data.decode)
    members, crs = members_of(parsed(text))
    notes = Counter(encodings.note(used))
    features: list[Feature] = []
    problems: list[Problem] = []
    fields: dict[str, None] = {}
    for number, member in enumerate(members, start=1):
        properties = member.get("properties") if isinstance(member, dict) else None
        properties = speakable(properties) if isinstance(properties, dict) else {}
        fields.update(dict.fromkeys(properties))
        try:
            features.append(Feature(number, properties, _shape(member, notes)))
        except Flaw as flaw:
            problems.append(flaw.of_feature(number))
    return Layer(tuple(fields), crs, len(members), features, problems, notes, encodings.named(used))


def speakable(properties: Mapping[str, object]) -> dict[str, object]:
    """Return the properties, their texts without the half characters that JSON may hold."""
    return {_text(key): _text(v) if isinstance(v, str) else v for key, v in properties.items()}


def _text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def parsed(text: str) -> object:
    """Return the JSON of a text; InvalidFile where it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(
            say(
                "The file is not JSON: line {line}, column {column}.",
                line=error.lineno,
                column=error.colno,
            )
        ) from None
    except RecursionError:
        raise _unreadable(say("The JSON is nested too deep.")) from None
    except ValueError:  # an integer of thousands of digits
        raise _unreadable(say("The JSON holds a number that is too long.")) from None


def members_of(root: object) -> tuple[Sequence[Any], str]:
    """Return the features and the CRS that the file declares."""
    kind = root.get("type") if isinstance(root, dict) else None
    if not isinstance(root, dict) or kind not in ("FeatureCollection", "Feature"):
        raise _unreadable(say("The JSON is not a GeoJSON FeatureCollection."))
    members = root.get("features") if kind == "FeatureCollection" else [root]
    if not isinstance(members, list):
        raise _unreadable(say("The FeatureCollection has no list of features."))
    return members, _declared(root)


def _declared(root: Mapping[str, Any]) -> str:
    if "crs" not in root:
        return CRS84
    crs = root["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return _text(name) if isinstance(name, str) else ""


def _unreadable(reason: Message) -> InvalidFile:
    return refusal(Fault.UNREADABLE, reason, say("Export it anew as GeoJSON."))


def _shape(member: object, notes: Counter[str]) -> Polygon | MultiPolygon:
    geometry = member.get("geometry") if isinstance(member, dict) else None
    if not isinstance(geometry, dict):
        raise Flaw(Fault.NO_POLYGON, say("It has no geometry."))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise Flaw(
            Fault.NO_POLYGON,
            say("Its geometry is a {kind}, not a polygon.", kind=_text(str(kind)[:_KIND])),
            say("A cell is a Polygon or a MultiPolygon."),
        )
    if kind == "Polygon":
        return _polygon(coordinates, notes)
    return MultiPolygon([_polygon(rings, notes) for rings in _list(coordinates)])


def _polygon(rings: object, notes: Counter[str]) -> Polygon:
    outer, *holes = [_ring(ring, notes) for ring in _list(rings)]
    if _doubled_area(outer) < 0 or any(_doubled_area(hole) > 0 for hole in holes):
        notes["wrong_winding"] += 1
    return Polygon(outer, holes)


def _ring(positions: object, notes: Counter[str]) -> Any:
    """Return a ring as an array (n, 2); its first and last row are the same."""
    rows = _list(positions)
    lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
    numbers = (
        lengths
        and min(lengths) >= _POSITION
        and all(type(value) is float or type(value) is int for row in rows for value in row)
    )
    if not numbers or not all(_is_finite(value) for row in rows for value in row):
        raise Flaw(
            Fault.NOT_A_NUMBER,
            say("A coordinate of its polygon is not a number."),
            say("A position is [longitude, latitude], two numbers."),
        )
    if lengths != {_POSITION}:
        notes["dropped_height"] += 1
    ring = np.array([row[:_POSITION] for row in rows], dtype=np.float64)
    if not np.array_equal(ring[0], ring[-1]):
        raise Flaw(
            Fault.BROKEN_POLYGON,
            say("A ring of its polygon does not end where it begins."),
            say("Close it in a GIS program: corners may have been lost."),
        )
    if len(ring) < _CLOSED_RING:
        raise Flaw(Fault.BROKEN_POLYGON, say("A ring of its polygon has fewer than three corners."))
    return ring


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Flaw(Fault.NO_POLYGON, say("Its polygon is empty."))
    return value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all doubles
        return False


def _doubled_area(ring: Any) -> float:
    x, y = (ring - ring[0]).T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
