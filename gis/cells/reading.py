"""Boundary files in, polygons in EPSG:4326 (WGS-84) out, or the reasons why not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely import MultiPolygon, Polygon

from gis.cells.archive import unpacked
from gis.cells.datum import Datum, to_wgs84
from gis.cells.geojson import read_geojson
from gis.cells.layer import Feature, Layer
from gis.cells.problems import Fault, Flaw, refusal
from gis.cells.vector import read_vector
from gis.errors import InvalidInput, Problem
from gis.messages import say

BYTES = 100 * 2**20
FEATURES = 200_000
VERTICES = 5_000_000

_TARGET = CRS("EPSG:4326")
TYPES = "GeoJSON, Shapefile (zip), GeoPackage, KML, GML"


def read(
    path: Path,
    *,
    crs: str | None = None,
    datum: Datum = Datum.WGS84,
    encoding: str | None = None,
) -> Layer:
    """Read a file of boundaries.

    Parameters
    ----------
    path
        GeoJSON, zipped Shapefile, GeoPackage, KML or GML; the suffix tells which.
    crs
        As in ``EPSG:4549``. It comes before what the file declares.
    datum
        What the degrees refer to; no file says so.
    encoding
        Of a GeoJSON's or Shapefile's text. None: UTF-8, else Chinese, else as declared.

    Returns
    -------
    A layer whose shapes are valid, two-dimensional, not empty, and in EPSG:4326;
    features that cannot be such stand in its problems.

    Raises
    ------
    InvalidFile
        If the file as a whole cannot be read, is empty, or declares no projection.
    InvalidInput
        If there is no such ``crs``.
    """
    given = None if crs is None else crs_given(crs)
    check_file(path)
    if path.suffix.lower() == ".zip":
        with TemporaryDirectory() as folder:
            layer = _read_one(unpacked(path, Path(folder)), encoding)
    else:
        layer = _read_one(path, encoding)
    if not layer.read:
        raise refusal(Fault.EMPTY, say("The file holds no features."))
    shapes = np.array([feature.shape for feature in layer.features], dtype=object)
    if layer.read > FEATURES or shapely.get_num_coordinates(shapes).sum() > VERTICES:
        raise refusal(
            Fault.TOO_LARGE,
            say("The file holds more than {n} features or {m} corners.", n=FEATURES, m=VERTICES),
            say("Import it in parts."),
        )
    return in_degrees(layer, shapes, given or crs_declared(layer.crs), datum)


def check_file(path: Path) -> None:
    """Refuse a file that is missing, too large, or of a type we do not read."""
    if not path.is_file():
        raise refusal(
            Fault.MISSING_FILE,
            say("There is no file {path}.", path=path),
            say("Check its name and folder."),
        )
    if path.stat().st_size > BYTES:
        raise refusal(
            Fault.TOO_LARGE,
            say("The file is larger than {n} MB.", n=BYTES // 2**20),
            say("Import it in parts."),
        )


def _read_one(path: Path, encoding: str | None) -> Layer:
    match path.suffix.lower():
        case ".geojson" | ".json":
            return read_geojson(path, encoding=encoding)
        case ".shp" | ".gpkg" | ".kml" | ".gml":
            return read_vector(path, encoding=encoding)
    raise refusal(
        Fault.UNREADABLE,
        say("“{suffix}” is no format of boundaries.", suffix=path.suffix),
        say("These can be imported: {types}.", types=TYPES),
    )


def crs_given(text: str) -> CRS:
    """Return the projection that somebody named; InvalidFile if there is none of that name."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise InvalidInput(
            say("There is no projection “{text}”.", text=text),
            remedy=say("Name it as EPSG:4490 or EPSG:4549."),
            field="crs",
        ) from None


def crs_declared(text: str) -> CRS:
    """Return the projection that a file declares; InvalidFile if it is not known."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise refusal(
            Fault.UNDECLARED_PROJECTION,
            say("The file does not declare a projection that is known."),
            say("Ask who made it, and name it with --crs, as in --crs EPSG:4490."),
        ) from None


def in_degrees(layer: Layer, shapes: NDArray[np.object_], crs: CRS, datum: Datum) -> Layer:
    """Return the layer with its shapes in EPSG:4326, from another projection and datum."""
    try:
        transformer = Transformer.from_crs(crs, _TARGET, always_xy=True)
    except ProjError:
        raise refusal(
            Fault.UNDECLARED_PROJECTION,
            say("{crs} cannot be turned into degrees.", crs=crs.name),
            say("Ask who made it, and name it with --crs, as in --crs EPSG:4490."),
        ) from None
    misfits = _misfits(shapes, crs)
    if not crs.equals(_TARGET, ignore_axis_order=True):
        shapes = shapely.transform(
            shapes, lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1]))
        )
    degrees = shapely.transform(shapes, lambda at: to_wgs84(at, datum))
    misfits |= _misfits(degrees, _TARGET)
    good: list[Feature] = []
    problems: list[Problem] = [*layer.problems]
    for index, (feature, shape) in enumerate(zip(layer.features, degrees, strict=True)):
        flaw = misfits.get(index) or _flaw(shape)
        if flaw is None:
            good.append(replace(feature, shape=shape))
        else:
            problems.append(flaw.of_feature(feature.number))
    problems.sort(key=lambda problem: problem.feature or 0)
    return replace(layer, crs=crs.name, features=good, problems=problems)


def _misfits(shapes: NDArray[np.object_], crs: CRS) -> dict[int, Flaw]:
    """Return, by index, the shapes whose numbers cannot be degrees of this CRS."""
    if not crs.is_geographic:
        return {}
    at, index = shapely.get_coordinates(shapes, return_index=True)
    x, y = at.T
    fits = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004
    swapped = (np.abs(x) <= 90) & (np.abs(y) <= 180)  # noqa: PLR2004
    found: dict[int, Flaw] = {}
    for i in np.unique(index[~fits]):
        found[int(i)] = _swapped() if swapped[index == i].all() else _out_of_range(crs)
    for i in np.unique(index[(x == 0) & (y == 0)]):
        found[int(i)] = Flaw(
            Fault.NULL_ISLAND,
            say("A corner lies at 0, 0: a coordinate is missing."),
            say("Put the corner where it belongs."),
            at=(0.0, 0.0),
        )
    return found


def _swapped() -> Flaw:
    return Flaw(
        Fault.SWAPPED,
        say("Longitude and latitude are swapped."),
        say("Export it with the longitude first."),
    )


def _out_of_range(crs: CRS) -> Flaw:
    return Flaw(
        Fault.OUT_OF_RANGE,
        say("Its coordinates are no degrees, though the file says {crs}.", crs=crs.name),
        say("Ask who made it, and name the projection with --crs, as in --crs EPSG:4549."),
    )


def _flaw(shape: Polygon | MultiPolygon) -> Flaw | None:
    if shape.is_valid:
        return None
    reason, _, rest = shapely.is_valid_reason(shape).partition("[")
    numbers: Sequence[str] = rest.rstrip("]").split()
    at = (float(numbers[0]), float(numbers[1])) if len(numbers) > 1 else None
    if shape.convex_hull.area == 0:
        message = say("Its polygon has no area.")
    elif "Self-intersection" in reason:
        message = say("The border of its polygon crosses or touches itself.")
    else:
        message = say("The rings of its polygon do not fit into one another.")
    remedy = say("Mend the border there in a GIS program.")
    return Flaw(Fault.BROKEN_POLYGON, message, remedy, at=at)
