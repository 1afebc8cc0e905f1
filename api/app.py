"""The application: the one place where the parts meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from os import PathLike, stat_result
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

import maps
from api import errors, jobs
from api.routes import (
    background,
    boundaries,
    cells,
    changes,
    health,
    issues,
    media,
    pages,
    plan,
    redraw,
    reports,
    search,
    sign_in,
    tracks,
    work,
)
from api.security import Guard
from gis import db
from gis.settings import Settings
from maps.background import background_of

OURS = Path(maps.__file__).parent / "static"
PAGES = (health, sign_in, pages, work, plan, background)
DATA = (cells, changes, search, issues, media, tracks, reports, redraw, boundaries)
SUBJECTS = (*PAGES, *DATA)


class Files(StaticFiles):
    """Static files; those with a version in their path may be kept for ever."""

    def __init__(self, directory: Path, *, cache: str) -> None:
        super().__init__(directory=directory)
        self.cache = cache

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with the file and how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = self.cache
        return response


def create_app(
    settings: Settings, *, engine: Engine | None = None, run_jobs: bool = True
) -> FastAPI:
    """Return the whole service on one database.

    Parameters
    ----------
    engine
        One that the caller owns; else one is made from the settings, and closed
        when the application ends.
    run_jobs
        Whether this process runs the sweep.
    """
    ground = background_of(settings)
    own = engine or db.connect(settings.database_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with jobs.running(own, every=settings.sweep_seconds if run_jobs else None):
            yield
        if engine is None:
            own.dispose()

    app = FastAPI(
        title="wangge",
        summary="网格: grid cells, who answers for them, issues, patrols.",
        version=_version(),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.engine = own
    app.state.settings = settings
    app.state.background = ground
    errors.install(app)
    app.add_middleware(Guard, pictures=ground.hosts if ground else ())
    # The last 4 % of a page's weight would take longer to squeeze out than to send.
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    for subject in SUBJECTS:
        app.include_router(subject.router)
    vendor = Files(settings.browser_files, cache="public, max-age=31536000, immutable")
    app.mount("/static/vendor", vendor, name="vendor")
    app.mount("/static", Files(OURS, cache="no-cache"), name="static")
    return app


def _version() -> str:
    try:
        return version("wangge")
    except PackageNotFoundError:  # an application runs from its checkout, not installed
        return "0.1.0"
