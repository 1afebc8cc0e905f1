"""Workbooks as office programs write them, byte by byte: XLSX, ODS and XLS."""

import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

Cell = str | int | float | date | None
Rows = Sequence[Sequence[Cell]]
EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet."""


def write_xlsx(path: Path, *sheets: Rows, hidden: Sequence[int] = ()) -> Path:
    """Write sheets; those whose number is in ``hidden`` are not visible."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    numbers = range(1, len(sheets) + 1)
    with ZipFile(path, "w") as file:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            "</Types>",
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
            f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="s{n}" Type="{office}/worksheet" Target="worksheets/{n}.xml"/>'
                for n in numbers
            )
            + f'<Relationship Id="t" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        )
        state = {n: ' state="hidden"' if n - 1 in hidden else "" for n in numbers}
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            + "".join(f'<sheet name="表{n}" sheetId="{n}"{state[n]} r:id="s{n}"/>' for n in numbers)
            + "</sheets></workbook>",
        )
        file.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
            "</cellXfs></styleSheet>",
        )
        for n, rows in zip(numbers, sheets, strict=True):
            body = "".join(
                f"<row>{''.join(_xlsx(cell, c, r) for c, cell in enumerate(row))}</row>"
                for r, row in enumerate(rows, 1)
            )
            file.writestr(
                f"xl/worksheets/{n}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
            )
    return path


def _xlsx(cell: Cell, column: int, row: int) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    if cell is None:
        return f"<c {place}/>"
    if isinstance(cell, date):
        return f'<c {place} s="1"><v>{(cell - EPOCH).days}</v></c>'
    if isinstance(cell, str):
        return f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f"<c {place}><v>{cell}</v></c>"


def write_ods(path: Path, rows: Rows) -> Path:
    """Write one sheet."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<table:table-row>{''.join(map(_ods, row))}</table:table-row>" for row in rows)
    with ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>',
        )
        file.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{urn}:office:1.0"'
            f' xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0">'
            '<office:body><office:spreadsheet><table:table table:name="表1">'
            f"{body}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _ods(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        value, text = f'"date" office:date-value="{cell}"', str(cell)
    elif isinstance(cell, str):
        value, text = '"string"', escape(cell)
    else:
        value, text = f'"float" office:value="{cell}"', str(cell)
    return f"<table:table-cell office:value-type={value}><text:p>{text}</text:p></table:table-cell>"


def write_xls(path: Path, rows: Rows) -> Path:
    """Write one sheet, BIFF8 in a compound file: a header, then sectors of 512 bytes."""
    book = _biff(rows)
    book += bytes(max(4096, -len(book) % 512 + len(book)) - len(book))
    sectors = len(book) // 512
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [fat, end, *range(3, sectors + 2), end]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = struct.pack(
        "<8s16s5H6x9I109I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, end, 0, end, 0, 0, *[free] * 108,
    )  # fmt: skip
    folder = _entry("Root Entry", 5, end, 0, child=1) + _entry("Workbook", 2, 2, len(book))
    path.write_bytes(header + table + folder + bytes(256) + book)
    return path


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBB3I36xIQ", text, len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, start, size
    )


def _biff(rows: Rows) -> bytes:
    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<4H2I", 0x0600, kind, 0, 0, 0, 6))

    general, dated = (record(0xE0, struct.pack("<2H16x", 0, f)) for f in (0, 14))
    name = bytes([1, 0]) + b"S"
    length = len(begin(5) + general + dated) + 4 + 6 + len(name) + 4
    book = begin(5) + general + dated
    book += record(0x85, struct.pack("<IH", length, 0) + name) + record(0x0A, b"")
    book += begin(0x10)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                book += record(0x0204, struct.pack("<3HHB", r, c, 0, len(cell), 1) + text)
            elif isinstance(cell, date):
                book += record(0x0203, struct.pack("<3Hd", r, c, 1, (cell - EPOCH).days))
            elif cell is not None:
                book += record(0x0203, struct.pack("<3Hd", r, c, 0, cell))
    return book + record(0x0A, b"")
