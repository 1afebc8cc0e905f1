"""JSON in and out; the keys are a public contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis.cells.model import CellShape
from gis.hierarchy import Level
from gis.issues.lifecycle import Severity
from gis.issues.store import Act, Issue, Receipt
from gis.messages import Message
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

    @field_validator("category", "text")
    @classmethod
    def without_nul(cls, text: str) -> str:
        """Refuse what PostgreSQL cannot keep."""
        if "\0" in text:
            raise ValueError("must not contain NUL")
        return text

    @field_validator("captured_at")
    @classmethod
    def within_the_calendar(cls, at: datetime) -> datetime:
        """Refuse years that nobody can mean."""
        if at.year not in YEARS:
            raise ValueError(f"must lie in the years {YEARS[0]} to {YEARS[-1]}")
        return at

    @model_validator(mode="after")
    def is_somewhere(self) -> Self:
        """Refuse (0, 0): a receiver without a fix."""
        if self.lon == 0 and self.lat == 0:
            raise ValueError("lon and lat must not both be 0")
        return self


class ReceiptOut(BaseModel):
    """The proof that a report is stored."""

    id: UUID
    op_id: UUID
    sha256: str
    server_seq: int
    cell: str | None
    owner_cell: str | None
    owners: list[str]
    due: datetime | None
    version: int


def receipt(found: Receipt) -> ReceiptOut:
    """Return a receipt as it goes over the wire."""
    return ReceiptOut(
        id=found.id,
        op_id=found.op_id,
        sha256=found.digest,
        server_seq=found.seq,
        cell=found.cell,
        owner_cell=found.owner,
        owners=list(found.owners),
        due=found.due,
        version=found.version,
    )


def issue(found: Issue, say: Translate) -> dict[str, Any]:
    """Return an issue as a GeoJSON Feature; ``why`` says how it came to its owner."""
    names = (
        *("id", "version", "category", "severity", "text", "accuracy_m", "reported_at"),
        *("cell", "place", "owner", "status", "due", "notes", "why"),
    )
    return feature(found.geom, {name: plain(getattr(found, name), say) for name in names})


def act(found: Act) -> dict[str, Any]:
    """Return a line of the ledger."""
    return {name: plain(value, str) for name, value in asdict(found).items()}


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
