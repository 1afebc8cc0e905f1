"""Files that come in with a form, put where a reader can open them."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from fastapi import UploadFile

from gis.cells.uploading import Upload

PIECE = 2**20
NAME = 100

_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}", re.ASCII)


@contextmanager
def received(file: UploadFile) -> Iterator[Upload]:
    """Keep a file in a folder of its own while it is looked at.

    Of its name only the suffix is used there; the rest may be anything.
    """
    digest = hashlib.sha256()
    name = _plain(file.filename or "")
    with TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / f"upload{_suffix(name)}"
        with path.open("wb") as target:
            while piece := file.file.read(PIECE):
                digest.update(piece)
                target.write(piece)
        yield Upload(path, name, digest.hexdigest())


def _plain(name: str) -> str:
    """Return a name without folders, and without what cannot be seen or stored."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c if c.isprintable() else "�" for c in last)[-NAME:]


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
