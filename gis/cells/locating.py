"""Tables of points: the cell of every row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gis.cells import store
from gis.cells.coordinates import bounds_of, read_coordinate
from gis.cells.location import locate_points
from gis.cells.model import CellShape
from gis.errors import InvalidFile, InvalidInput, Problem
from gis.hierarchy import Level
from gis.imported import Imported
from gis.messages import say
from gis.textfiles import extended, read_csv, require


@dataclass(frozen=True, slots=True)
class PointsLocated(Imported):
    """What was found for a table of points; nothing is stored.

    Attributes
    ----------
    notes
        How many rows bear each remark.
    table
        The file's own columns, and what was found; the head first.
    """

    table: list[list[str]]


def locate_table(
    conn: Connection,
    path: Path,
    *,
    lon_field: str,
    lat_field: str,
    level: Level | None = None,
    skip_bad_rows: bool = False,
) -> PointsLocated:
    """Find the cell of every row of a CSV file.

    Parameters
    ----------
    level
        Of the cells; None: the lowest there is.

    Raises
    ------
    InvalidFile
        If the table cannot be read, or a row is bad and bad ones may not be left out.
    InvalidInput
        If there are no cells of the level.
    """
    table = read_csv(path)
    require(table, {"--lon-field": lon_field, "--lat-field": lat_field})
    shapes = store.cells_on(conn)
    territory = bounds_of(shapes)
    texts = zip(table.column(lon_field), table.column(lat_field), strict=True)
    found = [
        read_coordinate(lon, lat, row=row, territory=territory)
        for row, (lon, lat) in enumerate(texts, start=1)
    ]
    bad = tuple(place for place in found if isinstance(place, Problem))
    if bad and not skip_bad_rows:
        raise InvalidFile(bad)
    good = {
        row: place for row, place in enumerate(found, start=1) if not isinstance(place, Problem)
    }
    lon, lat = zip(*good.values(), strict=True) if good else ((), ())
    located = locate_points(at_level(shapes, level), lon, lat)
    remarks = [located.notes(i) for i in range(len(good))]
    columns = {**located.columns(), "note": [";".join(notes) for notes in remarks]}
    return PointsLocated(
        read=len(found),
        written=len(good),
        skipped=len(bad),
        problems=bad,
        notes=dict(Counter(note for notes in remarks for note in notes)),
        table=extended(table, list(good), columns),
    )


def at_level(shapes: Sequence[CellShape], level: Level | None) -> list[CellShape]:
    """Return the cells of a level, of the lowest that there is where none is named.

    Raises
    ------
    InvalidInput
        If a level is named that has no cells.
    """
    lowest = level if level is not None else max((s.level for s in shapes), default=Level.UNIT)
    there = [shape for shape in shapes if shape.level == lowest]
    if level is not None and not there:
        raise InvalidInput(
            say("There are no cells of the level {level}.", level=level.word),
            remedy=say("Import them first, or name another level."),
            field="level",
        )
    return there
