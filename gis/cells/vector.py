"""Shapefile, GeoPackage, KML and GML, read by GDAL after a look at what it is given."""

import codecs
import math
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely import MultiPolygon, Polygon

from gis.cells import encodings
from gis.cells.layer import Feature, Layer
from gis.cells.problems import Fault, Flaw, refusal
from gis.errors import InvalidFile, Problem
from gis.messages import Message, say

_OPTIONS = {".gml": {"WRITE_GFS": "NO", "DOWNLOAD_SCHEMA": "NO"}}  # leave no file, ask no server
_BYTES = "ISO-8859-1"  # a character a byte, there and back
_SQLITE = b"SQLite format 3\0"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_ROOTS = {".kml": "kml", ".gml": "FeatureCollection"}


def read_vector(path: Path, *, encoding: str | None = None) -> Layer:
    """Read the polygons of the one layer that has any; of a KML, of all folders.

    Raises
    ------
    InvalidFile
        If it is not what its name says, XML with a DOCTYPE, a Shapefile without
        its parts, or has several layers. A bad feature only stands in ``problems``.
    """
    look(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's: the features tell it better
            tables = [Table.read(path, name) for name in layer_names(path)]
    except (DataSourceError, DataLayerError) as error:
        reason = str(error).replace(str(path), path.name)  # where it lies concerns nobody
        raise unreadable(say("GDAL cannot read it: {reason}", reason=reason)) from None
    used = "utf-8"
    if path.suffix.lower() == ".shp":
        choices = encodings.candidates(encoding, declared_encoding(path))
        tables, used = encodings.first_that_fits(
            choices, lambda name: [table.decoded(name) for table in tables]
        )
    return _layer(tables, used)


@dataclass(frozen=True, slots=True)
class Table:
    """One layer as GDAL gives it: columns of values, and a shape in WKB for each row."""

    crs: str
    fields: Sequence[str]
    columns: Sequence[Sequence[object]]
    wkb: Sequence[bytes | None]

    @classmethod
    def read(cls, path: Path, name: str) -> "Table":
        """Read a layer; texts of a Shapefile are bytes in disguise."""
        suffix = path.suffix.lower()
        encoding = _BYTES if suffix == ".shp" else None
        meta, _, wkb, columns = pyogrio.raw.read(
            path, layer=name, encoding=encoding, **_OPTIONS.get(suffix, {})
        )
        return cls(
            meta["crs"] or "",
            [str(field) for field in meta["fields"]],
            [[_plain(value) for value in column] for column in columns],
            list(wkb),
        )

    def decoded(self, encoding: str) -> "Table":
        """Return the table with its texts decoded; UnicodeDecodeError if they do not fit."""
        # A name longer than ten bytes is cut anywhere, in the middle of a character too.
        names = [
            codecs.getincrementaldecoder(encoding)().decode(f.encode(_BYTES)) for f in self.fields
        ]
        columns = [
            [v.encode(_BYTES).decode(encoding) if isinstance(v, str) else v for v in column]
            for column in self.columns
        ]
        return Table(self.crs, names, columns, self.wkb)

    def rows(self) -> Iterator[tuple[Mapping[str, object], bytes | None]]:
        """Yield the values and the shape of each row."""
        values = zip(*self.columns, strict=True) if self.columns else ((),) * len(self.wkb)
        for row, wkb in zip(values, self.wkb, strict=True):
            yield dict(zip(self.fields, row, strict=True)), wkb


def _layer(tables: Sequence[Table], encoding: str) -> Layer:
    notes = Counter(encodings.note(encoding))
    features: list[Feature] = []
    problems: list[Problem] = []
    number = 0
    for properties, wkb in (row for table in tables for row in table.rows()):
        number += 1
        try:
            features.append(Feature(number, properties, _shape(wkb, notes)))
        except Flaw as flaw:
            problems.append(flaw.of_feature(number))
    fields = dict.fromkeys(field for table in tables for field in table.fields)
    return Layer(
        tuple(fields),
        tables[0].crs,
        number,
        features,
        problems,
        notes,
        encodings.named(encoding),
    )


def _shape(wkb: bytes | None, notes: Counter[str]) -> Polygon | MultiPolygon:
    if wkb is None:
        raise Flaw(Fault.NO_POLYGON, say("It has no geometry."))
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    if shape is None:
        raise Flaw(Fault.BROKEN_POLYGON, say("A ring of its polygon does not end where it begins."))
    if not isinstance(shape, Polygon | MultiPolygon):
        raise Flaw(
            Fault.NO_POLYGON,
            say("Its geometry is a {kind}, not a polygon.", kind=shape.geom_type),
            say("A cell is a Polygon or a MultiPolygon."),
        )
    if shape.is_empty:
        raise Flaw(Fault.NO_POLYGON, say("Its polygon is empty."))
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise Flaw(Fault.NOT_A_NUMBER, say("A coordinate of its polygon is not a number."))
    if shape.has_z or shape.has_m:
        notes["dropped_height"] += 1
    return shapely.force_2d(shape)


def layer_names(path: Path) -> Sequence[str]:
    """Return the names of the layers that have shapes."""
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if not names:
        raise unreadable(say("The file holds no layer with shapes."))
    if len(names) > 1 and path.suffix.lower() != ".kml":
        raise refusal(
            Fault.SEVERAL_LAYERS,
            say("The file holds {n} layers: {names}.", n=len(names), names=", ".join(names)),
            say("Export the one layer alone."),
        )
    return names


def look(path: Path) -> None:
    """Refuse what is not what its name says, before GDAL guesses what else it may be."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(16)
    if suffix in _ROOTS:
        _look_at_xml(path, _ROOTS[suffix])
    elif not head.startswith(_SHAPEFILE if suffix == ".shp" else _SQLITE):
        raise unreadable(say("The file is no {kind}.", kind=suffix.lstrip(".")))
    if suffix == ".shp":
        missing = [p for p in (".shx", ".dbf") if not _part(path, p).exists()]
        if missing:
            raise refusal(
                Fault.UNREADABLE,
                say("The Shapefile has no {parts}.", parts=", ".join(missing)),
                say("A Shapefile is several files; put all of them into the zip archive."),
            )


def _look_at_xml(path: Path, root: str) -> None:
    """Refuse XML with a DOCTYPE (it may name files and grow without end), or of another kind."""
    seen: list[str] = []

    def begin(name: str, _attributes: object) -> None:
        if not seen:
            seen.append(name.rpartition(":")[2])

    def doctype(*_: object) -> None:
        raise unreadable(say("The XML has a DOCTYPE."))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = doctype
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise unreadable(say("The XML is broken: {reason}", reason=str(error))) from None
    if seen != [root]:
        raise unreadable(say("The file is no {kind}.", kind=path.suffix.lstrip(".").lower()))


def declared_encoding(path: Path) -> str | None:
    """Return what the .cpg beside a Shapefile says; None without one."""
    part = _part(path, ".cpg")
    return part.read_text("ascii", errors="replace").strip() if part.exists() else None


def _part(path: Path, suffix: str) -> Path:
    """Return a Shapefile's other file, in whichever case its suffix is written."""
    upper = path.with_suffix(suffix.upper())
    return upper if upper.exists() else path.with_suffix(suffix)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def unreadable(reason: Message) -> InvalidFile:
    """Return the error for a file that GDAL cannot read."""
    return refusal(Fault.UNREADABLE, reason, say("Export it anew from the GIS program."))
