"""Issues over HTTP: take one in, list, look at one with its ledger."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from shapely import Point

from api import schemas
from api.deps import Caller, Language, Tx, own_cell, visible_cell
from api.routes.cells import bounds
from gis import times
from gis.deployment import get_deployment
from gis.issues import store
from gis.issues.filing import Report
from gis.issues.history import history_of
from gis.issues.lifecycle import Status
from gis.people.roles import HOLDS
from maps.words import translator

router = APIRouter(prefix="/api/issues", tags=["issues"])

ONE_DAY = timedelta(days=1)
NOBODY = ""
"""The reporter of nothing: the account is no person's."""


@router.put("/{issue_id}", status_code=201)
def report_issue(
    issue_id: UUID, body: schemas.ReportIn, conn: Tx, me: Caller, *, response: Response
) -> schemas.ReceiptOut:
    """Take a report in; repeated, it answers 200 with the same receipt."""
    receipt = store.report_issue(
        conn,
        Report(
            id=issue_id,
            op_id=body.op_id,
            source="worker" if me.role in HOLDS else "office",
            category=body.category,
            severity=body.severity,
            text=body.text,
            geom=Point(body.lon, body.lat),
            accuracy=body.accuracy_m,
            reported=body.captured_at.astimezone(UTC),
            received=times.now(),
            reporter=me.person,
            settled=body.self_handled,
            media=tuple(body.media),
        ),
    )
    response.status_code = 201 if receipt.first else 200
    return schemas.receipt(receipt)


@router.get("")
def list_issues(
    conn: Tx,
    me: Caller,
    *,
    language: Language,
    mine: bool = False,
    cell: str | None = None,
    status: Status | None = None,
    overdue: bool = False,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: UUID | None = None,
) -> dict[str, Any]:
    """Return issues by id; `next` is what to send as `after` to go on.

    `mine` are those that the caller reported, wherever they lie, the newest first.
    """
    zone = get_deployment(conn).zone
    begin = times.local_date(first, field="from") if first else None
    end = times.local_date(last, field="to") + ONE_DAY if last else None
    found = store.list_issues(
        conn,
        within=visible_cell(conn, me, cell=cell) if cell or not mine else None,
        reporter=(me.person or NOBODY) if mine else None,
        status=status,
        overdue_at=times.now() if overdue else None,
        bbox=bounds(bbox) if bbox else None,
        reported=(
            datetime.combine(begin, time(), zone) if begin else None,
            datetime.combine(end, time(), zone) if end else None,
        ),
        after=after,
        limit=limit,
    )
    words = translator(language)
    following = str(found[-1].id) if len(found) == limit else None
    return {"items": [schemas.issue(one, words) for one in found], "next": following}


@router.get("/{issue_id}")
def read_issue(issue_id: UUID, conn: Tx, me: Caller, language: Language) -> dict[str, Any]:
    """Return one issue as a GeoJSON Feature, with why it is where it is and its ledger."""
    words, own = translator(language), own_cell(conn, me)
    found = store.get_issue(conn, issue_id, within=own, person=me.person)
    ledger = history_of(conn, found, within=own, person=me.person)
    shown = schemas.issue(found, words)
    shown["properties"]["ledger"] = [schemas.act(one, words) for one in ledger]
    return shown
