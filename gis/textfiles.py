"""Text tables as people send them: any encoding that can be told, any column order."""

import csv
import io
import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from errno import EISDIR, ENOENT
from pathlib import Path

from gis.errors import InvalidFile, Problem
from gis.messages import say

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order; the first is strict enough never to take the other for itself."""
LARGEST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class TextTable:
    """A CSV file: its head, and its rows as texts, each as long as the head."""

    path: Path
    fields: tuple[str, ...]
    rows: Sequence[Sequence[str]]

    def column(self, field: str) -> list[str]:
        """Return a column's texts, trimmed."""
        i = self.fields.index(field)
        return [row[i].strip() for row in self.rows]


def read_bytes(path: Path) -> bytes:
    """Return what a file holds; InvalidFile where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InvalidFile(
                [
                    Problem(
                        "too_large",
                        say("{path} is larger than 1 GB.", path=path),
                        say("Send it in parts."),
                    )
                ]
            )
        return path.read_bytes()
    except FileNotFoundError:
        problem = Problem(
            "missing_file", say("There is no file {path}.", path=path), say("Check the name.")
        )
    except OSError as error:
        problem = Problem(
            "unreadable",
            say("{path} cannot be read: {reason}.", path=path, reason=error.strerror),
            say("Check that it is a file and that you may read it."),
        )
    raise InvalidFile([problem])


def decode(path: Path, content: bytes, *, encoding: str | None = None) -> str:
    """Return a file's text: strict UTF-8, else GB18030, or the encoding given.

    Raises
    ------
    InvalidFile
        If there is no such encoding, or the text is in none of those tried.
    """
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            text = content.decode(name)
        except LookupError:
            break
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidFile(
        [
            Problem(
                "unknown_encoding",
                say("The text of {path} is in no encoding that can be told.", path=path),
                say("Save it as UTF-8 and import it again."),
            )
        ]
    )


def read_csv(path: Path, *, encoding: str | None = None) -> TextTable:
    """Return a CSV file; a comma, semicolon or tabulator parts its columns.

    ``encoding`` is of its text; None: UTF-8, else GB18030.

    Raises
    ------
    InvalidFile
        If it cannot be read, is empty, names a column twice, or a row has more
        values than the head has names. Short rows are filled up with nothing.
    """
    text = decode(path, read_bytes(path), encoding=encoding)
    head, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=head.count)
    try:
        first, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except ValueError:
        raise InvalidFile(
            [
                Problem(
                    "no_head",
                    say("{path} is empty.", path=path),
                    say("Its first line must name the columns."),
                )
            ]
        ) from None
    except csv.Error as error:
        raise InvalidFile(
            [
                Problem(
                    "unreadable",
                    say("{path} is not a proper CSV file: {reason}.", path=path, reason=error),
                    say("Save it as CSV again."),
                )
            ]
        ) from None
    fields = tuple(name.strip() for name in first)
    body = [row for row in rows if any(value.strip() for value in row)]
    _check_shape(path, fields, body)
    return TextTable(path, fields, [row + [""] * (len(fields) - len(row)) for row in body])


def extended(
    table: TextTable, rows: Sequence[int], columns: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """Return some rows of a table with more columns behind its own; the head first.

    Parameters
    ----------
    rows
        Counted from 1 under the head; ``columns`` have one value for each.
    columns
        By name. One that the table has already gets a stroke at its end: what
        the file says is never covered.
    """
    head = list(table.fields)
    for column in columns:
        name = column
        while name in head:
            name += "_"
        head.append(name)
    values = zip(*columns.values(), strict=True)
    body = zip(rows, values, strict=True)
    return [head, *([*table.rows[row - 1], *more] for row, more in body)]


def write_csv(path: Path, rows: Iterable[Sequence[object]], *, like: Path) -> None:
    """Write rows, the head first, in UTF-8; all of the file or none.

    It begins with a byte-order mark if the file ``like`` does: who sends one
    needs one back, and whose program does not expect one gets none.
    """
    with like.open("rb") as given:
        encoding = "utf-8-sig" if given.read(len(BOM_UTF8)) == BOM_UTF8 else "utf-8"
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(path))
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    partial.replace(path)


def require(table: TextTable, options: Mapping[str, str | None]) -> None:
    """Refuse field names that the file does not have; options that are None are not asked for.

    ``options`` maps the option's name, as ``--lon-field``, to the field it names.
    """
    have = ", ".join(table.fields)
    problems = [
        Problem(
            "wrong_field",
            say(
                "{option}: {path} has no column “{field}”.",
                option=option,
                path=table.path,
                field=field,
            ),
            say("It has these columns: {columns}.", columns=have),
        )
        for option, field in options.items()
        if field is not None and field not in table.fields
    ]
    if problems:
        raise InvalidFile(problems)


def _check_shape(path: Path, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    twice = sorted({name for name in fields if name and fields.count(name) > 1})
    problems = [
        Problem(
            "duplicate_field",
            say("{path} has two columns “{field}”.", path=path, field=name),
            say("Rename one of them."),
        )
        for name in twice
    ]
    problems += [
        Problem(
            "too_many_values",
            say("The row has {n} values, the head has {m}.", n=len(row), m=len(fields)),
            say("Put values that hold a comma into quotation marks."),
            row=number,
        )
        for number, row in enumerate(rows, start=1)
        if len(row) > len(fields)
    ]
    if problems:
        raise InvalidFile(problems)
