"""The server that a data folder names, and whether it really works on that folder.

``postmaster.pid`` alone does not tell. A folder that was copied names the
original's server; after a power cut the number may be any program's. Where the
kernel says which folder a process works in (Linux), we know; elsewhere
PostgreSQL's own judgement stands.
"""

from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"
PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A server as its data folder names it.

    Attributes
    ----------
    socket
        The folder in which it listens.
    program
        What the process runs; empty: it is gone, or may not be looked at.
    folder
        Where it works, if that is known.
    """

    pid: int
    socket: Path
    program: str
    folder: Path | None

    def works_on(self, data: Path) -> bool:
        """Tell whether it certainly works on ``data``."""
        return self.folder == data.resolve()

    def works_elsewhere(self, data: Path) -> bool:
        """Tell whether it certainly has nothing to do with ``data``."""
        return self.folder is not None and not self.works_on(data)


def noted(data: Path) -> Postmaster | None:
    """Return the server that ``data`` names, dead or alive; None if it names none."""
    try:
        lines = (data / PID_FILE).read_text("utf-8").splitlines()
        pid, socket = int(lines[0]), Path(lines[4])
    except (FileNotFoundError, IndexError, ValueError):  # also: while it is being written
        return None
    process = PROCESSES / str(pid)
    try:
        return Postmaster(
            pid, socket, (process / "exe").readlink().name, (process / "cwd").readlink()
        )
    except OSError:
        return Postmaster(pid, socket, "", None)
