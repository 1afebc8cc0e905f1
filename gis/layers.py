"""Own layers in the database: the roads, water, houses and hamlets that maps are drawn with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, text

from gis.cells.coordinates import Bounds
from gis.cells.datum import Datum
from gis.errors import InvalidFile
from gis.imported import Imported
from gis.layerfiles import Drawable, read_layer
from gis.tables import layer_feature

L = layer_feature.c


@dataclass(frozen=True, slots=True)
class LayerImported(Imported):
    """What became of a file.

    Attributes
    ----------
    read, written, skipped
        Features: all, those now in the database that were not before, and those
        left out on request.
    notes
        How often something was put right, by a word for it; ``unchanged`` features
        were there already, ``replaced`` ones made room for this file's.
    """


def import_layer(
    conn: Connection,
    path: Path,
    *,
    kind: str,
    name_field: str | None = None,
    crs: str | None = None,
    datum: str = Datum.WGS84,
    encoding: str | None = None,
    skip_bad_rows: bool = False,
) -> LayerImported:
    """Take the things of one kind in from a file, in place of those it brought before.

    What came before is known by the file's name and the kind; the same content
    again changes nothing. The parameters are those of
    :func:`gis.layerfiles.read_layer`.

    Raises
    ------
    InvalidFile
        If the file cannot be taken in, or a feature is bad and bad ones may not
        be left out.
    """
    file = read_layer(
        path, kind=kind, name_field=name_field, crs=crs, datum=Datum(datum), encoding=encoding
    )
    if file.problems and not (skip_bad_rows and file.features):
        raise InvalidFile(file.problems)
    written, notes = _replace(conn, file.features, kind=kind, source=path.name)
    return LayerImported(
        file.read, written, len(file.problems), tuple(file.problems), {**file.notes, **notes}
    )


def layers_in(conn: Connection, *, bbox: Bounds | None = None) -> dict[str, list[BaseGeometry]]:
    """Return lines and polygons in EPSG:4326 by kind, in the order of their import.

    Parameters
    ----------
    bbox
        Only what has a bounding box that meets it, uncut. None: everything.
    """
    query = select(L.kind, L.geom).order_by(L.id)
    if bbox is not None:
        query = query.where(L.geom.op("&&")(func.st_makeenvelope(*bbox, 4326)))
    found: dict[str, list[BaseGeometry]] = defaultdict(list)
    for kind, geom in conn.execute(query):
        found[kind].append(geom)
    return dict(found)


def named_in(conn: Connection, *, bbox: Bounds) -> list[Drawable]:
    """Return what has a name within a bounding box, houses aside, in the order of the import."""
    query = (
        select(L.kind, L.name, L.geom)
        .where(
            L.name != "",
            L.kind != "building",
            L.geom.op("&&")(func.st_makeenvelope(*bbox, 4326)),
        )
        .order_by(L.id)
    )
    return [Drawable(*row) for row in conn.execute(query)]


def _replace(
    conn: Connection, features: Sequence[Drawable], *, kind: str, source: str
) -> tuple[int, dict[str, int]]:
    """Store the features; return how many are new, and notes on those that were there."""
    # Two imports of one file would both find it new: they take turns.
    conn.execute(text("lock table layer_feature in share row exclusive mode"))
    before = _came_with(source, kind)
    there = conn.execute(select(L.kind, L.name, L.geom).where(before).order_by(L.id))
    old = [_content(Drawable(*row)) for row in there]
    if old == [_content(feature) for feature in features]:
        return 0, {"unchanged": len(old)}
    conn.execute(delete(layer_feature).where(before))
    rows = [{"kind": f.kind, "name": f.name, "geom": f.geom, "source": source} for f in features]
    conn.execute(insert(layer_feature), rows)
    return len(rows), {"replaced": len(old)} if old else {}


def _came_with(source: str, kind: str) -> ColumnElement[bool]:
    kinds = ("road", "lane") if kind == "road" else (kind,)
    return and_(L.source == source, L.kind.in_(kinds))


def _content(feature: Drawable) -> tuple[str, str, bytes]:
    return feature.kind, feature.name, shapely.to_wkb(feature.geom)
