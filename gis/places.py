"""Places in the database: what people know the ground by, and visit."""

from collections.abc import Sequence
from pathlib import Path

import shapely
from sqlalchemy import Connection, delete, func, insert, select, text

from gis.cells import store as cells
from gis.cells.coordinates import Bounds, bounds_of
from gis.cells.datum import Datum
from gis.errors import InvalidFile
from gis.imported import Imported
from gis.placefiles import Columns, Place, read_places
from gis.tables import place

P = place.c


def import_places(
    conn: Connection,
    path: Path,
    columns: Columns,
    *,
    crs: str | None = None,
    datum: str = Datum.WGS84,
    encoding: str | None = None,
    skip_bad_rows: bool = False,
) -> Imported:
    """Take the places of a file in, in the stead of those it brought before.

    What came before is known by the file's name; the same content again changes
    nothing. The parameters are those of :func:`gis.placefiles.read_places`. In the
    result, ``unchanged`` places were there already, ``replaced`` ones made room.

    Raises
    ------
    InvalidFile
        If the file cannot be taken in, or a row is bad and bad ones may not be
        left out.
    """
    file = read_places(
        path,
        columns,
        crs=crs,
        datum=Datum(datum),
        encoding=encoding,
        territory=bounds_of(cells.cells_on(conn)),
    )
    if file.problems and not (skip_bad_rows and file.places):
        raise InvalidFile(file.problems)
    written, notes = _replace(conn, file.places, source=path.name)
    return Imported(
        file.read, written, len(file.problems), tuple(file.problems), {**file.notes, **notes}
    )


def places_in(conn: Connection, *, bbox: Bounds | None = None) -> list[Place]:
    """Return the places within a bounding box (None: everywhere), in the order of their import."""
    query = select(P.kind, P.name, P.geom).order_by(P.id)
    if bbox is not None:
        query = query.where(P.geom.op("&&")(func.st_makeenvelope(*bbox, 4326)))
    return [Place(*row) for row in conn.execute(query)]


def _replace(
    conn: Connection, places: Sequence[Place], *, source: str
) -> tuple[int, dict[str, int]]:
    """Store the places; return how many are new, and notes on those that were there."""
    # Two imports of one file would both find it new: they take turns.
    conn.execute(text("lock table place in share row exclusive mode"))
    came = P.source == source
    there = conn.execute(select(P.kind, P.name, P.geom).where(came).order_by(P.id))
    old = [_content(Place(*row)) for row in there]
    if old == [_content(each) for each in places]:
        return 0, {"unchanged": len(old)}
    conn.execute(delete(place).where(came))
    rows = [{"kind": p.kind, "name": p.name, "geom": p.geom, "source": source} for p in places]
    conn.execute(insert(place), rows)
    return len(rows), {"replaced": len(old)} if old else {}


def _content(each: Place) -> tuple[str, str, bytes]:
    return each.kind, each.name, shapely.to_wkb(each.geom)
