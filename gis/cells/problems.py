"""What can be wrong with a file of cells or of points, each under a stable English word."""

from enum import StrEnum

from gis.errors import InvalidFile, Problem
from gis.messages import NOTHING, Message


class Fault(StrEnum):
    """The codes of problems; programs rely on them."""

    # The whole file
    MISSING_FILE = "missing_file"
    UNREADABLE = "unreadable"  # another format, broken, or dangerous to open
    TOO_LARGE = "too_large"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNDECLARED_PROJECTION = "undeclared_projection"
    WRONG_FIELD = "wrong_field"
    SEVERAL_LAYERS = "several_layers"
    EMPTY = "empty"
    # A feature or row
    NO_POLYGON = "no_polygon"
    BROKEN_POLYGON = "broken_polygon"
    NO_CODE = "no_code"
    BAD_CODE = "bad_code"
    DUPLICATE_CODE = "duplicate_code"
    OTHER_LEVEL = "other_level"
    UNKNOWN_PARENT = "unknown_parent"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    SWAPPED = "swapped"
    NULL_ISLAND = "null_island"
    # Between cells: remarks, unless the cells are units
    OVERLAP = "overlap"
    GAP = "gap"
    DIFFERENCE = "difference"  # between a parent and its children; small ones are remarks
    OUTSIDE_PARENT = "outside_parent"
    NOT_TILED = "not_tiled"
    NOT_REPAIRED = "not_repaired"
    REPAIRED = "repaired"  # a remark: what a repair moved


def refusal(code: Fault, message: Message, remedy: Message = NOTHING) -> InvalidFile:
    """Return the error for a file that is wrong as a whole."""
    return InvalidFile([Problem(code, message, remedy)])


class Flaw(Exception):
    """What is wrong with one feature; whoever knows its number makes a Problem of it."""

    def __init__(
        self,
        code: Fault,
        message: Message,
        remedy: Message = NOTHING,
        *,
        at: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.remedy = remedy
        self.at = at

    def of_feature(self, number: int) -> Problem:
        """Return the problem of the feature, counted from 1."""
        lon, lat = self.at or (None, None)
        return Problem(self.code, self.message, self.remedy, feature=number, lon=lon, lat=lat)
