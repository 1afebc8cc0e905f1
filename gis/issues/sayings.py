"""What happened, in one sentence for each line of a ledger."""

from collections.abc import Mapping, Sequence

from gis.issues.lifecycle import Kind
from gis.messages import Message, say

HAPPENED: Mapping[Kind, Message] = {
    Kind.REPORTED: say("Reported."),
    Kind.ACCEPTED: say("Accepted."),
    Kind.REJECTED: say("Not accepted."),
    Kind.EXTENDED: say("More time was granted."),
    Kind.SUSPENDED: say("Put on hold: its time stands still."),
    Kind.RESUMED: say("Taken up again: its time runs on."),
    Kind.RESOLVED: say("Dealt with; still to be checked."),
    Kind.REOPENED: say("Opened again."),
    Kind.CLOSED: say("Closed."),
    Kind.WARNED: say("Little time is left to deal with it."),
    Kind.ESCALATED: say("Not dealt with in time: passed up."),
    Kind.OVERDUE: say("Not dealt with in time; nobody above can take it over."),
    Kind.YELLOW: say("Still not dealt with: yellow card."),
    Kind.RED: say("Still not dealt with: red card."),
}
"""Of every kind, where nothing more is known or may be told."""

BY: Mapping[Kind, Message] = {
    Kind.REPORTED: say("Reported by {name}."),
    Kind.ACCEPTED: say("Accepted by {name}."),
    Kind.REJECTED: say("Not accepted by {name}."),
    Kind.EXTENDED: say("More time was granted by {name}."),
    Kind.SUSPENDED: say("Put on hold by {name}: its time stands still."),
    Kind.RESUMED: say("Taken up again by {name}: its time runs on."),
    Kind.RESOLVED: say("Dealt with by {name}; still to be checked."),
    Kind.REOPENED: say("Opened again by {name}."),
    Kind.CLOSED: say("Closed by {name}."),
}
"""Of the acts of a person, whose name the reader may know."""

ON_THE_SPOT = say("Settled on the spot.")
PASSED_UP = say("Not dealt with in time: passed up to {cell}.")
PASSED_OVER = say("Not dealt with in time: passed up to {cell}, for nobody holds {vacant}.")


def said(
    kind: Kind,
    *,
    name: str = "",
    cell: str = "",
    skipped: Sequence[str] = (),
    on_the_spot: bool = False,
) -> Message:
    """Return what happened, as a sentence.

    Parameters
    ----------
    name
        Who acted; empty: the clock, a file, or somebody whom the reader may not know.
    cell
        The name of the cell that has it since.
    skipped
        The names of vacant cells that were passed over on the way up.
    on_the_spot
        Whether a closing is the reporter's own, at once.
    """
    if kind is Kind.CLOSED and on_the_spot:
        return ON_THE_SPOT
    if kind is Kind.ESCALATED and cell:
        way = PASSED_OVER if skipped else PASSED_UP
        return Message(way.template, {"cell": cell, "vacant": ", ".join(skipped)})
    if name and kind in BY:
        return Message(BY[kind].template, {"name": name})
    return HAPPENED[kind]
