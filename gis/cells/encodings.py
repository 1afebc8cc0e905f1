"""Text whose encoding nobody vouches for: UTF-8, Chinese, or as declared, each strictly."""

import codecs
from collections.abc import Callable, Sequence
from typing import TypeVar

from gis.cells.problems import Fault, refusal
from gis.messages import say

Read = TypeVar("Read")


def candidates(given: str | None, declared: str | None = None) -> Sequence[str]:
    """Return the encodings to try, in order.

    Parameters
    ----------
    given
        What the person says; then it alone is tried.
    declared
        What the file says of itself, which may be a lie. GB2312 comes before it
        because a file that says Latin-1 decodes whatever it holds, and every pair
        of bytes of common Chinese text is GB2312, while accented letters of
        European text hardly ever stand in pairs.
    """
    if given is not None:
        if not _is_known(given):
            raise refusal(
                Fault.UNKNOWN_ENCODING,
                say("There is no encoding “{name}”.", name=given),
                say("Name one such as UTF-8 or GB18030."),
            )
        return [given]
    trusted = [declared] if declared and _is_known(declared) else []
    return list(dict.fromkeys(["utf-8-sig", "gb2312", *trusted, "gb18030"]))


def first_that_fits(encodings: Sequence[str], read: Callable[[str], Read]) -> tuple[Read, str]:
    """Return what ``read`` makes of the first encoding that it does not fail on, and that one."""
    for encoding in encodings:
        try:
            return read(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise refusal(
        Fault.UNKNOWN_ENCODING,
        say("The text is not {encodings}.", encodings=", ".join(encodings)),
        say("Name its encoding with --encoding, or save the file as UTF-8."),
    )


def note(encoding: str) -> dict[str, int]:
    """Return the note that a file is not UTF-8, empty if it is."""
    name = named(encoding).replace("-", "_")
    return {} if name == "utf_8" else {f"read_as_{name}": 1}


def named(encoding: str) -> str:
    """Return an encoding's plain name: ``utf-8``, ``gb18030``, …."""
    name = codecs.lookup(encoding).name
    return "utf-8" if name.startswith(("utf-8", "utf_8")) else name


def _is_known(name: str) -> bool:
    try:
        b"a".decode(name)
    except UnicodeDecodeError:  # as UTF-16 has it, half a letter
        return True
    except (LookupError, ValueError):  # no such name, or a codec of something else than text
        return False
    return True
