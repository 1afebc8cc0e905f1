"""Where an installation lives, and who owns its database."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.embedded import home as homes
from gis.embedded.errors import SetupError
from gis.embedded.home import Owner

NOBODY = Owner(65534, 65534)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root works for another user")


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that nobody but its owner can enter, as /root is."""
    monkeypatch.setattr(homes, "SHARED", Path(tempfile.mkdtemp(prefix="wangge-test-")))
    tmp_path.chmod(0o700)
    yield tmp_path
    shutil.rmtree(homes.SHARED)


def test_the_owner_of_the_database_is_never_root() -> None:
    assert homes.database_owner().uid != 0


def test_an_ordinary_users_cluster_is_in_the_home(closed: Path) -> None:
    me = Owner(os.geteuid(), os.getegid())
    assert homes.database_folder(closed, me) == closed / "cluster"


def test_a_cluster_lives_where_its_owner_can_enter(closed: Path) -> None:
    folder = homes.database_folder(closed, NOBODY)
    assert folder.parent == homes.SHARED
    assert homes.may_enter(folder.parent, NOBODY)
    assert homes.database_folder(closed, NOBODY) == folder


def test_a_cluster_stays_where_it_was_made(closed: Path) -> None:
    folder = homes.database_folder(closed, NOBODY)
    opened = closed / "cluster.json"
    assert homes.database_folder(closed, Owner(os.geteuid(), os.getegid())) == folder
    opened.unlink()
    (closed / "cluster").mkdir()
    assert homes.database_folder(closed, NOBODY) == closed / "cluster"


def test_a_home_that_was_moved_takes_its_cluster_along(closed: Path) -> None:
    (closed / "one").mkdir()
    folder = homes.database_folder(closed / "one", NOBODY)
    (closed / "one").rename(closed / "two")
    assert homes.database_folder(closed / "two", NOBODY) == folder
    (closed / "one").mkdir()
    assert homes.database_folder(closed / "one", NOBODY) == folder.parent / homes.digest(
        closed / "one"
    )


def test_a_copy_of_a_home_gets_a_cluster_of_its_own(closed: Path) -> None:
    (closed / "one").mkdir()
    folder = homes.database_folder(closed / "one", NOBODY)
    shutil.copytree(closed / "one", closed / "two")
    assert homes.database_folder(closed / "two", NOBODY) != folder
    assert homes.database_folder(closed / "one", NOBODY) == folder


@needs_root
def test_a_folder_planted_by_somebody_else_is_refused(tmp_path: Path) -> None:
    planted = tmp_path / "socket"
    planted.mkdir()
    with pytest.raises(SetupError, match="not a folder of the database's owner"):
        homes.own_folder(planted, NOBODY)


def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SetupError):
        homes.own_folder(tmp_path / "link", Owner(os.geteuid(), os.getegid()))


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be made") as refused:
        homes.open_home(tmp_path / "file" / "home")
    assert refused.value.command.startswith("WANGGE_HOME=")


@pytest.mark.parametrize(
    ("name", "inside"), [("网格 1", True), ("a,b", False), ('a"b', False), ("长" * 40, False)]
)
def test_a_socket_has_a_short_and_plain_path(name: str, *, inside: bool) -> None:
    base = Path(tempfile.mkdtemp(prefix="w-"))
    database = base / name
    database.mkdir()
    folder = homes.socket_folder(database, Owner(os.geteuid(), os.getegid()))
    try:
        assert folder.is_relative_to(base) == inside
        assert len(os.fsencode(folder / homes.SOCKET_NAME)) <= homes.SOCKET_BYTES
    finally:
        folder.rmdir()
        shutil.rmtree(base)
