"""JSON in and out; the keys are a public contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    FailFast,
    Field,
    field_validator,
    model_validator,
)
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis.cells.datum import Datum
from gis.cells.model import CellShape
from gis.errors import Problem
from gis.hierarchy import Level
from gis.issues.history import Told
from gis.issues.lifecycle import Severity
from gis.issues.media import MOST
from gis.issues.store import Issue, Receipt
from gis.messages import Message, say
from gis.operations import Proof
from gis.patrols.own import MOST_FIXES, TrackReceipt, Walked
from gis.people.model import Holder
from gis.people.roles import Role
from gis.reports import Report
from gis.times import YEARS
from maps.words import Translate


class Me(BaseModel):
    """Who is asking."""

    account: str
    role: Role
    cell: str | None
    person: str | None


class ChangesOut(BaseModel):
    """Whether anything new came in: acts on issues (``seq``), walks (``walks``)."""

    seq: str
    walks: str
    reports: int


class HolderOut(BaseModel):
    """A person who answers for a cell."""

    cell: str
    person: str
    name: str
    role: Role
    deputy: bool


class LocatedOut(BaseModel):
    """The cells of a point, by level."""

    cells: dict[str, str]
    border_m: float | None
    notes: list[str]
    holders: list[HolderOut]


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def check_somewhere(lon: float, lat: float) -> None:
    """Refuse (0, 0): a receiver without a fix."""
    if lon == 0 and lat == 0:
        raise ValueError(say("Longitude and latitude are both 0: there is no position."))


class ReportIn(BaseModel):
    """A report from the field; ``op_id`` is the sender's own, so that sending twice is once."""

    op_id: UUID
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    accuracy_m: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None
    category: Annotated[str, Field(min_length=1, max_length=40)]
    severity: Severity = Severity.ORDINARY
    text: Annotated[str, Field(max_length=10_000)] = ""
    captured_at: AwareDatetime
    self_handled: bool = False
    media: Annotated[list[Sha256], Field(max_length=MOST)] = []

    @field_validator("media")
    @classmethod
    def each_once(cls, names: list[str]) -> list[str]:
        """Refuse a photo that comes twice."""
        if len(set(names)) < len(names):
            raise ValueError(say("The same comes twice."))
        return names

    @field_validator("category", "text")
    @classmethod
    def without_nul(cls, text: str) -> str:
        """Refuse what PostgreSQL cannot keep."""
        if "\0" in text:
            raise ValueError(say("It must not contain NUL."))
        return text

    @field_validator("captured_at")
    @classmethod
    def within_the_calendar(cls, at: datetime) -> datetime:
        """Refuse years that nobody can mean."""
        if at.year not in YEARS:
            raise ValueError(
                say("It must lie in the years {first} to {last}.", first=YEARS[0], last=YEARS[-1])
            )
        return at

    @model_validator(mode="after")
    def is_somewhere(self) -> Self:
        """Refuse (0, 0): a receiver without a fix."""
        check_somewhere(self.lon, self.lat)
        return self


class PhotoOut(BaseModel):
    """A photo that is stored: its name, and its size as we keep it."""

    sha256: str
    width: int
    height: int


EPOCHS = [datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (YEARS[0], YEARS[-1])]
Fix = tuple[
    Annotated[int, Field(ge=0, lt=2**53)],
    Annotated[float, Field(ge=EPOCHS[0], lt=EPOCHS[1], allow_inf_nan=False)],
    Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)],
    Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)],
    Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)],
]
"""Number, epoch seconds, longitude, latitude, accuracy in metres (null: not known)."""


def is_a_place(fix: Fix) -> Fix:
    """Refuse (0, 0): a receiver without a fix."""
    check_somewhere(fix[2], fix[3])
    return fix


class TrackIn(BaseModel):
    """Part of a patrol; ``op_id`` is the sender's own, so that sending twice is once."""

    op_id: UUID
    patrol: UUID
    datum: Datum
    fixes: Annotated[
        list[Annotated[Fix, AfterValidator(is_a_place)]],
        FailFast(),  # else a long batch in the wrong unit is answered with as many faults
        Field(min_length=1, max_length=MOST_FIXES),
    ]


class ProofOut(BaseModel):
    """The proof that something is stored."""

    id: UUID
    op_id: UUID
    sha256: str
    server_seq: int


class TrackReceiptOut(ProofOut):
    """The proof that part of a patrol is stored, and what counted of it when it came."""

    kept: int
    rejected: dict[str, int]
    days: list[date]


class ReceiptOut(ProofOut):
    """The proof that a report is stored, and where it went."""

    cell: str | None
    owner_cell: str | None
    owners: list[str]
    due: datetime | None
    version: int


def proof(found: Proof) -> dict[str, Any]:
    """Return a proof as it goes over the wire."""
    return {"op_id": found.op_id, "sha256": found.digest, "server_seq": found.seq}


def receipt(found: Receipt) -> ReceiptOut:
    """Return a receipt as it goes over the wire."""
    return ReceiptOut(
        **proof(found),
        id=found.id,
        cell=found.cell,
        owner_cell=found.owner,
        owners=list(found.owners),
        due=found.due,
        version=found.version,
    )


def track_receipt(found: TrackReceipt) -> TrackReceiptOut:
    """Return a receipt as it goes over the wire."""
    return TrackReceiptOut(
        **proof(found),
        id=found.id,
        kept=found.kept,
        rejected=found.rejected,
        days=list(found.days),
    )


def walked(found: Sequence[Walked]) -> dict[str, Any]:
    """Return stretches of a walk as a GeoJSON FeatureCollection, with what they add up to."""
    features = [
        feature(
            one.line,
            {
                "day": one.day.isoformat(),
                "started_at": one.started.isoformat(),
                "ended_at": one.ended.isoformat(),
                "seconds": one.seconds,
                "metres": round(one.metres, 1),
            },
        )
        for one in found
    ]
    seconds, metres = sum(one.seconds for one in found), sum(one.metres for one in found)
    return collection(features) | {"total": {"seconds": seconds, "metres": round(metres, 1)}}


def issue(found: Issue, say: Translate) -> dict[str, Any]:
    """Return an issue as a GeoJSON Feature; ``why`` says how it came to its owner."""
    names = (
        *("id", "version", "category", "severity", "text", "accuracy_m", "reported_at"),
        *("cell", "cell_name", "place", "owner", "owner_name", "holders", "status", "due"),
        *("notes", "why", "media"),
    )
    return feature(found.geom, {name: plain(getattr(found, name), say) for name in names})


def act(found: Told, say: Translate) -> dict[str, Any]:
    """Return a line of the ledger; who acted only where the reader may know."""
    names = ("version", "kind", "at", "owner", "status", "due", "text")
    return {
        **{name: plain(getattr(found.act, name), say) for name in names},
        "person": found.act.person if found.name else None,
        "name": found.name,
        "said": say(found.said),
    }


def holder(found: Holder) -> HolderOut:
    """Return a holder as it goes over the wire; no telephone number."""
    return HolderOut(
        cell=found.cell,
        person=found.person,
        name=found.name,
        role=found.role,
        deputy=found.deputy,
    )


def cell(shape: CellShape, holders: Sequence[Holder]) -> dict[str, Any]:
    """Return a cell as a GeoJSON Feature (EPSG:4326, 8 decimals are exact)."""
    return feature(
        shape.geom,
        {
            "cell": shape.code,
            "version": shape.id,
            "name": shape.name,
            "level": shape.level.word,
            "parent": shape.parent,
            "kind": shape.kind,
            "area_m2": round(shape.area_m2, 1),
            "holders": [holder(h).model_dump(mode="json") for h in holders],
        },
    )


def feature(geometry: BaseGeometry | None, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON Feature."""
    shape = mapping(geometry) if geometry is not None else None
    return {"type": "Feature", "geometry": shape, "properties": dict(properties)}


def collection(features: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def problem(found: Problem, words: Translate) -> dict[str, Any]:
    """Return what is wrong with a file, as ``import --json`` has it."""
    place = {"row": found.row, "feature": found.feature}
    return {
        **{key: value for key, value in place.items() if value is not None},
        "code": found.code,
        "message": words(found.message),
        "remedy": words(found.remedy),
        "lon": found.lon,
        "lat": found.lat,
        "size_m2": found.size_m2,
    }


def report(found: Report, say: Translate) -> dict[str, Any]:
    """Return a report as one object; the rows' keys are its columns."""
    return {
        "report": found.question.value,
        "at": found.at.isoformat(),
        "from": found.first.isoformat() if found.first else None,
        "to": found.last.isoformat() if found.last else None,
        "rows": [{key: plain(value, say) for key, value in row.items()} for row in found.rows],
        "total": {key: plain(value, say) for key, value in found.total.items()},
    }


def plain(value: object, say: Translate) -> Any:
    """Return a figure of a report as JSON has it."""
    if isinstance(value, tuple | list):
        return [plain(part, say) for part in value]
    if isinstance(value, Message):
        return say(value)
    for kind, form in PLAIN.items():
        if isinstance(value, kind):
            return form(value)
    return value


PLAIN: Mapping[type, Callable[[Any], Any]] = {
    Level: lambda level: level.word,
    Enum: lambda member: member.value,
    BaseGeometry: mapping,
    date: lambda day: day.isoformat(),  # and datetime, which is one
    UUID: str,
}
