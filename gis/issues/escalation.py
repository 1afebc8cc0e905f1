"""What time does to an issue. Pure: the same ledger always gives the same steps.

A step is dated by its own deadline and depends only on what is dated before
it, so it does not matter when, how often or by how many the question is asked.
One comparison holds everywhere: a step is due when its time lies *before* the
instant asked about. An act at the very instant of a deadline is in time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from gis.hierarchy import Code, Level, Tree
from gis.issues.calendar import ALWAYS, NOTHING, Calendar
from gis.issues.lifecycle import STATUS_AFTER, Kind, Severity, Status
from gis.issues.policy import Policy, Terms, in_force
from gis.issues.routing import answering
from gis.people.posts import Posts


class Stage(StrEnum):
    """What an issue is waiting for."""

    ACCEPTANCE = "acceptance"
    RESOLUTION = "resolution"
    REVIEW = "review"  # resolved, to be verified; no limit
    NOTHING = "nothing"  # closed or rejected


STAGE_AFTER: Mapping[Kind, Stage] = {
    Kind.REPORTED: Stage.ACCEPTANCE,
    Kind.ESCALATED: Stage.ACCEPTANCE,
    Kind.ACCEPTED: Stage.RESOLUTION,
    Kind.REOPENED: Stage.RESOLUTION,
    Kind.RESOLVED: Stage.REVIEW,
    Kind.CLOSED: Stage.NOTHING,
    Kind.REJECTED: Stage.NOTHING,
}
"""The stage that an entry begins, with a limit of its own; the others begin none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, and who owns the issue after it.

    Attributes
    ----------
    owner
        None is the centre's queue.
    extra
        The time that an extension grants, counted as the limit itself is.
    skipped
        The vacant posts that an escalation passed over.
    provisional
        Whether the instant rests on a year whose holidays nobody confirmed.
    """

    kind: Kind
    at: datetime
    owner: Code | None
    extra: timedelta = NOTHING
    skipped: tuple[Code, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Basis:
    """What the limits of an issue rest on, besides its ledger.

    Attributes
    ----------
    cell
        Where it lies: tells whose township's the centre's queue is.
    from_file
        Whether a file brought it. Then ``file_due``, the file's due time, is
        its first limit, until it goes up; without one it has no limit.
    """

    category: str
    severity: Severity
    cell: Code | None = None
    from_file: bool = False
    file_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything outside the issue that decides. Only its future ever changes."""

    tree: Tree
    posts: Posts
    policies: Sequence[Policy]
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Clock:
    """Where an issue stands, and what runs against whoever owns it.

    Attributes
    ----------
    since, running
        When the time in ``left`` was counted, and whether it has run on since.
    allowed, left
        The limit with its extensions, and what of it was left at ``since``:
        negative when a suspension began after the deadline, None without limit.
    said
        The steps already taken against this limit.
    by_file
        Whether the limit is the file's: it counts every hour.
    """

    owner: Code | None
    status: Status
    stage: Stage
    terms: Terms
    since: datetime
    running: bool = True
    allowed: timedelta = NOTHING
    left: timedelta | None = None
    said: frozenset[Kind] = field(default=frozenset())
    by_file: bool = False


def clock_of(rules: Rules, basis: Basis, *, ledger: Sequence[Entry]) -> Clock:
    """Return where an issue stands after its ``ledger``, oldest entry first."""
    first, *rest = ledger
    clock = _begin(rules, basis, entry=first, status=STATUS_AFTER[first.kind])
    if basis.from_file:
        limit = None if basis.file_due is None else max(basis.file_due - first.at, NOTHING)
        clock = replace(clock, allowed=limit or NOTHING, left=limit, by_file=True)
    for entry in rest:
        clock = after(rules, basis, clock=clock, entry=entry)
    return clock


def after(rules: Rules, basis: Basis, *, clock: Clock, entry: Entry) -> Clock:
    """Return the clock after one more entry."""
    status = STATUS_AFTER.get(entry.kind, clock.status)
    if entry.kind is Kind.ACCEPTED and clock.by_file:  # the file's limit is for all of the work
        return replace(clock, status=status, stage=Stage.RESOLUTION)
    if entry.kind in STAGE_AFTER:
        return _begin(rules, basis, entry=entry, status=status)
    if entry.kind is Kind.EXTENDED:
        clock = _count(rules, clock, until=entry.at)
        left = None if clock.left is None else clock.left + entry.extra
        return replace(clock, allowed=clock.allowed + entry.extra, left=left, said=frozenset())
    if entry.kind is Kind.SUSPENDED:
        return replace(_count(rules, clock, until=entry.at), status=status, running=False)
    if entry.kind is Kind.RESUMED:
        return replace(clock, status=status, since=entry.at, running=True)
    return replace(clock, said=clock.said | {entry.kind})


def deadline(rules: Rules, clock: Clock) -> datetime | None:
    """Return when the limit that runs now ends; None where none runs."""
    if clock.left is None or not clock.running:
        return None
    return _calendar(rules, clock).add_working(clock.since, max(clock.left, NOTHING))


def next_step(rules: Rules, basis: Basis, *, clock: Clock) -> Entry | None:
    """Return the step that comes next if nobody acts; None if none ever will."""
    if clock.left is None or not clock.running:
        return None
    left = clock.left
    if clock.by_file and Kind.OVERDUE in clock.said:  # the cards are the policy's, in its time
        due = ALWAYS.add_working(clock.since, max(left, NOTHING))
        clock, left = replace(clock, since=due, by_file=False), NOTHING
    reserve = clock.allowed * (100 - clock.terms.warn_percent) // 100
    for kinds, offset in (
        ((Kind.WARNED,), -reserve),
        ((Kind.ESCALATED, Kind.OVERDUE), NOTHING),
        ((Kind.YELLOW,), clock.terms.yellow),
        ((Kind.RED,), clock.terms.red),
    ):
        if clock.said.isdisjoint(kinds):
            return _step(rules, basis, clock=clock, kind=kinds[0], left=left + offset)
    return None


def steps_due(
    rules: Rules, basis: Basis, *, clock: Clock, until: datetime
) -> Iterator[tuple[Entry, Clock, Clock]]:
    """Yield the steps due before ``until``, each with the clock before and after it."""
    while (step := next_step(rules, basis, clock=clock)) and step.at < until:
        before, clock = clock, after(rules, basis, clock=clock, entry=step)
        yield step, before, clock


def _begin(rules: Rules, basis: Basis, *, entry: Entry, status: Status) -> Clock:
    """Return the clock of the stage that ``entry`` begins."""
    stage = STAGE_AFTER[entry.kind]
    policy = in_force(rules.policies, entry.at)
    level = _level(rules.tree, entry.owner)
    terms = policy.terms(basis.category, severity=basis.severity, level=level)
    limits = {Stage.ACCEPTANCE: terms.accept, Stage.RESOLUTION: terms.resolve}
    limit = limits.get(stage)
    return Clock(
        owner=entry.owner,
        status=status,
        stage=stage,
        terms=terms,
        since=entry.at,
        allowed=limit or NOTHING,
        left=limit,
    )


def _level(tree: Tree, owner: Code | None) -> Level:
    """Return whose limits hold: the centre's queue has the township's."""
    return tree[owner].level if owner is not None and owner in tree else Level.TOWNSHIP


def _count(rules: Rules, clock: Clock, *, until: datetime) -> Clock:
    """Return the same clock, with the time up to ``until`` taken off what is left."""
    if clock.left is None or not clock.running:
        return clock
    spent = _calendar(rules, clock).working_between(clock.since, until)
    return replace(clock, since=until, left=clock.left - spent)


def _step(rules: Rules, basis: Basis, *, clock: Clock, kind: Kind, left: timedelta) -> Entry:
    """Return the step that is due when ``left`` of working time has passed."""
    calendar = _calendar(rules, clock)
    at = calendar.add_working(clock.since, max(left, NOTHING))
    step = Entry(kind, at, clock.owner, provisional=bool(calendar.unconfirmed(clock.since, at)))
    if kind is not Kind.ESCALATED:
        return step
    skipped: list[Code] = []
    for cell in _above(rules.tree, basis, owner=clock.owner):
        if rules.posts.acting(cell, at):
            return replace(step, owner=cell, skipped=tuple(skipped))
        skipped.append(cell)
    return replace(step, kind=Kind.OVERDUE, skipped=tuple(skipped))


def _above(tree: Tree, basis: Basis, *, owner: Code | None) -> Iterator[Code]:
    """Return the cells that can take over from ``owner``, nearest first.

    Above the centre's queue is the chief: of the township where the issue
    lies, or of the only one that there is.
    """
    if owner is not None and owner in tree:
        return islice(answering(tree, owner), 1, None)
    if basis.cell is not None and basis.cell in tree:
        chief = tree.ancestor(basis.cell, Level.TOWNSHIP)
        return iter(() if chief is None else (chief,))
    townships = tree.at_level(Level.TOWNSHIP)
    return iter(townships if len(townships) == 1 else ())


def _calendar(rules: Rules, clock: Clock) -> Calendar:
    return ALWAYS if clock.terms.round_the_clock or clock.by_file else rules.calendar
