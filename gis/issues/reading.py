"""Tables of reports: each row read, or refused with its reason."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan
from zoneinfo import ZoneInfo

from gis import times
from gis.cells.coordinates import Bounds, read_coordinate
from gis.errors import InvalidInput, Problem
from gis.issues.lifecycle import Severity
from gis.messages import say
from gis.textfiles import TextTable, require

OTHER = "其他"
"""The category of what has none."""
SEVERITIES: Mapping[str, Severity] = {
    "": Severity.ORDINARY,
    "一般": Severity.ORDINARY,
    "较大": Severity.SERIOUS,
    "重大": Severity.MAJOR,
} | {severity.value: severity for severity in Severity}
LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Fields:
    """Which column holds what; None: no column does."""

    lon: str
    lat: str
    reported: str
    id: str | None = None
    category: str | None = None
    severity: str | None = None
    text: str | None = None
    accuracy: str | None = None
    due: str | None = None
    resolved: str | None = None
    reporter: str | None = None

    def options(self) -> dict[str, str | None]:
        """Return the fields by the command line's option for each."""
        return {f"--{name}-field": getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One good row.

    Attributes
    ----------
    row
        Counted from 1 under the head.
    id
        The file's own id; empty where the file has none.
    accuracy
        Metres; NaN where not known.
    reporter
        The number of a person; empty where nobody of ours reported it.
    """

    row: int
    id: str
    lon: float
    lat: float
    accuracy: float
    category: str
    severity: Severity
    text: str
    reported: datetime
    due: datetime | None
    resolved: datetime | None
    reporter: str

    @property
    def content(self) -> str:
        """All that tells this report from another; who made it and its end may come later."""
        times = (self.reported, self.due)
        return json.dumps(
            [
                self.id,
                *(repr(number) for number in (self.lon, self.lat, self.accuracy)),
                self.category,
                self.severity.value,
                self.text,
                *(time.isoformat() if time else None for time in times),
            ]
        )


def read_reports(
    table: TextTable, fields: Fields, *, zone: ZoneInfo, territory: Bounds | None
) -> tuple[list[ReportRow], list[Problem]]:
    """Return the good rows and what is wrong with the others, one problem a row.

    Parameters
    ----------
    zone
        Times without an offset are local to it.
    territory
        Of all cells; it tells swapped coordinates.

    Raises
    ------
    InvalidFile
        If the table has no such column.
    """
    require(table, fields.options())
    columns = {
        name: table.column(field)
        for name in Fields.__slots__
        if (field := getattr(fields, name)) is not None
    }
    good: list[ReportRow] = []
    bad: list[Problem] = []
    for i in range(len(table.rows)):
        found = _row({name: texts[i] for name, texts in columns.items()}, i + 1, zone, territory)
        if isinstance(found, Problem):
            bad.append(found)
        else:
            good.append(found)
    return good, bad


def repeated(rows: list[ReportRow]) -> set[int]:
    """Return the numbers of the rows whose id an earlier row has."""
    seen: Counter[str] = Counter()
    again = set[int]()
    for row in rows:
        if row.id and seen[row.id]:
            again.add(row.row)
        seen[row.id] += 1
    return again


def _row(
    texts: Mapping[str, str], number: int, zone: ZoneInfo, territory: Bounds | None
) -> ReportRow | Problem:
    place = read_coordinate(texts["lon"], texts["lat"], row=number, territory=territory)
    if isinstance(place, Problem):
        return place
    try:
        return ReportRow(
            row=number,
            id=texts.get("id", ""),
            lon=place[0],
            lat=place[1],
            accuracy=_accuracy(texts.get("accuracy", "")),
            category=texts.get("category") or OTHER,
            severity=_severity(texts.get("severity", "")),
            text=_text(texts.get("text", "")),
            reported=times.instant(texts["reported"], zone, field="reported"),
            due=_time(texts.get("due", ""), zone, "due"),
            resolved=_time(texts.get("resolved", ""), zone, "resolved"),
            reporter=texts.get("reporter", ""),
        )
    except InvalidInput as error:
        code = f"bad_{error.field}"
        return Problem(code, error.reason, error.remedy, row=number, lon=place[0], lat=place[1])


def _time(text: str, zone: ZoneInfo, field: str) -> datetime | None:
    return times.instant(text, zone, field=field) if text else None


def _accuracy(text: str) -> float:
    try:
        metres = float(text) if text else nan
    except ValueError:
        metres = -1.0
    if metres < 0 or (text and not isfinite(metres)):
        raise InvalidInput(
            say("“{text}” is no accuracy.", text=text),
            remedy=say("Write metres, as in 12.5, or leave it empty."),
            field="accuracy",
        )
    return metres


def _severity(text: str) -> Severity:
    if text not in SEVERITIES:
        raise InvalidInput(
            say("There is no severity “{text}”.", text=text),
            remedy=say("Write one of: {names}.", names=", ".join(filter(None, SEVERITIES))),
            field="severity",
        )
    return SEVERITIES[text]


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            say("The text has {n} characters.", n=len(text)),
            remedy=say("Shorten it to {n}.", n=LONGEST_TEXT),
            field="text",
        )
    return text
