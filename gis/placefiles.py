"""Files of places in, named points in EPSG:4326 out, or the reasons why not.

What holds for files of own layers holds here, through the same readers; tables
(CSV) with two columns of coordinates are read too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from gis.cells import fields
from gis.cells.coordinates import Bounds, is_swapped, read_coordinate
from gis.cells.datum import Datum, to_wgs84
from gis.cells.problems import Fault, refusal
from gis.errors import InvalidInput, Problem
from gis.layerfiles import in_degrees, read_features
from gis.messages import Message, say
from gis.textfiles import TextTable, read_csv, require

NO_KIND, NO_NAME = "no_kind", "no_name"
"""Codes of problems: the field is empty."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point that people know the ground by; ``kind`` is as its file calls it."""

    kind: str
    name: str
    geom: Point


@dataclass(frozen=True, slots=True)
class PlaceFile:
    """The places of a file, how many rows there are in all, and what is wrong with the others."""

    read: int
    places: Sequence[Place]
    problems: Sequence[Problem]
    notes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which field holds what. ``name`` None: the usual ones are looked for.

    ``lon`` and ``lat`` are of tables only.
    """

    kind: str
    name: str | None = None
    lon: str | None = None
    lat: str | None = None


def read_places(
    path: Path,
    columns: Columns,
    *,
    crs: str | None = None,
    datum: Datum = Datum.WGS84,
    encoding: str | None = None,
    territory: Bounds | None = None,
) -> PlaceFile:
    """Read a file of places.

    Parameters
    ----------
    path, crs, datum, encoding
        As for boundaries: :func:`gis.cells.reading.read`. A table holds degrees.
    territory
        Of all cells; it tells swapped coordinates.

    Raises
    ------
    InvalidFile
        If the file as a whole cannot be read, is empty, declares no projection,
        or has no such field.
    InvalidInput
        If there is no such ``crs``, or the fields of coordinates are given for a
        file that has geometries, or missing for one that has none.
    """
    if path.suffix.lower() == ".csv":
        if crs is not None:
            raise InvalidInput(
                say("A table holds degrees: --crs does not apply to it."),
                remedy=say("Leave --crs out, or save the places as GeoJSON or GeoPackage."),
                field="crs",
            )
        return _of_table(path, columns, datum=datum, encoding=encoding, territory=territory)
    if columns.lon is not None or columns.lat is not None:
        raise InvalidInput(
            say("--lon-field and --lat-field are for tables (CSV): this file has its geometry."),
            remedy=say("Leave them out."),
            field="lon_field",
        )
    layer = read_features(path, _misfit, encoding=encoding)
    kinds = fields.fields_named(layer, columns.kind, ())
    names = _names(layer.fields, fields.fields_named(layer, columns.name, fields.NAMES))
    found = in_degrees(layer, crs=crs, datum=datum)
    places: list[Place] = []
    problems = list(found.problems)
    for feature in found.features:
        point = shapely.get_geometry(feature.shape, 0)
        kind = fields.text_of(fields.first_value(feature, kinds))
        name = fields.text_of(fields.first_value(feature, names))
        why = _lacking(kind, name) or _elsewhere(point, territory)
        if why is None:
            places.append(Place(kind, name, point))
        else:
            problems.append(Problem(*why, feature=feature.number, lon=point.x, lat=point.y))
    problems.sort(key=lambda problem: problem.feature or 0)
    return PlaceFile(found.read, places, problems, found.notes)


def _of_table(
    path: Path,
    columns: Columns,
    *,
    datum: Datum,
    encoding: str | None,
    territory: Bounds | None,
) -> PlaceFile:
    if columns.lon is None or columns.lat is None:
        raise InvalidInput(
            say("A table needs --lon-field and --lat-field."),
            remedy=say("Name the columns that hold longitude and latitude."),
            field="lon_field" if columns.lon is None else "lat_field",
        )
    table = read_csv(path, encoding=encoding)
    wanted = {f"--{name}-field": getattr(columns, name) for name in ("lon", "lat", "kind", "name")}
    require(table, wanted)
    if not table.rows:
        raise refusal(Fault.EMPTY, say("The file holds no rows."))
    return _of_rows(table, columns, datum=datum, territory=territory)


def _of_rows(
    table: TextTable, columns: Columns, *, datum: Datum, territory: Bounds | None
) -> PlaceFile:
    usual = [f for f in table.fields if f.lower() in fields.NAMES]
    named = _names(table.fields, [columns.name] if columns.name else usual)
    texts = [table.column(str(field)) for field in (columns.lon, columns.lat, columns.kind)]
    names = [next(filter(None, row), "") for row in zip(*map(table.column, named), strict=True)]
    rows: list[tuple[str, str, tuple[float, float]]] = []
    problems: list[Problem] = []
    for number, (lon, lat, kind, name) in enumerate(zip(*texts, names, strict=True), start=1):
        at = read_coordinate(lon, lat, row=number, territory=territory)
        kind, name = fields.text_of(kind), fields.text_of(name)  # noqa: PLW2901 — one line of text
        if isinstance(at, Problem):
            problems.append(at)
        elif why := _lacking(kind, name):
            problems.append(Problem(*why, row=number, lon=at[0], lat=at[1]))
        else:
            rows.append((kind, name, at))
    degrees = to_wgs84(np.array([at for _, _, at in rows], np.float64).reshape(-1, 2), datum)
    places = [
        Place(kind, name, point)
        for (kind, name, _), point in zip(rows, shapely.points(degrees), strict=True)
    ]
    return PlaceFile(len(table.rows), places, problems, {})


def _names(have: Sequence[str], found: Sequence[str]) -> Sequence[str]:
    if found:
        return found
    raise refusal(
        Fault.WRONG_FIELD,
        say("The file has no field of names; its fields are: {fields}.", fields=", ".join(have)),
        say("Name the field that holds the names with --name-field."),
    )


def _misfit(shape: BaseGeometry) -> tuple[Message, Message] | None:
    single = shape.geom_type == "MultiPoint" and shapely.get_num_geometries(shape) == 1
    if shape.geom_type == "Point" or single:
        return None
    return (
        say("Its geometry is a {shape}.", shape=shape.geom_type),
        say("A place is a point: use the centroids, or import it as a layer."),
    )


def _lacking(kind: str, name: str) -> tuple[str, Message, Message] | None:
    if not name:
        return NO_NAME, say("It has no name."), say("Fill it in: places are found by their names.")
    if not kind:
        return NO_KIND, say("Its kind is empty."), say("Fill it in, as school or shop.")
    return None


def _elsewhere(point: Point, territory: Bounds | None) -> tuple[str, Message, Message] | None:
    if not is_swapped(point.x, point.y, territory):
        return None
    return (
        Fault.SWAPPED,
        say("Longitude and latitude are swapped."),
        say("Export it with the longitude first."),
    )
