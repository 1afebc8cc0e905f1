"""Move what is past its time: find what is due, lock it, write the steps.

Nothing here decides anything; :mod:`gis.issues.escalation` does. So it does not
matter when, how often or by how many a sweep is run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, Uuid, any_, case, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from gis import tables
from gis.hierarchy import Code
from gis.issues import ledger
from gis.issues.escalation import Basis, Clock, Entry, Rules, Stage, clock_of, steps_due
from gis.issues.filing import IMPORT
from gis.issues.ledger import Head, Line
from gis.issues.lifecycle import Kind
from gis.issues.rules import load_rules
from gis.messages import Message, say

BATCH = 500
STEPS = UUID("b3c1a6de-52f4-5d0e-9a5e-6f3a9d1c7e40")
"""Namespace of the ids that the clock makes for its own lines."""

C = tables.issue.c
ISSUES = select(
    C.id, C.category, C.severity, C.cell, C.source, case((C.file_due, C.due)).label("file_due")
)


@dataclass(frozen=True, slots=True)
class Move:
    """An issue that went up.

    Attributes
    ----------
    from_cell, to_cell
        None is the centre's queue.
    due
        The deadline that passed; the move is dated by it.
    """

    issue: UUID
    from_cell: Code | None
    to_cell: Code | None
    due: datetime
    reason: Message


@dataclass(frozen=True, slots=True)
class Escalation:
    """What a sweep did: how many issues went up and were warned how often, and each move."""

    at: datetime
    escalated: int
    warned: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """What time did to one issue: the new lines, where they leave it, and its moves."""

    lines: tuple[Line, ...]
    head: Head
    moves: tuple[Move, ...]


def escalate(conn: Connection, *, at: datetime, batch: int = BATCH) -> Escalation:
    """Take every step due before ``at``; a second call finds none.

    A step is dated by its own deadline, whenever the sweep comes by. Issues that
    another transaction holds are left to it.
    """
    due = (
        ISSUES.where(C.next_due < at)
        .order_by(C.next_due, C.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    rules: Rules | None = None
    passed: list[Passed] = []
    while rows := conn.execute(due).all():
        rules = rules or load_rules(conn)
        passed += _settle(conn, rules, rows=rows, until=dict.fromkeys((r.id for r in rows), at))
    moves = tuple(move for one in passed for move in one.moves)
    warned = sum(line.entry.kind is Kind.WARNED for one in passed for line in one.lines)
    return Escalation(at, len(moves), warned, moves)


def settle(conn: Connection, rules: Rules, *, until: Mapping[UUID, datetime]) -> list[Head]:
    """Lock some issues, take the steps due before each one's instant, and return how they stand.

    Whoever acts on an issue settles it first: else it would matter whether a
    sweep had come by.
    """
    chosen = C.id == any_(literal(list(until), ARRAY(Uuid)))
    rows = conn.execute(ISSUES.where(chosen).order_by(C.id).with_for_update()).all()
    return [one.head for one in _settle(conn, rules, rows=rows, until=until)]


def _settle(
    conn: Connection,
    rules: Rules,
    *,
    rows: Sequence[Row[*tuple[Any, ...]]],
    until: Mapping[UUID, datetime],
) -> list[Passed]:
    """Write the steps of issues that this transaction has locked."""
    entries = ledger.read(conn, [row.id for row in rows])
    passed = [
        _passed(rules, _basis(row), issue=row.id, entries=entries[row.id], until=until[row.id])
        for row in rows
    ]
    ledger.write(conn, (line for one in passed for line in one.lines))
    ledger.point(conn, [one.head for one in passed])
    return passed


def _passed(
    rules: Rules, basis: Basis, *, issue: UUID, entries: Sequence[Entry], until: datetime
) -> Passed:
    clock, version = clock_of(rules, basis, ledger=entries), len(entries)
    lines: list[Line] = []
    moves: list[Move] = []
    for step, before, after in steps_due(rules, basis, clock=clock, until=until):
        clock, version = after, version + 1
        # The same step has the same id: were the lock ever lost, the second
        # writer would fail instead of escalating twice.
        op_id = uuid5(STEPS, f"{issue} {version} {step.kind} {step.at.isoformat()}")
        due = ledger.due_after(rules, basis, after)
        lines.append(Line(issue, version, op_id, step, after.status, due))
        if step.kind is Kind.ESCALATED:
            moves.append(Move(issue, before.owner, step.owner, step.at, _reason(before, step)))
    head = ledger.head_after(rules, basis, issue=issue, version=version, clock=clock)
    return Passed(tuple(lines), head, tuple(moves))


def _basis(row: Row[*tuple[Any, ...]]) -> Basis:
    return Basis(
        category=row.category,
        severity=row.severity,
        cell=row.cell,
        from_file=row.source == IMPORT,
        file_due=row.file_due,
    )


def _reason(before: Clock, step: Entry) -> Message:
    """Return why an issue went up, in words."""
    if before.by_file:
        lapse = say("It was not settled by the time that was promised.")
    elif before.stage is Stage.ACCEPTANCE:
        lapse = say("Nobody accepted it in time.")
    else:
        lapse = say("It was not resolved in time.")
    if not step.skipped:
        return lapse
    return say(
        "{lapse} Vacant posts were passed over: {cells}.",
        lapse=lapse,
        cells=", ".join(step.skipped),
    )
