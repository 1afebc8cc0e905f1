"""From where a report lies to its place, and from there to its owner.

The *place* is the lowest cell that holds the whole geometry with its accuracy
disc. The *owner* answers for it: the place, or a cell above, or the centre's
queue. Every report gets exactly one owner, and the reasons say why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from gis.hierarchy import Code, Level, Tree
from gis.issues.lifecycle import Severity
from gis.messages import Message, say
from gis.people.posts import Acting, Posts

CENTRE = None
"""The owner of what no cell can be asked to answer for (网格化管理中心)."""


class Reason(StrEnum):
    """Why a report went where it went."""

    INSIDE = "inside"  # one cell holds it
    SPANS = "spans"  # it touches several; the place is what they share
    NEAR_BORDER = "near_border"  # the disc touches others, and was left aside
    OUTSIDE = "outside"  # in no cell
    OVERLAP = "overlap"  # in two that should not overlap
    APART = "apart"  # it touches cells that share none above
    SETTLED = "settled"  # dealt with on the spot
    LIFTED = "lifted"  # its severity starts higher
    OWN_REPORT = "own_report"  # nobody's report comes back to the reporter
    VACANT = "vacant"
    DEPUTY = "deputy"
    NOBODY = "nobody"  # no cell is left
    TODAY = "today"  # older than the register of people


@dataclass(frozen=True, slots=True)
class Because:
    """One reason, about one cell where there is one."""

    reason: Reason
    cell: Code | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a report lies among the cells.

    Attributes
    ----------
    on
        The lowest cells that the geometry itself touches, by code.
    reach
        The lowest cells no more than its accuracy away, those of ``on`` too.
    overlap
        Whether two of ``on`` both claim its ground; a shared border is no claim.
    """

    on: tuple[Code, ...] = ()
    reach: tuple[Code, ...] = ()
    overlap: bool = False

    @property
    def cell(self) -> Code | None:
        """The cell that counts it: of several, the one of the lowest code."""
        return min(self.on, default=None)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a report belongs, who answers for it, and why.

    Attributes
    ----------
    place, owner
        Place is None when no one cell holds it; owner None is the centre.
    people
        Who shares the owner's inbox; empty for the centre.
    told
        The cells that a lift passed over: they hear of it, and do not own it.
    """

    place: Code | None
    owner: Code | None
    people: frozenset[str] = frozenset()
    told: tuple[Code, ...] = ()
    reasons: tuple[Because, ...] = ()


def route(
    tree: Tree,
    posts: Posts,
    *,
    spot: Spot,
    at: datetime,
    severity: Severity = Severity.ORDINARY,
    reporter: str | None = None,
    settled: bool = False,
) -> Route:
    """Return the one owner of a report. Total: it never raises.

    Parameters
    ----------
    at
        Who holds a post is asked as of this instant.
    reporter
        The person who reports; None for anybody who holds no post.
    settled
        Whether the reporter dealt with it on the spot; heeded where it is theirs to settle.
    """
    if not spot.on:
        return Route(None, CENTRE, reasons=(Because(Reason.OUTSIDE),))
    if spot.overlap:
        return Route(None, CENTRE, reasons=tuple(Because(Reason.OVERLAP, code) for code in spot.on))
    place, where = _place(tree, posts, spot=spot, at=at, reporter=reporter)
    if place is None:
        return Route(None, CENTRE, reasons=(where,))
    settled = settled and reporter in _first(tree, posts, start=place, at=at).people
    start = place if settled else tree.lift(place, START[severity])
    told = tuple(takewhile(lambda cell: cell != start, tree.path(place)))
    lifted = (Because(Reason.LIFTED, start),) if told else ()
    owner, people, reasons = _owner(
        tree, posts, start=start, at=at, reporter=reporter, settled=settled
    )
    return Route(place, owner, people, told, (where, *lifted, *reasons))


START: Mapping[Severity, Level] = {
    Severity.ORDINARY: Level.UNIT,
    Severity.SERIOUS: Level.UNIT,
    Severity.MAJOR: Level.TOWNSHIP,
}
"""The level at which an issue of a severity starts at the lowest."""


def answering(tree: Tree, cell: Code) -> Iterator[Code]:
    """Yield ``cell`` and those above it whose posts can answer for an issue.

    Districts and cities add up what their townships do; nobody there holds a cell.
    """
    return (code for code in tree.path(cell) if tree[code].level >= Level.TOWNSHIP)


def _place(
    tree: Tree, posts: Posts, *, spot: Spot, at: datetime, reporter: str | None
) -> tuple[Code | None, Because]:
    """Return the place, and whether the disc had a say in it.

    It has none where the reporter holds the cell that the geometry is in, or
    one above it up to where the disc would take it: noise in a position must
    not carry a person's report past that person's own cell.
    """
    exact = tree.lowest_common_ancestor(spot.on)
    wide = tree.lowest_common_ancestor({*spot.on, *spot.reach})
    if exact is None:
        return None, Because(Reason.APART)
    path = tuple(tree.path(exact))
    within = path[: path.index(wide) + 1] if wide is not None else path
    if exact != wide and any(reporter in posts.acting(cell, at).people for cell in within):
        return exact, Because(Reason.NEAR_BORDER, exact)
    if wide is None:
        return None, Because(Reason.APART)
    several = len({*spot.on, *spot.reach}) > 1
    return wide, Because(Reason.SPANS if several else Reason.INSIDE, wide)


def _first(tree: Tree, posts: Posts, *, start: Code, at: datetime) -> Acting:
    """Return who answers for ``start``, or for the nearest cell above that is not vacant."""
    staffed = (posts.acting(cell, at) for cell in answering(tree, start))
    return next(filter(None, staffed), Acting())


def _owner(
    tree: Tree, posts: Posts, *, start: Code, at: datetime, reporter: str | None, settled: bool
) -> tuple[Code | None, frozenset[str], tuple[Because, ...]]:
    """Climb from ``start`` to the first cell that can answer."""
    reasons: list[Because] = []
    for cell in answering(tree, start):
        acting = posts.acting(cell, at)
        mine = reporter in acting.people
        if mine and settled:
            reasons.append(Because(Reason.SETTLED, cell))
        elif mine:
            reasons.append(Because(Reason.OWN_REPORT, cell))
            continue
        elif not acting:
            reasons.append(Because(Reason.VACANT, cell))
            continue
        if acting.deputy:
            reasons.append(Because(Reason.DEPUTY, cell))
        return cell, acting.people, tuple(reasons)
    return CENTRE, frozenset(), (*reasons, Because(Reason.NOBODY))


SENTENCES: Mapping[Reason, Message] = {
    Reason.INSIDE: say("It lies in {cell}."),
    Reason.SPANS: say("It touches several cells; {cell} is the lowest that holds them all."),
    Reason.NEAR_BORDER: say(
        "Its position may be across the border, but the reporter answers here: it counts as {cell}."
    ),
    Reason.OUTSIDE: say("It lies in no cell: the centre decides who deals with it."),
    Reason.OVERLAP: say("{cell} and another cell both claim this ground: the centre decides."),
    Reason.APART: say("It touches cells that share none above them: the centre decides."),
    Reason.SETTLED: say("The reporter, who answers for {cell}, settled it on the spot."),
    Reason.LIFTED: say("Being so grave, it starts with {cell}."),
    Reason.OWN_REPORT: say("The reporter answers for {cell}: the level above takes it."),
    Reason.VACANT: say("Nobody holds {cell}: the level above takes it."),
    Reason.DEPUTY: say("A deputy stands in for the holder of {cell}."),
    Reason.NOBODY: say("No level above can take it: it waits with the centre."),
    Reason.TODAY: say("Nobody held a post here then: whoever does today takes it."),
}


def why(reasons: Sequence[Because], *, names: Mapping[Code, str]) -> list[Message]:
    """Return the reasons in words, in the order in which they came to bear.

    ``names`` are the cells' names by code; a cell without one shows its code.
    """
    return [
        replace(SENTENCES[because.reason], values=_values(because, names=names))
        for because in reasons
    ]


def _values(because: Because, *, names: Mapping[Code, str]) -> dict[str, object]:
    return {} if because.cell is None else {"cell": names.get(because.cell, because.cell)}
