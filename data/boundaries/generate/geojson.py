"""GeoJSON files: one feature a line, the same bytes for the same features."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.boundaries.generate.lattice import lonlat, metres

Feature = tuple[Mapping[str, Any], BaseGeometry]
"""Properties, and a geometry in EPSG:4326 (or in metres where a function says so)."""

NOTE = (
    "示意数据：名称与代码属实，图形为虚构。Illustrative: names and codes are real, shapes are not."
)


def write(path: Path, features: Iterable[Feature]) -> None:
    """Write a collection; empty geometries are left out.

    Python prints a double with the fewest digits that give it back, so a multiple of 1e-8
    shows at most 8 decimals.
    """
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shapely.geometry.mapping(shapely.orient_polygons(shape)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, shape in features
        if not shape.is_empty
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'{{"type":"FeatureCollection","note":"{NOTE}","features":[\n'
    path.write_bytes((head + ",\n".join(lines) + "\n]}\n").encode())


def read(path: Path) -> list[Feature]:
    """Return the features of a file that :func:`write` wrote."""
    found = json.loads(path.read_bytes())["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in found])
    return [(feature["properties"], shape) for feature, shape in zip(found, shapes, strict=True)]


def write_metres(path: Path, features: Iterable[Feature]) -> None:
    """Write features whose geometry is in metres, at 6 decimals of a degree."""
    write(path, [(properties, shapely.transform(shape, lonlat)) for properties, shape in features])


def read_metres(path: Path) -> list[Feature]:
    """Return the features of a file, their geometry in metres."""
    return [(properties, shapely.transform(shape, metres)) for properties, shape in read(path)]


def parts(features: Iterable[Feature]) -> Any:
    """Return the single parts of all geometries, in order; an empty array if there are none."""
    return shapely.get_parts(np.array([shape for _, shape in features], dtype=object))
