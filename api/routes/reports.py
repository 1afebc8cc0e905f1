"""Reports over HTTP: the objects of ``report --json``."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import questions, schemas
from api.deps import Caller, Language, Tx, visible_cell
from api.routes.cells import LevelName
from gis.reports import Question
from maps.words import translator

router = APIRouter(prefix="/api/reports", tags=["reports"])


@router.get("/{question}")
def read_report(
    question: Question,
    conn: Tx,
    me: Caller,
    *,
    language: Language,
    cell: str | None = None,
    level: LevelName = None,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
    at: str | None = None,
) -> dict[str, Any]:
    """Return one row a cell, and the total."""
    asked = questions.asked(
        conn,
        cell=visible_cell(conn, me, cell=cell),
        level=level,
        first=first,
        last=last,
        at=at,
    )
    return schemas.report(questions.answer(conn, question, asked=asked), translator(language))
