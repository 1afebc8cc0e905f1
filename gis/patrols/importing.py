"""Track files into the database: several at once, all of them or none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from gis import tables
from gis.cells import store as cells
from gis.cells.coordinates import bounds_of
from gis.errors import InvalidFile, Problem
from gis.imported import Imported
from gis.messages import say
from gis.patrols import store
from gis.patrols.reading import TrackFile, read_tracks


@dataclass(frozen=True, slots=True)
class TracksImported(Imported):
    """What became of the points of some files.

    Attributes
    ----------
    read, written, skipped
        Points: all, those stored (counted, rejected by the rules, or shown only),
        and those left out on request.
    notes
        How many points count for nothing, by reason; ``no_time`` are shown as traces.
    """


def import_tracks(
    conn: Connection,
    paths: Sequence[Path],
    *,
    zone: ZoneInfo,
    person: str | None = None,
    person_field: str | None = None,
    time_field: str | None = None,
    lon_field: str | None = None,
    lat_field: str | None = None,
    skip_bad_rows: bool = False,
) -> TracksImported:
    """Take walked tracks in; the same file again changes nothing.

    Parameters
    ----------
    zone
        Of the deployment: it decides where a day ends.
    person
        Who walked all of them; None where each file has a column for it.

    Raises
    ------
    InvalidFile
        If a file cannot be taken in, nobody of that name is known, or a point is
        bad and bad ones may not be left out.
    """
    territory = bounds_of(cells.cells_on(conn))
    files = [
        read_tracks(
            path,
            person=person,
            person_field=person_field,
            time_field=time_field,
            lon_field=lon_field,
            lat_field=lat_field,
            zone=zone,
            territory=territory,
        )
        for path in paths
    ]
    strangers = unknown(conn, files)
    problems = tuple(problem for file in files for problem in file.problems)
    if strangers or (problems and not skip_bad_rows):
        raise InvalidFile([*strangers, *problems])
    notes: Counter[str] = Counter()
    for path, file in zip(paths, files, strict=True):
        notes.update(file.notes)
        for walked in file.walked:
            batch = store.batch_of(walked.fixes, walked.traces)
            stored = store.import_fixes(
                conn,
                walked.fixes,
                person=walked.person,
                batch=batch,
                source=path.name,
                zone=zone,
                traces=walked.traces,
            )
            notes.update(stored.rejected)
    read = sum(file.read for file in files)
    return TracksImported(read, read - len(problems), len(problems), problems, dict(notes))


def unknown(conn: Connection, files: Sequence[TrackFile]) -> list[Problem]:
    """Return a problem for everybody who walked and is not among the people."""
    named = sorted({walked.person for file in files for walked in file.walked})
    person = tables.person.c.id
    known = set(conn.execute(select(person).where(person.in_(named))).scalars())
    return [
        Problem(
            "unknown_person",
            say("There is no person {person}.", person=name),
            say("Import the people first, or correct the number."),
        )
        for name in named
        if name not in known
    ]
