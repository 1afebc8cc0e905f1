"""The table in a people file: CSV text, or the first sheet of a workbook."""

import io
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from gis.errors import InvalidFile, Problem
from gis.messages import Message, say
from gis.textfiles import TextTable, read_bytes, read_csv

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What XLSX and ODS files begin with, and XLS files."""
EXPANDED_BYTES = 200 * 2**20
TITLE_ROWS = 5
"""Rows above the head in which a sheet may say what it is."""


def read_table(path: Path, *, is_head: Callable[[Sequence[str]], bool]) -> tuple[TextTable, int]:
    """Return the table of a file, and how many sheets beside it were not read.

    The file's content, not its name, tells a workbook from text. Of a workbook's
    visible sheets the first that has anything is read. Empty rows do not count.

    Parameters
    ----------
    is_head
        Tells a head from a title; where no row is one, the first is taken for it.

    Raises
    ------
    InvalidFile
        If it cannot be read, is protected, or holds nothing.
    """
    content = read_bytes(path)
    if not content.startswith((ZIP, OLE)):
        return read_csv(path), 0
    sheets = [rows for rows in _sheets(path, content) if rows]
    if not sheets:
        raise _refusal(
            "no_head",
            say("{path} is empty.", path=path),
            say("Its first line must name the columns."),
        )
    rows, *others = sheets
    head = next((n for n, row in enumerate(rows[:TITLE_ROWS]) if is_head(row)), 0)
    return TextTable(path, tuple(rows[head]), rows[head + 1 :]), len(others)


def plain(text: str) -> str:
    """Return a text in half-width letters, without the spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def _sheets(path: Path, content: bytes) -> list[list[list[str]]]:
    """Return the rows of every visible sheet, as texts."""
    try:
        if content.startswith(ZIP):
            _check_size(path, content)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                _rows(book.get_sheet_by_name(sheet.name).to_python())
                for sheet in book.sheets_metadata
                if sheet.visible == SheetVisibleEnum.Visible
                and sheet.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError:
        raise _refusal(
            "unreadable",
            say("{path} is protected by a password.", path=path),
            say("Save it without one and import it again."),
        ) from None
    except (CalamineError, BadZipFile, NotImplementedError) as error:
        raise _broken(path, error) from None
    except BaseException as error:
        # The reader panics over some XLS files that are cut off; no class to catch is public.
        if type(error).__name__ != "PanicException":
            raise
        raise _broken(path, error) from None


def _check_size(path: Path, content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as archive:
        expanded = sum(member.file_size for member in archive.infolist())
    if expanded > EXPANDED_BYTES:
        raise _refusal(
            "too_large",
            say("{path} is too large when it is unpacked.", path=path),
            say("Send it in parts."),
        )


def _rows(values: Sequence[Sequence[object]]) -> list[list[str]]:
    rows = ([_text(value) for value in row] for row in values)
    return [row for row in rows if any(row)]


def _text(value: object) -> str:
    """Return what a person reads in a cell: no “.0” behind a number, no midnight behind a date."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _broken(path: Path, error: BaseException) -> InvalidFile:
    return _refusal(
        "unreadable",
        say("{path} is not a proper spreadsheet: {reason}.", path=path, reason=error),
        say("Save it as XLSX, ODS or CSV again."),
    )


def _refusal(code: str, message: Message, remedy: Message) -> InvalidFile:
    return InvalidFile([Problem(code, message, remedy)])
