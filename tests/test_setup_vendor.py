"""The browser's files: the lock file is the whole truth."""

import io
import json
import re
import tarfile
from pathlib import Path

import pytest

from api import environment
from gis.embedded.errors import SetupError
from gis.embedded.programs import silent
from maps import vendor
from maps.assets import STATIC
from maps.vendor import Pin


def archive(folder: Path, top: str = "package", **files: bytes) -> Path:
    path = folder / "a.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def fake_npm(folder: Path, source: Path) -> list[str]:
    """A program in npm's place that "downloads" the archive ``source``."""
    program = folder / "npm"
    program.write_text(f'#!/bin/sh\ncp "{source}" "$5/x.tgz"\n')
    program.chmod(0o755)
    return [str(program)]


def pin(path: Path, *files: str) -> Pin:
    return Pin(version="1.0.0", integrity=vendor.integrity(path), files=list(files))


def test_a_package_is_fetched_once_and_whole(tmp_path: Path) -> None:
    source = archive(tmp_path, js=b"1", other=b"2")
    pins = {"@some/one": pin(source, "js")}
    target = tmp_path / "browser"
    assert vendor.missing(pins, target) == pins
    vendor.fetch(pins, target, fake_npm(tmp_path, source), silent)
    assert not vendor.missing(pins, target)
    assert [str(file.relative_to(target)) for file in target.rglob("*") if file.is_file()] == [
        "some-one-1.0.0/js"
    ]


def test_a_file_that_was_deleted_is_fetched_again(tmp_path: Path) -> None:
    source = archive(tmp_path, js=b"1", css=b"2")
    pins = {"one": pin(source, "js", "*s")}
    target = tmp_path / "browser"
    npm = fake_npm(tmp_path, source)
    vendor.fetch(pins, target, npm, silent)
    (target / "one-1.0.0" / "js").unlink()
    assert vendor.missing(pins, target) == pins
    vendor.fetch(pins, target, npm, silent)
    assert not vendor.missing(pins, target)


def test_one_changed_bit_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, js=b"1")
    locked = {"one": pin(path, "js")}
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(SetupError, match=re.escape("one@1.0.0 is not the archive")):
        vendor.fetch(locked, tmp_path / "browser", fake_npm(tmp_path, path), silent)
    assert vendor.missing(locked, tmp_path / "browser")


def test_npms_reason_is_in_the_sentence(tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho npm error code ENOTFOUND >&2\nexit 1\n")
    npm.chmod(0o755)
    locked = {"one": Pin(version="1.0.0", integrity="", files=["js"])}
    with pytest.raises(SetupError, match=re.escape("could not fetch one@1.0.0: code ENOTFOUND.")):
        vendor.fetch(locked, tmp_path / "browser", [str(npm)], silent)


def test_a_named_file_that_is_absent_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="has no file css"):
        vendor.extract(archive(tmp_path, js=b"1"), "one", ["css"], tmp_path / "out")


def test_the_folder_in_an_archive_may_have_any_name(tmp_path: Path) -> None:
    vendor.extract(archive(tmp_path, "leaflet", ts=b"1"), "types", ["ts"], tmp_path / "out")
    assert (tmp_path / "out" / "ts").read_bytes() == b"1"


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("package/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        evil = tarfile.TarInfo("package/../../evil")
        tar.addfile(evil, io.BytesIO())
    with pytest.raises(SetupError, match="has no file"):
        vendor.extract(path, "one", ["*"], tmp_path / "in" / "out")
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("group", [vendor.SERVED, vendor.CHECKS])
def test_every_pin_is_exact_and_hashed(group: str) -> None:
    for locked in vendor.read_lock(group).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", locked["version"])
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", locked["integrity"])
        assert locked["files"]


def test_what_we_serve_comes_with_its_licence() -> None:
    """In its own package, or where that has none, in a text of ours."""
    texts = {path.stem for path in (STATIC / "licences").glob("*.txt")}
    for package, locked in vendor.read_lock().items():
        has_own = any(file.startswith("LICENSE") for file in locked["files"])
        assert has_own is not (package in texts), package
    assert texts <= set(vendor.read_lock())


def test_no_lock_file_names_a_registry() -> None:
    for lock in (vendor.LOCK, *environment.RUNTIME.parent.glob("*.txt")):
        assert "://" not in lock.read_text("utf-8")
    assert set(json.loads(vendor.LOCK.read_text("utf-8"))) == {vendor.SERVED, vendor.CHECKS}
