"""Files of own layers in, lines and polygons in EPSG:4326 out, or the reasons why not.

What holds for files of boundaries holds here, through the same readers: formats,
archives, encodings, projections, and what is refused.
"""

import json
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from gis.messages import Message, say

LINES = frozenset({"road", "lane", "rail", "water"})
AREAS = frozenset({"water", "wood", "building", "hamlet"})
WRONG_SHAPE = "wrong_shape"
"""The code of a problem: the geometry is missing, or not one of the kind."""
NARROW = ("lane", "path")
"""A road whose own property ``kind`` is one of these is a lane."""

Row = tuple[Mapping[str, object], BaseGeometry | None]
"""Properties and geometry of a feature, in the file's own coordinates."""
Misfit = Callable[[BaseGeometry], tuple[Message, Message] | None]
"""Tells why a geometry is not of the kind that is wanted, and the remedy; None if it is."""


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
    layer = read_features(path, lambda shape: _misfit(shape, kind), encoding=encoding)
    names = fields.fields_named(layer, name_field, fields.NAMES)
    found = in_degrees(layer, crs=crs, datum=datum)
    drawable = [
        Drawable(
            _kind(feature, kind), fields.text_of(fields.first_value(feature, names)), feature.shape
        )
        for feature in found.features
    ]
    return LayerFile(found.read, drawable, found.problems, found.notes)


def read_features(
    path: Path,
    misfit: Misfit,
    *,
    encoding: str | None,
) -> Layer:
    """Return the features of a file in its own coordinates, without heights.

    Raises
    ------
    InvalidFile
        If the file as a whole cannot be read, or is empty.
    """
    reading.check_file(path)
    with TemporaryDirectory() as folder:
        inner = unpacked(path, Path(folder)) if path.suffix.lower() == ".zip" else path
        is_geojson = inner.suffix.lower() in (".geojson", ".json")
        crs, rows, used = (_geojson_rows if is_geojson else _vector_rows)(inner, encoding)
    if not rows:
        raise refusal(Fault.EMPTY, say("The file holds no features."))
    notes = Counter(encodings.note(used))
    features: list[Feature] = []
    problems: list[Problem] = []
    for number, (properties, shape) in enumerate(rows, start=1):
        problem = _problem(shape, misfit, number)
        if problem is not None:
            problems.append(problem)
            continue
        if shapely.has_z(shape):
            notes["dropped_height"] += 1
        features.append(Feature(number, properties, shapely.force_2d(shape)))
    names = dict.fromkeys(name for properties, _ in rows for name in properties)
    return Layer(tuple(names), crs, len(rows), features, problems, notes)


def in_degrees(layer: Layer, *, crs: str | None, datum: Datum) -> Layer:
    """Return the layer in EPSG:4326, from ``crs`` or else what it declares.

    Raises
    ------
    InvalidFile
        If it holds too much, or no projection is given or declared.
    InvalidInput
        If there is no such ``crs``.
    """
    given = None if crs is None else reading.crs_given(crs)
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
    return reading.in_degrees(layer, shapes, given or reading.crs_declared(layer.crs), datum)


def _geojson_rows(path: Path, encoding: str | None) -> tuple[str, Sequence[Row], str]:
    """Return the CRS that a GeoJSON declares, its features, and the encoding that fitted."""
    choices = encodings.candidates(encoding)
    text, used = encodings.first_that_fits(choices, path.read_bytes().decode)
    members, crs = geojson.members_of(geojson.parsed(text))
    rows: list[Row] = []
    for member in members:
        feature = member if isinstance(member, dict) else {}
        properties = feature.get("properties")
        geometry = json.dumps(feature.get("geometry"))
        with np.errstate(over="ignore"):  # a number beyond all doubles
            shape = shapely.from_geojson(geometry, on_invalid="ignore")
        rows.append((properties if isinstance(properties, dict) else {}, shape))
    return crs, rows, used


def _vector_rows(path: Path, encoding: str | None) -> tuple[str, Sequence[Row], str]:
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


def _problem(shape: BaseGeometry | None, misfit: Misfit, number: int) -> Problem | None:
    """Return why a feature cannot be taken, in whatever coordinates; None if it can."""
    mend = say("Mend it in a GIS program.")
    if shape is None or shape.is_empty:
        message = say("It has no geometry that can be read.")
        return Problem(WRONG_SHAPE, message, mend, feature=number)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        message = say("A coordinate of it is not a number.")
        return Problem(Fault.NOT_A_NUMBER, message, mend, feature=number)
    why = misfit(shape)
    return None if why is None else Problem(WRONG_SHAPE, *why, feature=number)


def _misfit(shape: BaseGeometry, kind: str) -> tuple[Message, Message] | None:
    """Return why a geometry cannot be drawn as a kind, and the remedy; None if it can."""
    if shape.geom_type not in _shapes(kind):
        return (
            say("Its geometry is a {shape}.", shape=shape.geom_type),
            say("Drawn as {kind}: {shapes}.", kind=kind, shapes=", ".join(_shapes(kind))),
        )
    if not shape.length:
        return say("All of its corners are one point."), say("Mend it in a GIS program.")
    return None


def _shapes(kind: str) -> Sequence[str]:
    lines = ("LineString", "MultiLineString") if kind in LINES else ()
    areas = ("Polygon", "MultiPolygon") if kind in AREAS else ()
    return (*lines, *areas)


def _kind(feature: Feature, kind: str) -> str:
    return "lane" if kind == "road" and feature.properties.get("kind") in NARROW else kind
