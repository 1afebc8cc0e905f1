"""The rows of a people file, one by one: what each says, or what is wrong with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gis.errors import InvalidFile, Problem
from gis.messages import Message, say
from gis.people.model import Holding, Person, Term
from gis.people.roles import Role
from gis.people.sheets import plain
from gis.textfiles import TextTable


class Fault(StrEnum):
    """The codes of problems; programs rely on them."""

    # The whole file
    WRONG_FIELD = "wrong_field"
    DUPLICATE_FIELD = "duplicate_field"
    NO_ROWS = "empty"
    # A row
    NO_PERSON = "no_person"
    NO_NAME = "no_name"
    NO_CELL = "no_cell"
    NOT_A_DATE = "not_a_date"
    BACKWARDS = "backwards"
    UNKNOWN_ROLE = "unknown_role"
    OWN_DEPUTY = "own_deputy"
    # A row among the others, and in the township
    TWO_NAMES = "two_names"
    UNKNOWN_CELL = "unknown_cell"
    OTHER_LEVEL = "other_level"
    UNKNOWN_PERSON = "unknown_person"
    OVERLAP = "overlap"


COLUMNS = {
    "person_id": "工号",
    "name": "姓名",
    "phone": "电话",
    "organisation": "单位",
    "role": "岗位",
    "cell": "网格编码",
    "from": "起",
    "to": "止",
    "deputy_for": "代理",
}
"""The columns, in English and in Chinese."""
REQUIRED = ("person_id", "name", "role", "cell", "from")

ROLES = {
    Role.CHIEF: ("总网格长", "一级网格长"),
    Role.AREA_LEADER: ("片区网格长", "片区长", "二级网格长"),
    Role.VILLAGE_LEADER: ("村级网格长", "村网格长", "三级网格长"),
    Role.UNIT_WORKER: ("单元网格员", "网格员", "专职网格员", "四级网格员"),
    Role.CENTRE_STAFF: ("网格化管理中心", "网格管理中心", "管理中心", "中心人员"),
    Role.PLANNER: ("规划员",),
    Role.DEPARTMENT_STAFF: ("部门", "部门人员"),
    Role.INSPECTOR: ("督查小组", "督查组", "督查员"),
    Role.ADMINISTRATOR: ("管理员", "系统管理员"),
}
"""What lists call the roles, besides their own words."""

NAMED = [f"{role} {names[0]}" for role, names in ROLES.items()]
IN_ANY_WIDTH = ("person_id", "phone", "role", "cell", "from", "to", "deputy_for")
"""Columns in which full-width letters and figures stand for the usual ones."""
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?")
COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
OPEN = ("", "至今", "长期")
"""What stands for no end; so does the last day that there is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the file, counted from 1 under the head; ``role`` as the file has it."""

    row: int
    person: Person
    holding: Holding
    role: str


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A people file, read.

    Attributes
    ----------
    entries
        The good rows, in the file's order.
    read
        All rows.
    problems
        What is wrong with the others, in the file's order.
    other_columns
        How many columns nothing is read from.
    """

    entries: tuple[Entry, ...]
    read: int
    problems: tuple[Problem, ...]
    other_columns: int


def is_head(row: Sequence[str]) -> bool:
    """Whether a row of a sheet names columns: a title names none."""
    return sum(_key(text) in _COLUMNS for text in row) > 1


def entries_in(table: TextTable) -> PeopleFile:
    """Read the rows of a table.

    Raises
    ------
    InvalidFile
        If a column is missing or stands there twice, or there are no rows.
    """
    columns = _columns(table)
    names: dict[str, str] = {}
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, row in enumerate(table.rows, start=1):
        values = dict.fromkeys(COLUMNS, "") | {name: row[n].strip() for name, n in columns.items()}
        values |= {name: plain(values[name]) for name in IN_ANY_WIDTH}
        faults = [Problem(*fault, row=number) for fault in _faults(values, names)]
        problems += faults
        if not faults:
            entries.append(_entry(number, values))
    others = sum(bool(field) for field in table.fields) - len(columns)
    return PeopleFile(tuple(entries), len(table.rows), tuple(problems), others)


def role_of(text: str) -> Role | None:
    """Return the role that a text names, in our words or the field's; None for any other."""
    return _ROLES.get(_key(text))


def date_of(text: str) -> date | None:
    """Return the date that a text names, year first; None where it is no date."""
    found = DATE.fullmatch(text) or COMPACT_DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _columns(table: TextTable) -> dict[str, int]:
    """Return where each of our columns stands."""
    columns: dict[str, int] = {}
    problems = []
    for n, field in enumerate(table.fields):
        name = _COLUMNS.get(_key(field))
        if name in columns:
            message = say("{path} has two columns “{field}”.", path=table.path, field=name)
            problems.append(Problem(Fault.DUPLICATE_FIELD, message, say("Leave one of them out.")))
        elif name is not None:
            columns[name] = n
    have = ", ".join(field for field in table.fields if field)
    problems += [
        Problem(
            Fault.WRONG_FIELD,
            say(
                "{path} has no column “{field}” ({chinese}).",
                path=table.path,
                field=name,
                chinese=COLUMNS[name],
            ),
            say("It has these columns: {columns}.", columns=have),
        )
        for name in REQUIRED
        if name not in columns
    ]
    if not problems and not table.rows:
        message = say("{path} has no rows.", path=table.path)
        problems.append(Problem(Fault.NO_ROWS, message, say("Write a line for each person.")))
    if problems:
        raise InvalidFile(problems)
    return columns


def _faults(
    values: Mapping[str, str], names: dict[str, str]
) -> Iterator[tuple[Fault, Message, Message]]:
    """Yield code, reason and remedy of everything that is wrong with a row by itself.

    ``names`` are those of the rows above, by person; the row's own is added.
    """
    person, name = values["person_id"], values["name"]
    if not person:
        yield Fault.NO_PERSON, say("It names no person."), say("Write the person's number.")
    if not name:
        yield Fault.NO_NAME, say("The person has no name."), say("Write the name.")
    elif person and names.setdefault(person, name) != name:
        yield (
            Fault.TWO_NAMES,
            say(
                "{person} is called {name} here and {other} above.",
                person=person,
                name=name,
                other=names[person],
            ),
            say("Give each person a number of their own, or correct the name."),
        )
    if not values["cell"]:
        yield Fault.NO_CELL, say("It names no cell."), say("Write the cell's code.")
    if role_of(values["role"]) is None:
        yield (
            Fault.UNKNOWN_ROLE,
            say("There is no role “{role}”.", role=values["role"]),
            say("Write one of these: {roles}.", roles=", ".join(NAMED)),
        )
    if person and values["deputy_for"] == person:
        yield (
            Fault.OWN_DEPUTY,
            say("{person} stands in for themselves.", person=person),
            say("Name the person on leave, or nobody."),
        )
    yield from _date_faults(values["from"], values["to"])


def _date_faults(first: str, last: str) -> Iterator[tuple[Fault, Message, Message]]:
    for text, is_open in ((first, False), (last, last in OPEN)):
        if not is_open and date_of(text) is None:
            yield (
                Fault.NOT_A_DATE,
                say("“{text}” is not a date.", text=text),
                say("Write it as 2026-05-18."),
            )
    begin, end = date_of(first), date_of(last)
    if begin and end and end < begin:
        yield (
            Fault.BACKWARDS,
            say("It ends on {last}, before it begins on {first}.", last=end, first=begin),
            say("“to” is the last day; correct one of the two."),
        )


def _entry(number: int, values: Mapping[str, str]) -> Entry:
    """Return a row in which nothing is wrong."""
    person = Person(values["person_id"], values["name"], values["phone"], values["organisation"])
    last = date_of(values["to"])
    until = last + timedelta(days=1) if last and last < date.max else None
    term = Term(date_of(values["from"]), until)
    role = _ROLES[_key(values["role"])]
    holding = Holding(person.id, values["cell"], role, term, values["deputy_for"] or None)
    return Entry(number, person, holding, values["role"])


def _key(text: str) -> str:
    """Return a head or a role without what people write in many ways."""
    return re.sub(r"[\s_-]+", "", plain(text).casefold())


_COLUMNS = {_key(name): ours for ours, chinese in COLUMNS.items() for name in (ours, chinese)}
_ROLES = {_key(name): role for role, names in ROLES.items() for name in (role, *names)}
