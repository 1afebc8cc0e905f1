"""Whether the service lives and can work."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.deps import Tx
from gis import db, times
from gis.issues.store import oldest_due

router = APIRouter(tags=["health"])

PATIENCE_S = 600
"""How long something may be due before the sweep counts as stuck."""


@router.get("/healthz")
def alive() -> dict[str, str]:
    """Answer that the process lives; asks nobody."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(conn: Tx, request: Request) -> JSONResponse:
    """Tell whether the database answers, has this schema, and the sweep keeps up."""
    migrated = db.is_migrated(conn)
    due = oldest_due(conn) if migrated else None
    late = (times.now() - due).total_seconds() if due else 0.0
    swept = late < PATIENCE_S
    body = {"database": True, "migrations": migrated, "sweep": swept, "late_s": max(late, 0.0)}
    return JSONResponse(body, status_code=200 if migrated and swept else 503)
