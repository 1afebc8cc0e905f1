"""JSON in and out for what changes cells; the keys are a public contract."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import UploadFile
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from shapely.geometry import mapping

from api import schemas
from api.errors import MOST_PROBLEMS
from gis.cells.datum import Datum
from gis.cells.preparing import Outline, Wanted
from gis.cells.redrawing import Redrawn
from gis.cells.uploading import Act, Uploaded
from gis.errors import InvalidInput
from gis.hierarchy import Code, Level
from gis.messages import say
from gis.people.model import Holder
from maps.words import Translate

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
VersionNumber = Annotated[int, Field(ge=0, lt=2**31)]


class MoveIn(BaseModel):
    """A corner to be moved; ``versions`` is what the planner saw of the cells that have it."""

    op_id: UUID
    at: tuple[Longitude, Latitude]
    to: tuple[Longitude, Latitude]
    versions: Annotated[dict[Code, VersionNumber], Field(max_length=1000)]


def blank_is_none(value: object) -> object:
    """Return None for what a form sends of a field that nobody filled in."""
    return None if value == "" else value


def without_nul(text: str) -> str:
    """Refuse what neither PostgreSQL nor a C library can keep."""
    if "\0" in text:
        raise ValueError("must not contain NUL")
    return text


Word = Annotated[str, Field(max_length=200), AfterValidator(without_nul)]
Blank = BeforeValidator(blank_is_none)


class BoundariesIn(BaseModel):
    """A file of boundaries with the options of ``import cells``; see the command line."""

    file: UploadFile
    level: Annotated[str, Field(pattern="^(city|district|township|area|village|unit)$")]
    parent: Annotated[Word | None, Blank] = None
    parent_field: Annotated[Word | None, Blank] = None
    code_field: Annotated[Word | None, Blank] = None
    name_field: Annotated[Word | None, Blank] = None
    kind_field: Annotated[Word | None, Blank] = None
    crs: Annotated[Word | None, Blank] = None
    datum: Annotated[Datum | None, Blank] = None
    encoding: Annotated[Word | None, Blank] = None
    repair: bool = False
    skip_bad_rows: bool = False
    apply: bool = False
    op_id: Annotated[UUID | None, Blank] = None
    sha256: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$"), Blank] = None

    @property
    def act(self) -> Act | None:
        """The import that is asked for; None for a report.

        Raises
        ------
        InvalidInput
            If it could happen twice, or nobody saw a report of it.
        """
        if not self.apply:
            return None
        if self.op_id is None or self.sha256 is None:
            raise InvalidInput(
                say("To apply a file, op_id and sha256 are needed."),
                remedy=say("Send the file without apply first: sha256 stands in the report."),
                field="sha256" if self.sha256 is None else "op_id",
            )
        return Act(self.op_id, self.sha256)

    @property
    def wanted(self) -> Wanted:
        """The options, without the file and without what becomes of it."""
        return Wanted(
            level=Level.named(self.level),
            parent=self.parent,
            parent_field=self.parent_field,
            code_field=self.code_field,
            name_field=self.name_field,
            kind_field=self.kind_field,
            crs=self.crs,
            datum=self.datum or Datum.WGS84,
            encoding=self.encoding,
            repair=self.repair,
            skip_bad_rows=self.skip_bad_rows,
        )


def uploaded(found: Uploaded, words: Translate) -> dict[str, Any]:
    """Return what a file of boundaries did, or would do."""
    return {
        "accepted": found.accepted,
        "applied": found.applied,
        "sha256": found.sha256,
        "read": found.read,
        "written": found.written,
        "skipped": found.skipped,
        "problems": [
            schemas.problem(each, words) | ({"geometry": mapping(each.shape)} if each.shape else {})
            for each in found.problems[:MOST_PROBLEMS]
        ],
        "problem_count": len(found.problems),
        "notes": found.notes,
        "fields": list(found.seen.fields),
        "preview": [dict(row) for row in found.seen.preview],
        "encoding": found.seen.encoding,
        "crs": found.seen.crs,
        "cells": schemas.collection(map(outline, found.outlines)),
        "defects": [
            {
                "kind": defect.kind,
                "cells": list(defect.cells),
                "area_m2": round(defect.area_m2, 2),
                "geometry": mapping(defect.geom),
            }
            for defect in found.defects
        ],
    }


def outline(found: Outline) -> dict[str, Any]:
    """Return a cell of a file as a GeoJSON Feature."""
    return schemas.feature(
        found.geom,
        {
            "code": found.code,
            "name": found.name,
            "level": found.level.word,
            "parent": found.parent,
            "change": found.change,
            "area_m2": round(found.area_m2, 1),
        },
    )


def redrawn(found: Redrawn, holders: dict[Code, tuple[Holder, ...]]) -> dict[str, Any]:
    """Return what became of a move, and the move that takes it back."""
    changed = [schemas.cell(shape, holders.get(shape.code, ())) for shape in found.changed]
    return {
        **schemas.proof(found),
        "changed": schemas.collection(changed),
        "undo": {
            "at": found.to,
            "to": found.at,
            "versions": {shape.code: shape.id for shape in found.changed},
        },
    }
