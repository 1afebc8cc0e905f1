"""Tracks as recorders write them: GPX and CSV files, point by point.

Points without a time are kept as traces, which are shown and not counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite, isnan, nan
from pathlib import Path
from xml.parsers import expat
from zoneinfo import ZoneInfo

import numpy as np

from gis import times
from gis.cells.coordinates import Bounds, read_coordinate
from gis.errors import InvalidFile, InvalidInput, Problem
from gis.messages import NOTHING, Message, say
from gis.patrols.ground import Floats
from gis.patrols.tracks import Fixes
from gis.textfiles import read_bytes, read_csv, require

UTC = ZoneInfo("UTC")
TIME, LON, LAT, ACCURACY = "time", "lon", "lat", "accuracy"
"""The columns of a CSV file where no option names others."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What a file holds of one person.

    Attributes
    ----------
    fixes
        Points with a time, in the file's order.
    traces
        Lines of points without one: EPSG:4326, each of shape (n, 2).
    """

    person: str
    fixes: Fixes
    traces: tuple[Floats, ...]

    @property
    def points(self) -> int:
        """All points, with and without a time."""
        return int(self.fixes.t.size) + sum(len(line) for line in self.traces)


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file of tracks, read.

    Attributes
    ----------
    walked
        By person; nobody where the file has no good point.
    read
        Points in the file.
    problems
        One a bad point, which is in no track; ``row`` counts the points.
    notes
        ``no_time``: points that became traces.
    """

    walked: tuple[Walked, ...]
    read: int
    problems: tuple[Problem, ...]
    notes: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Point:
    """A point as the file has it: texts. ``line`` parts one line from the next."""

    person: str
    line: int
    time: str
    lon: str
    lat: str
    accuracy: str = ""


@dataclass(slots=True)
class _Collected:
    """The good points of one person."""

    timed: list[tuple[float, float, float, float]] = field(default_factory=list)
    untimed: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def walked(self, person: str) -> Walked:
        """Return the points as arrays."""
        t, lon, lat, accuracy = np.array(self.timed, np.float64).reshape(-1, 4).T
        return Walked(
            person,
            Fixes.of(np.floor(t).astype(np.int64), lon, lat, accuracy=accuracy),
            tuple(np.array(line) for line in self.untimed.values()),
        )


def read_tracks(
    path: Path,
    *,
    person: str | None,
    person_field: str | None = None,
    time_field: str | None = None,
    lon_field: str | None = None,
    lat_field: str | None = None,
    zone: ZoneInfo,
    territory: Bounds | None = None,
) -> TrackFile:
    """Return the tracks in a GPX or CSV file.

    Parameters
    ----------
    person
        Who walked them; None where the CSV file has a column for it.
    person_field, time_field, lon_field, lat_field
        Columns of a CSV file; without a name, ``time``, ``lon`` and ``lat``. Its
        column ``accuracy``, if there is one, is in metres.
    zone
        Of the deployment: times in CSV files that state no offset are local to it.
        In GPX they are UTC by its standard.
    territory
        Of all cells; it tells swapped coordinates.

    Raises
    ------
    InvalidFile
        If the file as a whole cannot be taken: it is missing or no GPX or CSV,
        lacks a column, holds no point, or nobody says who walked.
    """
    if path.suffix.lower() == ".gpx":
        points: Iterable[_Point] = _gpx(path, person)
        zone = UTC
    else:
        columns = {
            "--person-field": None if person else person_field,
            "--time-field": time_field or TIME,
            "--lon-field": lon_field or LON,
            "--lat-field": lat_field or LAT,
        }
        points = _csv(path, person, columns)
    found = _collect(points, zone, territory)
    if not found.read:
        raise _refusal(
            "empty",
            say("{path} holds no track.", path=path),
            say("Export the recorder's track, not its waypoints or routes."),
        )
    return found


def _collect(points: Iterable[_Point], zone: ZoneInfo, territory: Bounds | None) -> TrackFile:
    people: dict[str, _Collected] = {}
    problems: list[Problem] = []
    read = untimed = 0
    for read, point in enumerate(points, start=1):
        good = _checked(point, zone, row=read, territory=territory)
        if isinstance(good, Problem):
            problems.append(good)
            continue
        lon, lat, t = good
        found = people.setdefault(point.person, _Collected())
        if t is None:
            found.untimed.setdefault(point.line, []).append((lon, lat))
            untimed += 1
        else:
            found.timed.append((t, lon, lat, _metres(point.accuracy)))
    return TrackFile(
        tuple(people[person].walked(person) for person in sorted(people)),
        read,
        tuple(problems),
        {"no_time": untimed} if untimed else {},
    )


def _checked(
    point: _Point, zone: ZoneInfo, *, row: int, territory: Bounds | None
) -> tuple[float, float, float | None] | Problem:
    """Return longitude, latitude and epoch seconds (None: no time), or what is wrong."""
    place = read_coordinate(point.lon, point.lat, row=row, territory=territory)
    if isinstance(place, Problem):
        return place
    if not point.person:
        message = say("It names no person.")
        return Problem("no_person", message, say("Write the person's number."), row)
    if point.accuracy and isnan(_metres(point.accuracy)):
        message = say("Its accuracy “{text}” is not a number.", text=point.accuracy)
        return Problem("not_a_number", message, say("Write metres, or nothing."), row)
    try:
        t = times.instant(point.time, zone, field=TIME) if point.time else None
    except InvalidInput as error:
        return Problem("not_a_time", error.reason, error.remedy, row=row)
    return *place, t.timestamp() if t else None


def _metres(text: str) -> float:
    """Return an accuracy, NaN for anything else."""
    try:
        found = float(text)
    except ValueError:
        return nan
    return found if isfinite(found) else nan


def _refusal(code: str, message: Message, remedy: Message = NOTHING) -> InvalidFile:
    return InvalidFile([Problem(code, message, remedy)])


def _nobody(path: Path) -> InvalidFile:
    return _refusal(
        "no_person",
        say("{path} does not say who walked.", path=path),
        say("Add --person ID."),
    )


def _csv(path: Path, person: str | None, columns: dict[str, str | None]) -> Iterator[_Point]:
    """Yield the rows of a CSV file; all rows of a person are one line."""
    table = read_csv(path)
    require(table, columns)
    who, time, lon, lat = columns.values()
    if not person and not who:
        raise _nobody(path)
    nothing = [""] * len(table.rows)
    texts = [
        table.column(name) if name else nothing
        for name in (time, lon, lat, ACCURACY if ACCURACY in table.fields else None)
    ]
    people = table.column(who) if who else [person or ""] * len(table.rows)
    for name, *values in zip(people, *texts, strict=True):
        yield _Point(name, 0, *values)


def _gpx(path: Path, person: str | None) -> list[_Point]:
    """Return the track points of a GPX file, version 1.0 or 1.1.

    Waypoints and routes were not walked. A trace ends where its segment does.
    """
    content = read_bytes(path)
    if not person:
        raise _nobody(path)
    reader = _GpxReader(path, person)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _refusal(
            "unreadable",
            say("{path} is not proper GPX: {reason}.", path=path, reason=error),
            say("Export it from the recorder again."),
        ) from None
    return reader.points


class _GpxReader:
    """Collects track points while expat reads; namespaces and extensions are passed over."""

    def __init__(self, path: Path, person: str) -> None:
        self.path = path
        self.person = person
        self.points: list[_Point] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._way: list[str] = []
        self._segment = 0
        self._place = ("", "")
        self._time = ""

    def _doctype(self, *_: object) -> None:
        raise _refusal(
            "doctype",
            say("{path} declares a DOCTYPE, which no GPX file needs.", path=self.path),
            say("Export it from the recorder again."),
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if not self._way and tag != "gpx":
            raise _refusal(
                "unreadable",
                say("{path} is XML, but not GPX.", path=self.path),
                say("Export it from the recorder again."),
            )
        self._way.append(tag)
        if tag == "trkseg":
            self._segment += 1
        elif tag == "trkpt":
            self._place = (attributes.get("lon", ""), attributes.get("lat", ""))
            self._time = ""

    def _end(self, _name: str) -> None:
        if self._way.pop() == "trkpt":
            lon, lat = self._place
            self.points.append(_Point(self.person, self._segment, self._time.strip(), lon, lat))

    def _text(self, text: str) -> None:
        if self._way[-2:] == ["trkpt", "time"]:
            self._time += text
