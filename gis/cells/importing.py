"""Boundary files into the deployment: plan what would change, then change it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from gis import times
from gis.cells import store
from gis.cells.datum import Datum
from gis.cells.defects import Defect
from gis.cells.edges import matched
from gis.cells.fields import Found, cells_in
from gis.cells.fitting import defects_above, fitted, metres, problem_of, untiled
from gis.cells.model import CellShape, Draft
from gis.cells.placing import placed
from gis.cells.problems import Fault, refusal
from gis.cells.reading import read
from gis.cells.repair import Moved, repaired
from gis.deployment import Deployment, get_deployment
from gis.errors import InvalidFile, InvalidGeometry, Problem
from gis.hierarchy import Cell, Code, Level, Tree
from gis.imported import Imported
from gis.messages import NOTHING, say


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do; nothing is done yet.

    Attributes
    ----------
    versions
        Cells that begin, or go on in another shape, name or place; parents first.
    cells
        Of the file, as they would stand; some may be among the versions, by code.
    written, skipped
        Features of the file that are among the versions, and those that are left out.
    lowest
        The level of the file. Defects of it and the levels above are listed anew.
    defects
        Each with the lowest cell it lies under, if its cells share one.
    problems
        Of features that are left out, and remarks; none of them stops the import.
    notes
        How often something was put right or left alone, by a word for it.
    """

    versions: Sequence[Draft]
    cells: Mapping[Code, Draft]
    written: int
    skipped: int
    lowest: Level
    defects: Sequence[tuple[Defect, Code | None]]
    problems: Sequence[Problem]
    notes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ImportReport(Imported):
    """What an import did, or would do.

    Attributes
    ----------
    read, written, skipped
        Features of the file; those that change nothing are only read.
    changed_leaves
        New or changed cells that nothing is below; empty for a dry run.
    """

    changed_leaves: tuple[CellShape, ...]


def import_cells(
    conn: Connection,
    path: Path,
    *,
    level: Level,
    parent: Code | None = None,
    parent_field: str | None = None,
    code_field: str | None = None,
    name_field: str | None = None,
    kind_field: str | None = None,
    crs: str | None = None,
    datum: str = Datum.WGS84,
    encoding: str | None = None,
    dry_run: bool = False,
    repair: bool = False,
    skip_bad_rows: bool = False,
) -> ImportReport:
    """Take the cells of one level in from a file.

    Cells that are there already and equal are left alone; others end today and
    begin anew. What may be wrong and still be imported: see ``docs/contracts.md``.

    Parameters
    ----------
    skip_bad_rows
        Leave features with problems out, instead of refusing the file.

    Raises
    ------
    InvalidFile
        With every reason why the file cannot be taken in.
    NotFound
        If the deployment has not been named yet.
    """
    deployment = get_deployment(conn)
    today = times.today(deployment.zone)
    datum = Datum(datum)
    layer = read(path, crs=crs, datum=datum, encoding=encoding)
    found, problems = cells_in(
        layer,
        code_field=code_field,
        name_field=name_field,
        parent_field=parent_field,
        kind_field=kind_field,
    )
    store.lock(conn)
    done = plan(
        found,
        store.drafts_on(conn, today),
        level=level,
        parent=parent,
        deployment=deployment,
        source=f"{path.name} ({datum.value})",
        known=store.defects(conn),
        bad=problems,
        repair=repair,
        skip_bad_rows=skip_bad_rows,
    )
    if not dry_run:
        apply(conn, done, today=today, deployment=deployment)
    return ImportReport(
        layer.read,
        done.written,
        done.skipped,
        tuple(done.problems),
        dict(Counter(layer.notes) + Counter(done.notes)),
        () if dry_run else changed_leaves(conn, done, today),
    )


def plan(
    found: Sequence[Found],
    now: Mapping[Code, Draft],
    *,
    level: Level,
    deployment: Deployment,
    parent: Code | None = None,
    source: str = "",
    known: Sequence[Defect] = (),
    bad: Sequence[Problem] = (),
    repair: bool = False,
    skip_bad_rows: bool = False,
) -> ImportPlan:
    """Work out what an import of these cells would change; nothing is changed.

    Parameters
    ----------
    found
        The cells of the file, on the lattice.
    now
        The cells in force.
    parent
        Of all of them; None where the file tells, or the ground does.
    known
        The boundary defects that are listed.
    bad
        What is wrong with the file's other features.

    Raises
    ------
    InvalidFile
        With every reason why these cells cannot be taken in.
    """
    where = placed(found, now, level=level, parent=parent, deployment=deployment, source=source)
    left_out = sorted([*bad, *where.problems], key=lambda problem: problem.feature or 0)
    if left_out and (not where.cells or not skip_bad_rows):
        raise InvalidFile(left_out)
    cells, matches, moved = _joined(where.cells, repair=repair)
    new = {**where.made, **where.adopted, **cells}
    fit = fitted(now, new)
    stops = [
        *fit.problems,
        *(untiled({**now, **new}, where.features) if level is Level.UNIT else ()),
    ]
    if stops:
        raise InvalidFile([*left_out, *stops])
    below = [
        d for d in known if any(c in fit.cells and fit.cells[c].level > level for c in d.cells)
    ]
    defects = defects_above(fit.cells, level, below)
    seen = fit.changed | cells.keys()
    remarks = [
        *(_repaired(move, where.features[move.cell]) for move in moved),
        *fit.remarks,
        *(problem_of(d, where.features) for d in defects if seen.intersection(d.cells)),
    ]
    notes = Counter(
        made=len(where.made), unchanged=len(cells.keys() - fit.changed), matched_corners=matches
    )
    return ImportPlan(
        sorted((fit.cells[code] for code in fit.changed), key=lambda c: (c.level, c.code)),
        {code: fit.cells[code] for code in cells},
        len(cells.keys() & fit.changed),
        len(left_out),
        level,
        _under(defects, fit.cells),
        [*left_out, *remarks],
        {code: n for code, n in notes.items() if n},
    )


def apply(conn: Connection, done: ImportPlan, *, today: date, deployment: Deployment) -> None:
    """Do what was planned, as of today; see :func:`gis.cells.store.begin_versions`."""
    store.begin_versions(conn, done.versions, today=today, zone=deployment.zone)
    store.replace_defects(conn, done.defects, lowest=done.lowest)


def _joined(
    cells: Mapping[Code, Draft], *, repair: bool
) -> tuple[dict[Code, Draft], int, list[Moved]]:
    """Return the cells with shared borders, how many corners that took, and what was moved."""
    moved: list[Moved] = []
    matches = 0
    try:
        if repair:
            shapes, moved = repaired({code: draft.geom for code, draft in cells.items()})
        else:
            joined, matches = matched([draft.geom for draft in cells.values()])
            shapes = dict(zip(cells, joined, strict=True))
    except InvalidGeometry as error:
        raise refusal(Fault.NOT_REPAIRED, error.reason, error.remedy) from None
    return {code: replace(cells[code], geom=shapes[code]) for code in cells}, matches, moved


def _under(
    defects: Sequence[Defect], cells: Mapping[Code, Draft]
) -> list[tuple[Defect, Code | None]]:
    """Return each defect with the lowest cell that all of its cells lie under."""
    tree = Tree.of(Cell(c.code, c.level, c.parent) for c in cells.values())
    return [(defect, tree.lowest_common_ancestor(defect.cells)) for defect in defects]


def _repaired(move: Moved, feature: int) -> Problem:
    message = say(
        "{cell} gained {gained} m² and lost {lost} m², in pieces up to {width} m wide.",
        cell=move.cell,
        gained=metres(move.gained_m2),
        lost=metres(move.lost_m2),
        width=metres(move.width_m),
    )
    size = round(move.gained_m2 + move.lost_m2, 2)
    place = move.place
    return Problem(
        Fault.REPAIRED, message, NOTHING, feature=feature, lon=place.x, lat=place.y, size_m2=size
    )


def changed_leaves(conn: Connection, done: ImportPlan, today: date) -> tuple[CellShape, ...]:
    """Return the cells of a plan that was applied that nothing is below."""
    changed = {draft.code for draft in done.versions}
    leaves = changed.intersection(store.tree_on(conn, today).leaves())
    return tuple(store.cells_named(conn, leaves, today))
