"""Files of own layers in, lines and polygons in EPSG:4326 out, or the reasons why not.

What holds for files of boundaries holds here, through the same readers: formats,
archives, encodings, projections, and what is refused.
"""

import json
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from gis.cells import encodings, fields, geojson, reading, vector
from gis.cells.archive import unpacked
from gis.cells.datum import Datum
from gis.cells.layer import Feature, Layer
from gis.cells.problems import Fault, refusal
from gis.errors import Problem
from gis.messages import say

LINES = frozenset({"road", "lane", "rail", "water"})
AREAS = frozenset({"water", "wood", "building", "hamlet"})
NARROW = ("lane", "path")
"""A road whose own property ``kind`` is one of these is a lane."""

_Row = tuple[Mapping[str, object], BaseGeometry | None]


@dataclass(frozen=True, slots=True)
class Drawable:
    """One feature of an own layer: something on the ground, with its name if it has one."""

    kind: str
    name: str
    geom: BaseGeometry


@dataclass(frozen=True, slots=True)
class LayerFile:
    """The features of a file, how many there are in all, and what is wrong with the others."""

    read: int
    features: Sequence[Drawable]
    problems: Sequence[Problem]
    notes: Mapping[str, int]


def read_layer(
    path: Path,
    *,
    kind: str,
    name_field: str | None = None,
    crs: str | None = None,
    datum: Datum = Datum.WGS84,
    encoding: str | None = None,
) -> LayerFile:
    """Read a file of things of one kind; lanes may stand among roads, see ``NARROW``.

    Parameters
    ----------
    path, crs, datum, encoding
        As for boundaries: :func:`gis.cells.reading.read`.
    kind
        One of ``LINES`` (LineString, MultiLineString) or ``AREAS`` (Polygon, MultiPolygon).
    name_field
        None: the usual ones are looked for, in any case of letters.

    Raises
    ------
    InvalidFile
        If the file as a whole cannot be read, is empty, declares no projection,
        or has no such field.
    InvalidInput
        If there is no such ``crs``.
    """
    given = None if crs is None else reading.crs_given(crs)
    reading.check_file(path)
    with TemporaryDirectory() as folder:
        inner = unpacked(path, Path(folder)) if path.suffix.lower() == ".zip" else path
        layer = _layer(inner, encoding, kind)
    if not layer.read:
        raise refusal(Fault.EMPTY, say("The file holds no features."))
    names = fields.fields_named(layer, name_field, fields.NAMES)
    shapes = np.array([feature.shape for feature in layer.features], dtype=object)
    corners = shapely.get_num_coordinates(shapes).sum()
    if layer.read > reading.FEATURES or corners > reading.VERTICES:
        raise refusal(
            Fault.TOO_LARGE,
            say(
                "The file holds more than {n} features or {m} corners.",
                n=reading.FEATURES,
                m=reading.VERTICES,
            ),
            say("Import it in parts."),
        )
    found = reading.in_degrees(layer, shapes, given or reading.crs_declared(layer.crs), datum)
    drawable = [
        Drawable(
            _kind(feature, kind), fields.text_of(fields.first_value(feature, names)), feature.shape
        )
        for feature in found.features
    ]
    return LayerFile(found.read, drawable, found.problems, found.notes)


def _layer(path: Path, encoding: str | None, kind: str) -> Layer:
    """Return a file's features in its own coordinates."""
    if path.suffix.lower() in (".geojson", ".json"):
        crs, rows, used = _geojson_rows(path, encoding)
    else:
        crs, rows, used = _vector_rows(path, encoding)
    notes = Counter(encodings.note(used))
    features: list[Feature] = []
    problems: list[Problem] = []
    for number, (properties, shape) in enumerate(rows, start=1):
        problem = _problem(number, shape, kind)
        if problem is not None:
            problems.append(problem)
            continue
        if shapely.has_z(shape):
            notes["dropped_height"] += 1
        features.append(Feature(number, properties, shapely.force_2d(shape)))
    names = dict.fromkeys(name for properties, _ in rows for name in properties)
    return Layer(tuple(names), crs, len(rows), features, problems, notes)


def _geojson_rows(path: Path, encoding: str | None) -> tuple[str, Sequence[_Row], str]:
    """Return the CRS that a GeoJSON declares, its features, and the encoding that fitted."""
    choices = encodings.candidates(encoding)
    text, used = encodings.first_that_fits(choices, path.read_bytes().decode)
    members, crs = geojson.members_of(geojson.parsed(text))
    rows: list[_Row] = []
    for member in members:
        feature = member if isinstance(member, dict) else {}
        properties = feature.get("properties")
        geometry = json.dumps(feature.get("geometry"))
        with np.errstate(over="ignore"):  # a number beyond all doubles
            shape = shapely.from_geojson(geometry, on_invalid="ignore")
        rows.append((properties if isinstance(properties, dict) else {}, shape))
    return crs, rows, used


def _vector_rows(path: Path, encoding: str | None) -> tuple[str, Sequence[_Row], str]:
    """Return the same of a file that GDAL reads."""
    if path.suffix.lower() not in (".shp", ".gpkg", ".kml", ".gml"):
        raise refusal(
            Fault.UNREADABLE,
            say("“{suffix}” is no format of layers.", suffix=path.suffix),
            say("These can be imported: {types}.", types=reading.TYPES),
        )
    vector.look(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's: the features tell it better
            tables = [vector.Table.read(path, name) for name in vector.layer_names(path)]
    except (DataSourceError, DataLayerError) as error:
        raise vector.unreadable(say("GDAL cannot read it: {reason}", reason=str(error))) from None
    used = "utf-8"
    if path.suffix.lower() == ".shp":
        choices = encodings.candidates(encoding, vector.declared_encoding(path))
        tables, used = encodings.first_that_fits(
            choices, lambda name: [table.decoded(name) for table in tables]
        )
    rows = [
        (properties, None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore"))
        for table in tables
        for properties, wkb in table.rows()
    ]
    return tables[0].crs, rows, used


def _problem(number: int, shape: BaseGeometry | None, kind: str) -> Problem | None:
    """Return why a feature cannot be drawn as a kind, in whatever coordinates; None if it can."""
    remedy = say("Mend it in a GIS program.")
    if shape is None or shape.is_empty:
        message = say("It has no geometry that can be read.")
    elif not np.isfinite(shapely.get_coordinates(shape)).all():
        message = say("A coordinate of it is not a number.")
        return Problem(Fault.NOT_A_NUMBER, message, remedy, feature=number)
    elif shape.geom_type not in _shapes(kind):
        message = say("Its geometry is a {shape}.", shape=shape.geom_type)
        remedy = say("Drawn as {kind}: {shapes}.", kind=kind, shapes=", ".join(_shapes(kind)))
    elif not shape.length:
        message = say("All of its corners are one point.")
    else:
        return None
    return Problem("wrong_shape", message, remedy, feature=number)


def _shapes(kind: str) -> Sequence[str]:
    lines = ("LineString", "MultiLineString") if kind in LINES else ()
    areas = ("Polygon", "MultiPolygon") if kind in AREAS else ()
    return (*lines, *areas)


def _kind(feature: Feature, kind: str) -> str:
    return "lane" if kind == "road" and feature.properties.get("kind") in NARROW else kind
