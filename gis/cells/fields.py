"""Which fields of a file hold a cell's code, name and parent, and what they say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shapely import MultiPolygon

from gis.cells.lattice import snapped
from gis.cells.layer import Feature, Layer
from gis.cells.problems import Fault, Flaw, refusal
from gis.errors import InvalidGeometry, Problem
from gis.hierarchy import Code
from gis.messages import say

CODES = ("code", "编码", "代码", "网格编码", "网格代码", "区划代码")
NAMES = ("name", "名称", "网格名称", "区划名称")
CODE_LENGTH = 40
_LISTED = 1000  # characters of the names of fields

_WHOLE = re.compile(r"(-?\d+)\.0+")
_ROUNDED = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True, slots=True)
class Found:
    """A cell as a file gives it.

    Attributes
    ----------
    feature
        Its number in the file, from 1.
    parent
        Empty where the file does not say.
    geom
        On the lattice.
    kind
        Of a special cell, empty for an ordinary one; None where the file does not say.
    """

    feature: int
    code: Code
    name: str
    parent: Code
    geom: MultiPolygon
    kind: str | None = None


def cells_in(
    layer: Layer,
    *,
    code_field: str | None = None,
    name_field: str | None = None,
    parent_field: str | None = None,
    kind_field: str | None = None,
) -> tuple[list[Found], list[Problem]]:
    """Return the cells of a layer, and what is wrong with its other features, reading included.

    Parameters
    ----------
    layer
        In EPSG:4326.
    code_field, name_field, parent_field, kind_field
        Exact names. Without them the usual ones are looked for, in any case of
        letters, and no parent or kind is read; a cell without a name is named by its code.

    Raises
    ------
    InvalidFile
        If a field that was named is not there, or no field of codes is.
    """
    codes = fields_named(layer, code_field, CODES)
    if not codes:
        raise refusal(
            Fault.WRONG_FIELD,
            say("The file has no field of codes; its fields are: {fields}.", fields=_list(layer)),
            say("Name the field that holds the codes with --code-field."),
        )
    names = fields_named(layer, name_field, NAMES)
    parents = fields_named(layer, parent_field, ())
    kinds = fields_named(layer, kind_field, ())
    found: list[Found] = []
    problems = list(layer.problems)
    for feature in layer.features:
        try:
            found.append(_cell(feature, codes, names, parents, kinds))
        except Flaw as flaw:
            problems.append(flaw.of_feature(feature.number))
    return found, problems


def code_of(value: object) -> Code:
    """Return a code as text; a number becomes its plain digits.

    Raises
    ------
    Flaw
        If there is none, or it cannot be a code: rounded by a spreadsheet, too
        long, with a slash or a character that cannot be seen.
    """
    if value is None or isinstance(value, bool | list | dict) or not str(value).strip():
        raise Flaw(Fault.NO_CODE, say("It has no code."))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = _WHOLE.sub(r"\1", str(value).strip())
    if _ROUNDED.fullmatch(text):
        raise Flaw(
            Fault.BAD_CODE,
            say("The code {code} has lost its digits.", code=text),
            say("Format the column as text in the spreadsheet, and export it anew."),
        )
    if len(text) > CODE_LENGTH or not text.isprintable() or "/" in text:
        raise Flaw(
            Fault.BAD_CODE,
            say("“{code}” cannot be a code.", code=text[:CODE_LENGTH]),
            say("A code has up to 40 letters or digits, and no slash."),
        )
    return text


def _cell(
    feature: Feature,
    codes: Sequence[str],
    names: Sequence[str],
    parents: Sequence[str],
    kinds: Sequence[str],
) -> Found:
    code = code_of(first_value(feature, codes))
    name = text_of(first_value(feature, names)) or code
    parent = code_of(first_value(feature, parents)) if parents else ""
    kind = text_of(first_value(feature, kinds)) if kinds else None
    try:
        geom = snapped(feature.shape)
    except InvalidGeometry as error:
        raise Flaw(Fault.BROKEN_POLYGON, error.reason, error.remedy) from None
    return Found(feature.number, code, name, parent, geom, kind)


def fields_named(layer: Layer, given: str | None, usual: Iterable[str]) -> list[str]:
    """Return the field that was named, or all usual ones that the layer has."""
    if given is None:
        wanted = list(usual)
        return sorted(
            (f for f in layer.fields if f.lower() in wanted), key=lambda f: wanted.index(f.lower())
        )
    if given not in layer.fields:
        raise refusal(
            Fault.WRONG_FIELD,
            say(
                "The file has no field “{field}”; its fields are: {fields}.",
                field=given,
                fields=_list(layer),
            ),
            say("Name one of these."),
        )
    return [given]


def _list(layer: Layer) -> str:
    names = ", ".join(layer.fields) or "–"
    return names if len(names) <= _LISTED else f"{names[:_LISTED]}…"


def first_value(feature: Feature, fields: Sequence[str]) -> object:
    """Return the first value that is there."""
    values = (feature.properties.get(field) for field in fields)
    return next((v for v in values if v is not None and str(v).strip()), None)


def text_of(value: object) -> str:
    """Return a value of a field as one line of text; empty for what is none."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return " ".join(text.split())
