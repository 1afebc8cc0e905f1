"""Issues in the made-up township, and what time does to them."""

from dataclasses import replace

from gis.issues.escalation import Basis, Entry, clock_of, deadline, steps_due
from gis.issues.lifecycle import Kind, Severity
from tests.town import RULES, local, shown

LITTER = Basis("litter", Severity.ORDINARY, cell="U1")
FLOOD = Basis("flood", Severity.MAJOR, cell="U1")
NEVER = local("2030-01-01 00:00")


def entry(kind, at, owner="U1", **more):
    """Return a line of the ledger at a local time."""
    return Entry(kind, local(at), owner, **more)


def reported(at, owner="U1"):
    """Return the first line of a ledger."""
    return entry(Kind.REPORTED, at, owner)


def ahead(ledger, *, rules=RULES, basis=LITTER, until=NEVER):
    """Return the steps that time takes before ``until`` if nobody acts."""
    clock = clock_of(rules, basis, ledger=ledger)
    return [step for step, _, _ in steps_due(rules, basis, clock=clock, until=until)]


def told(steps):
    """Return what a reader checks of steps: local time, kind, owner."""
    return [(shown(step.at), step.kind, step.owner) for step in steps]


def due(ledger, *, basis=LITTER, rules=RULES):
    """Return when the limit that runs after a ledger ends."""
    return deadline(rules, clock_of(rules, basis, ledger=ledger))


def from_file(by):
    """Return what the limits of a report from a file rest on, due at local time ``by``."""
    return replace(LITTER, from_file=True, file_due=by and local(by))


WEDNESDAY = [reported("2026-09-28 08:30"), entry(Kind.ACCEPTED, "2026-09-28 08:30")]
"""Accepted on Monday: three working days end on Wednesday at 17:30."""
