"""An issue's ledger as somebody may read it: each line with what happened, in words."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gis.cells import store as cells
from gis.hierarchy import Code
from gis.issues.lifecycle import Kind
from gis.issues.sayings import said
from gis.issues.sight import names_in_sight
from gis.issues.store import Act, Issue, acts_of
from gis.messages import Message


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the ledger and what it says.

    Attributes
    ----------
    name
        Who acted; None: the clock, a file, or somebody whom the reader may not know.
    said
        What happened, as a sentence.
    """

    act: Act
    name: str | None
    said: Message


def history_of(
    conn: Connection, issue: Issue, *, within: Code | None, person: str | None
) -> list[Told]:
    """Return the ledger of an issue, the first line first, for whoever may see ``within``.

    Parameters
    ----------
    person
        Who reads it; None for an account that is nobody's.
    """
    acts = acts_of(conn, issue.id)
    cell_names = cells.names_on(conn)
    names = names_in_sight(
        conn, (act.person for act in acts), within=within, person=person, ladder=issue.cell
    )
    return [
        Told(
            act=act,
            name=names.get(act.person or ""),
            said=said(
                act.kind,
                name=names.get(act.person or "", ""),
                cell=cell_names.get(act.owner or "", act.owner or ""),
                skipped=[cell_names.get(code, code) for code in act.skipped],
                on_the_spot=_on_the_spot(acts, act),
            ),
        )
        for act in acts
    ]


def _on_the_spot(acts: list[Act], act: Act) -> bool:
    """Tell whether a line is the reporter's own, at the very time of the report."""
    first = acts[0]
    return (
        act.kind is Kind.CLOSED
        and act.person is not None
        and (act.person, act.at) == (first.person, first.at)
    )
