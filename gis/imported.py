"""What every import tells of the file it took in."""

from dataclasses import dataclass

from gis.errors import Problem


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    Attributes
    ----------
    read, written, skipped
        Rows, features or points: all, those that changed something here, and those
        that were left out on request.
    problems
        Of those left out, and remarks; none of them stopped the import.
    notes
        How often something was found or put right, by a word for it.
    """

    read: int
    written: int
    skipped: int
    problems: tuple[Problem, ...]
    notes: dict[str, int]
