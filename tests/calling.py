"""The service called over HTTP in the transaction of a test, as a worker's phone calls it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Connection, Engine

from api.app import create_app
from api.deps import transaction
from gis import times
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.settings import Settings
from tests.reported import MID, SIDE, WEST

U1, U2, U3 = (WEST + (n + 0.5) * SIDE for n in range(3))
"""The longitudes of the middles of three units of `reported`."""
JSON = {"Content-Type": "application/json"}


@contextmanager
def client_in(conn: Connection, engine: Engine, folder: Path) -> Iterator[TestClient]:
    """Serve what ``conn`` sees; every request is a savepoint of its transaction."""
    settings = Settings(database_url="postgresql://unused", browser_files=folder)
    app = create_app(settings, engine=engine, run_jobs=False)

    def same_transaction() -> Iterator[Connection]:
        with conn.begin_nested():
            yield conn

    app.dependency_overrides[transaction] = same_transaction
    with TestClient(app, base_url="http://grid.example", follow_redirects=False) as client:
        yield client


def headers_of(
    conn: Connection, role: Role, cell: str | None, person: str | None = None, *, says: str = "en"
) -> dict[str, str]:
    """Make an account, and return what its requests carry."""
    name = f"{role}-{cell}-{uuid4().hex[:6]}"
    accounts.add_account(conn, name, role=role, cell=cell, person=person)
    token = accounts.issue_secret(conn, name, use=Use.TOKEN, at=times.now())
    return {"Authorization": f"Bearer {token}", "Accept-Language": says}


def a_photo(shade=0):
    out = BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 90)).save(out, "JPEG")
    return out.getvalue()


def sent(client, headers, photo):
    """Send a photo and return its name."""
    name = hashlib.sha256(photo).hexdigest()
    assert client.put(f"/api/media/{name}", content=photo, headers=headers).status_code < 202
    return name


def a_report(**changes):
    plain = {
        "op_id": str(uuid4()),
        "lon": U1,
        "lat": MID,
        "category": "环境卫生",
        "captured_at": "2026-05-18T09:00:00+08:00",
    }
    return plain | changes


def put(client, headers, **changes):
    """Report, and return the path of the issue."""
    path = f"/api/issues/{uuid4()}"
    assert client.put(path, json=a_report(**changes), headers=headers).status_code == 201
    return path


def properties(client, headers, path):
    return client.get(path, headers=headers).json()["properties"]


def a_track(*, start=None, n=31, lon=U1, **changes):
    """A straight walk to the north for 300 s, that ended just now if nothing is said."""
    begin = (start or times.now() - timedelta(minutes=6)).timestamp()
    fixes = [[i, begin + 10 * i, lon, MID + i * 9e-5, 8.0] for i in range(n)]
    plain = {"op_id": str(uuid4()), "patrol": str(uuid4()), "datum": "wgs84", "fixes": fixes}
    return plain | changes


def faults(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    return [error["field"] for error in problem.get("errors", [])]
