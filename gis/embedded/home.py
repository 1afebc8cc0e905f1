"""Where an installation lives, who owns its database and how the database is reached.

Three folders, each with a constraint of its own:

home
    ``WANGGE_HOME``, by default ``.wangge/`` in the checkout: locks, what was fetched, media.
database
    The cluster. Its owner is never root, and must be able to enter every parent.
socket
    Its path, with the socket's name, may have 107 bytes; a checkout's own path is often longer.
"""

import fcntl
import hashlib
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gis.embedded import debian
from gis.embedded.errors import SetupError
from gis.embedded.programs import Tell, silent
from gis.messages import say

ACCOUNT = "wangge"
SHARED = Path("/var/lib/wangge")
"""For the clusters of root whose home nobody else can enter."""
TEMPORARY = Path("/tmp")  # noqa: S108  (for sockets only, in folders of mode 0700)
SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
SOCKET_NAME = ".s.PGSQL.5432.lock"
SOCKET_BYTES = 103
"""``sun_path`` holds 107 bytes on Linux, 103 on macOS."""
PLAIN = re.compile(r"[\w/. -]+")
"""A comma would part two hosts, a quotation mark end a setting."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The ordinary user under whom PostgreSQL runs; it refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        """Whether no change of user is needed."""
        return self.uid == os.geteuid()


@dataclass(frozen=True, slots=True)
class Home:
    """A home with a database of its own; ``database`` and ``socket`` belong to ``owner``."""

    root: Path
    database: Path
    socket: Path
    owner: Owner

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.database / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.database / "postgres.log"

    @property
    def packages(self) -> Path:
        """Debian packages that were unpacked without root."""
        return self.root / "debian"


def path_of_home(checkout: Path) -> Path:
    """Return where the home of ``checkout`` is or will be."""
    return Path(os.environ.get("WANGGE_HOME") or checkout / ".wangge").absolute()


def make_home(root: Path) -> Path:
    """Create the folder of a home unless it is there, and return it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            say("The folder {path} cannot be made: {reason}.", path=root, reason=error.strerror),
            "WANGGE_HOME=FOLDER ./wangge demo",
        ) from error
    return root


def open_home(root: Path, tell: Tell = silent) -> Home:
    """Create what is missing of a home with a database, and return it."""
    make_home(root)
    owner = database_owner(tell)
    database = database_folder(root.resolve(), owner)
    own_folder(database, owner)
    return Home(root, database, socket_folder(database, owner), owner)


def database_owner(tell: Tell = silent) -> Owner:
    """Return the caller; for root a system account of ours, made on first use.

    Neither ``postgres``, which appears only when apt installs the server, nor
    ``nobody``, which daemons share: the owner of data must be private and must
    never depend on what is installed.
    """
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    found = account() or made_account(tell)
    if found:
        return found
    raise SetupError(
        say("PostGIS does not run as root, and no other account could be made."),
        f"useradd --system --user-group {ACCOUNT}",
    )


def made_account(tell: Tell) -> Owner | None:
    """Make our system account and return it, if this machine has a way to make one."""
    if not shutil.which("useradd", path=SYSTEM_PATH) and debian.has_apt():
        debian.refresh((), tell)
        debian.install(["passwd"], tell)
    if useradd := shutil.which("useradd", path=SYSTEM_PATH):
        options = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
        # Its failure needs no word: another launcher may have been quicker.
        subprocess.run([useradd, *options, ACCOUNT], capture_output=True, check=False)
    return account()


def account() -> Owner | None:
    """Return our system account, if the machine has it."""
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None
    return Owner(entry.pw_uid, entry.pw_gid)


def database_folder(root: Path, owner: Owner) -> Path:
    """Return where the cluster of the home ``root`` is, or where a new one belongs.

    That is in the home, or, where the owner cannot enter it (root's checkout
    under /root), in /var/lib/wangge with a pointer in the home. A home that was
    moved takes its cluster along; a copy of a home gets a cluster of its own.
    """
    inside, pointer = root / "cluster", root / "cluster.json"
    if pointer.exists():
        noted = json.loads(pointer.read_text("utf-8"))
        original = Path(noted["home"])
        if original == root or not (original / pointer.name).exists():
            note(pointer, root, Path(noted["cluster"]))
            return Path(noted["cluster"])
    elif owner.is_caller or inside.exists() or may_enter(root, owner):
        return inside
    folder = SHARED / digest(root)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o755)  # whatever root's umask is
    note(pointer, root, folder)
    return folder


def note(pointer: Path, root: Path, folder: Path) -> None:
    """Write down which cluster belongs to which home, unless that is what stands there."""
    text = json.dumps({"home": str(root), "cluster": str(folder)})
    if not pointer.exists() or pointer.read_text("utf-8") != text:
        whole = pointer.with_suffix(".partial")
        whole.write_text(text, "utf-8")
        whole.replace(pointer)


def digest(folder: Path) -> str:
    """Return a short name for a path."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]


def may_enter(folder: Path, owner: Owner) -> bool:
    """Tell whether ``owner`` can traverse ``folder`` and its parents (by mode bits, not ACLs)."""
    for part in (folder, *folder.parents):
        found = part.stat()
        if found.st_uid == owner.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == owner.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True


def own_folder(folder: Path, owner: Owner) -> None:
    """Create ``folder`` with mode 0700 for ``owner``; refuse one that belongs to somebody else."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid:
            raise SetupError(
                say("{path} is not a folder of the database's owner.", path=folder),
                "WANGGE_HOME=FOLDER ./wangge demo",
            ) from None
    else:
        if not owner.is_caller:
            os.chown(folder, owner.uid, owner.gid)


def socket_folder(database: Path, owner: Owner) -> Path:
    """Return a private folder, always the same one, that is short enough for a socket.

    It is in the cluster's own folder where that has a short and plain path, else
    in /tmp. Not in $XDG_RUNTIME_DIR: that is set in one session and not in the
    next, and is removed at log-out with the socket of a server that still runs.
    """
    inside = database / "socket"
    short = len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_BYTES
    folder = (
        inside
        if short and PLAIN.fullmatch(str(inside))
        else TEMPORARY / f"wangge-{owner.uid}-{digest(database)}"
    )
    own_folder(folder, owner)
    return folder


@contextmanager
def locked(path: Path, tell: Tell) -> Iterator[None]:
    """Hold an exclusive lock; the kernel frees it when the holder dies, kill -9 included."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(say("waiting for another ./wangge to finish this"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
