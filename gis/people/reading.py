"""People files into the deployment: who holds which cell, in which role, from when to when."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from gis.errors import InvalidFile, Problem
from gis.imported import Imported
from gis.messages import say
from gis.people import store
from gis.people.model import Holding, Person, Post, Term
from gis.people.roles import HOLDS
from gis.people.rows import Entry, Fault, entries_in, is_head
from gis.people.sheets import read_table


@dataclass(frozen=True, slots=True)
class PeopleImported(Imported):
    """What became of the rows of a people file.

    Attributes
    ----------
    read, written, skipped
        Rows: all, those that changed something, and those left out on request.
    notes
        ``updated``: rows, among those written, whose holding was there already;
        ``unchanged``: rows that say what was known; ``other_columns`` and
        ``other_sheets``: how many of the file's were not read.
    """


def import_people(conn: Connection, path: Path, *, skip_bad_rows: bool = False) -> PeopleImported:
    """Take people and what they hold in; the same file again changes nothing.

    A row says that a person holds a cell in a role from a day to a last day. Where that
    person, cell, role and first day are known, the row replaces the end and whom the
    person stands in for. Nothing is taken from who is not in the file. An empty phone or
    organisation leaves the known one as it is.

    Parameters
    ----------
    skip_bad_rows
        Leave rows with problems out, instead of refusing the file.

    Raises
    ------
    InvalidFile
        With every reason why the file cannot be taken in.
    """
    table, other_sheets = read_table(path, is_head=is_head)
    file = entries_in(table)
    ids = {entry.person.id for entry in file.entries}
    absent = {entry.holding.deputy_for for entry in file.entries if entry.holding.deputy_for}
    known = store.people_of(conn, ids | absent)
    stored = store.holdings_of(conn, ids)

    misplaced = _misplaced(conn, file.entries)
    entries = _without(file.entries, misplaced)
    strangers = _strangers(entries, known)
    entries = _without(entries, strangers)
    overlaps = _overlaps(entries, stored)
    entries = _without(entries, overlaps)

    found = [*file.problems, *misplaced, *strangers, *overlaps]
    problems = tuple(sorted(found, key=lambda problem: problem.row or 0))
    if problems and not skip_bad_rows:
        raise InvalidFile(problems)
    notes = Counter(other_columns=file.other_columns, other_sheets=other_sheets)
    written = _write(conn, entries, known=known, stored=stored, notes=notes)
    skipped = len({problem.row for problem in problems})
    return PeopleImported(file.read, written, skipped, problems, dict(+notes))


def _misplaced(conn: Connection, entries: Iterable[Entry]) -> list[Problem]:
    """Return what is wrong between rows and the cells that they name."""
    cells = store.terms_of(conn, {entry.holding.cell for entry in entries})
    problems = []
    for entry in entries:
        code, fault = entry.holding.cell, Fault.UNKNOWN_CELL
        wanted = HOLDS.get(entry.holding.role)
        level, terms = cells.get(code, (None, ()))
        if level is None:
            message = say("There is no cell {code}.", code=code)
            remedy = say("Import the cells first, or correct the code.")
        elif not any(term.overlaps(entry.holding.term) for term in terms):
            message = say("There is no cell {code} on those days.", code=code)
            remedy = say("Correct the days or the code.")
        elif wanted not in (None, level):
            fault = Fault.OTHER_LEVEL
            message = say(
                "“{role}” holds no cell of level {level}, as {code} is.",
                role=entry.role,
                level=level.word,
                code=code,
            )
            remedy = say("Correct the role or the code.")
        else:
            continue
        problems.append(Problem(fault, message, remedy, row=entry.row))
    return problems


def _strangers(entries: Sequence[Entry], known: Container[str]) -> list[Problem]:
    """Return the rows of deputies for people who will not be known once the others are in.

    Leaving such a row out may leave its own person unknown to the next.
    """
    problems: list[Problem] = []
    while True:
        ids = {entry.person.id for entry in entries}
        found = [
            Problem(
                Fault.UNKNOWN_PERSON,
                say("{person}, whom it stands in for, is unknown.", person=absent),
                say("Correct the number, or write a good row for them too."),
                row=entry.row,
            )
            for entry in entries
            if (absent := entry.holding.deputy_for) and absent not in ids and absent not in known
        ]
        if not found:
            return problems
        problems += found
        entries = _without(entries, found)


def _overlaps(entries: Iterable[Entry], stored: Iterable[Holding]) -> list[Problem]:
    """Return the rows that give a person the same post twice on some day.

    A row whose first day is stored takes the place of what is stored. Such rows come
    first, so that the new end of one makes room for the next.
    """
    held: dict[Post, dict[date | None, tuple[Term, int | None]]] = defaultdict(dict)
    for holding in stored:
        held[holding.post][holding.term.since] = holding.term, None
    problems = []
    for entry in sorted(entries, key=lambda e: e.holding.term.since not in held[e.holding.post]):
        term, mine = entry.holding.term, held[entry.holding.post]
        clash = next(
            (
                (other, row)
                for other, row in mine.values()
                if other.overlaps(term) and (row is not None or other.since != term.since)
            ),
            None,
        )
        if clash:
            problems.append(_overlap(entry, *clash))
        else:
            mine[term.since] = term, entry.row
    return problems


def _overlap(entry: Entry, other: Term, row: int | None) -> Problem:
    if row is not None:
        message = say(
            "Row {other} gives the person the same post on some of these days.", other=row
        )
        remedy = say("Let one end before the other begins, or leave one out.")
    else:
        message = say(
            "{person} has this post from {first} to {last} already.",
            person=entry.person.id,
            first=other.since or "…",
            last=other.last or "…",
        )
        remedy = say(
            "Let one end before the other begins; a row with that first day moves its end."
        )
    return Problem(Fault.OVERLAP, message, remedy, row=entry.row)


def _write(
    conn: Connection,
    entries: Sequence[Entry],
    *,
    known: Mapping[str, Person],
    stored: Mapping[Holding, int],
    notes: Counter[str],
) -> int:
    """Write what is new in the rows; return how many say something new, and note the others."""
    people = _merged(entries, known)
    changed = {person.id for person in people.values() if known.get(person.id) != person}
    numbers = {(holding.post, holding.term.since): n for holding, n in stored.items()}
    holdings = []
    written = 0
    for entry in entries:
        number = numbers.get((entry.holding.post, entry.holding.term.since))
        if entry.holding not in stored:
            holdings.append((entry.holding, number))
        elif entry.person.id not in changed:
            notes["unchanged"] += 1
            continue
        written += 1
        notes["updated"] += number is not None
    store.put_people(conn, [people[person] for person in sorted(changed)])
    store.put_holdings(conn, holdings)
    return written


def _merged(entries: Iterable[Entry], known: Mapping[str, Person]) -> dict[str, Person]:
    """Return the people of the rows: what is known, and over it what each row states."""
    people: dict[str, Person] = {}
    for entry in entries:
        stated = entry.person
        before = people.get(stated.id) or known.get(stated.id) or stated
        people[stated.id] = Person(
            stated.id,
            stated.name,
            stated.phone or before.phone,
            stated.organisation or before.organisation,
        )
    return people


def _without(entries: Iterable[Entry], problems: Iterable[Problem]) -> list[Entry]:
    bad = {problem.row for problem in problems}
    return [entry for entry in entries if entry.row not in bad]
