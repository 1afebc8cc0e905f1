"""The township alive on a given day, as files that the ordinary imports read."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from data.boundaries.generate.chance import SEED, stream
from data.boundaries.generate.files import CELLS, FOLDER, LAYERS, PLACES
from data.boundaries.generate.lattice import lonlat
from data.boundaries.generate.life import township
from data.boundaries.generate.life.calendar import ZONE
from data.boundaries.generate.life.outcomes import outcome
from data.boundaries.generate.life.people import Holding, appoint
from data.boundaries.generate.life.phone import Track
from data.boundaries.generate.life.reports import Report, Reporting
from data.boundaries.generate.life.walks import Patrols

DAYS = 30
"""Days of patrols, if nobody asks for fewer."""
PEOPLE = "person_id name phone organisation role cell from to deputy_for"
ISSUES = "id category severity text lon lat accuracy_m reported due resolved source reporter"
TRACKS = "person time lon lat accuracy"
"""The columns of the files."""


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Paths of the files to import: what is kept of the ground, and the rest, just written.

    ``cells`` is by level (township, area, village, unit), ``layers`` by name.
    """

    cells: Mapping[str, Path]
    layers: Mapping[str, Path]
    places: Path
    people: Path
    issues: Path
    tracks: Path


def write_demo(
    folder: Path, today: date, *, until: datetime | None = None, days: int = DAYS
) -> DemoFiles:
    """Write people, issues and tracks as they stand on a day; the same bytes for the same day.

    Parameters
    ----------
    folder
        Where to write; it is made if need be.
    today
        The local date.
    until
        Nothing happens after this instant (with an offset): pass the present one to see the
        day's own patrols. By default ``today`` has only begun.
    days
        How many days of patrols.
    """
    folder.mkdir(parents=True, exist_ok=True)
    until = until or datetime.combine(today, time(), ZONE)
    last = (until - timedelta(seconds=1)).astimezone(ZONE).date()
    town = township.read(FOLDER)
    holdings = appoint(town, today, rng=stream(SEED, "people"))
    reports = Reporting(town, holdings, last=last, seed=SEED).all()
    patrols = Patrols(town, holdings, seed=SEED)
    files = DemoFiles(
        cells={level: FOLDER / path for level, path in CELLS.items()},
        layers={name: FOLDER / path for name, path in LAYERS.items()},
        places=FOLDER / PLACES,
        people=folder / "people.csv",
        issues=folder / "issues.csv",
        tracks=folder / "tracks.csv",
    )
    _write_people(files.people, holdings)
    _write_issues(files.issues, reports, until=until)
    _write_tracks(files.tracks, patrols.until(last, days=days), until=until)
    return files


def _write_people(path: Path, holdings: Sequence[Holding]) -> None:
    rows = (
        (h.person.id, h.person.name, h.person.phone, h.person.organisation, h.role, h.cell,
         h.since, h.until or "", h.deputy_for)
        for h in holdings
    )  # fmt: skip
    _write(path, PEOPLE, rows=rows)


def _write_issues(path: Path, reports: Sequence[Report], *, until: datetime) -> None:
    known = [report for report in reports if report.at <= until]
    places = lonlat(np.array([report.xy for report in known]))
    rows = []
    for number, (report, (lon, lat)) in enumerate(zip(known, places.tolist(), strict=True), 1):
        end = outcome(report, until, rng=stream(SEED, "outcome", number))
        rows.append((
            f"E{number:04d}", report.situation.category, report.severity, report.text,
            f"{lon:.6f}", f"{lat:.6f}", report.accuracy, _iso(report.at), _iso(end.due),
            _iso(end.resolved), report.source, report.reporter,
        ))  # fmt: skip
    _write(path, ISSUES, rows=rows)


def _write_tracks(path: Path, tracks: Iterable[Track], *, until: datetime) -> None:
    """Write one row a fix, in order of day, person and time."""
    offset = int(ZONE.utcoffset(None).total_seconds())
    last = until.timestamp()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(TRACKS.replace(" ", ",") + "\n")
        for track in tracks:
            times = np.datetime_as_string((track.time + offset).astype("datetime64[s]"))
            for at, local, (lon, lat), accuracy in zip(
                track.time.tolist(), times.tolist(), track.lonlat.tolist(),
                track.accuracy.tolist(), strict=True,
            ):  # fmt: skip
                if at <= last:
                    file.write(f"{track.person},{local}+08:00,{lon:.6f},{lat:.6f},{accuracy:.0f}\n")


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _write(path: Path, columns: str, *, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split())
        writer.writerows(rows)
