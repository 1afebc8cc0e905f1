"""Boundary files that come over the network: a report first, then the change, once.

The same steps as on the command line; but the file is a stranger's, so it is read
and worked through in a process of its own (:mod:`gis.cells.apart`), while nobody
is kept from changing cells. If somebody did meanwhile, nothing is written.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gis import operations, times
from gis.cells import store
from gis.cells.apart import apart
from gis.cells.defects import Defect
from gis.cells.importing import ImportPlan, apply, changed_leaves
from gis.cells.preparing import Outline, Prepared, Seen, Standing, Wanted, prepare
from gis.deployment import get_deployment
from gis.errors import Conflict, GridError, InvalidFile, InvalidInput, NotAllowed, Problem
from gis.hierarchy import Code
from gis.imported import Imported
from gis.messages import Message, say
from gis.operations import Done
from gis.patrols.store import set_masks


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in, under a name of ours.

    Attributes
    ----------
    name
        What its sender calls it.
    sha256
        Of its bytes, in hexadecimal.
    """

    path: Path
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Act:
    """An import that is asked for, under an id of the sender's.

    Attributes
    ----------
    sha256
        Of the file of the report, as that has it.
    """

    op_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Uploaded(Imported):
    """What an upload did, or would do.

    Attributes
    ----------
    accepted
        Whether it can be, or was, taken in; if not, ``problems`` has every reason.
    applied
        Whether it was. Then outlines, defects and the preview are empty.
    defects
        That would be listed of these cells.
    """

    accepted: bool
    applied: bool
    sha256: str
    seen: Seen
    outlines: tuple[Outline, ...] = ()
    defects: tuple[Defect, ...] = ()


def receive(
    conn: Connection, upload: Upload, wanted: Wanted, *, act: Act | None, within: Code | None
) -> Uploaded:
    """Tell what an import of the file would do, and with an act do it, once.

    Parameters
    ----------
    act
        None: nothing is written.
    within
        The cell that bounds whoever asks; None: the whole deployment.

    Raises
    ------
    NotAllowed
        If whoever asks may not change all cells.
    InvalidFile
        With every reason why it cannot be taken in, as was asked; a report has them.
    InvalidInput
        If it is another file than the report's, or there is no such projection.
    Conflict
        If the act's id stands for something else, or cells changed meanwhile.
    Busy
        If others are reading files.
    """
    if within is not None:
        raise NotAllowed(
            say("Boundary files change the whole township; you see a part of it."),
            remedy=say("Ask the grid centre."),
        )
    return _report_on(conn, upload, wanted) if act is None else _take_in(conn, upload, wanted, act)


def _report_on(conn: Connection, upload: Upload, wanted: Wanted) -> Uploaded:
    standing, _ = _standing(conn)
    prepared = _prepared(upload, wanted, standing)
    done = prepared.plan
    refused = prepared.refused or (_rehearsed(conn, done, standing) if done else ())
    if done is None or refused:
        return Uploaded(
            prepared.seen.read,
            0,
            0,
            tuple(refused),
            dict(prepared.seen.notes),
            accepted=False,
            applied=False,
            sha256=upload.sha256,
            seen=prepared.seen,
            outlines=prepared.outlines,
        )
    concerned = done.cells.keys() | {draft.code for draft in done.versions}
    return Uploaded(
        *_counts(prepared.seen, done),
        accepted=True,
        applied=False,
        sha256=upload.sha256,
        seen=prepared.seen,
        outlines=prepared.outlines,
        defects=tuple(d for d, _ in done.defects if concerned.intersection(d.cells)),
    )


def _take_in(conn: Connection, upload: Upload, wanted: Wanted, act: Act) -> Uploaded:
    if act.sha256 != upload.sha256:
        raise InvalidInput(
            say("This is not the file that was looked at before."),
            remedy=say("Look at the new file first."),
            field="sha256",
        )
    digest = operations.digest_of(["boundaries", upload.sha256, *astuple(wanted)])
    if known := operations.known(conn, act.op_id, digest):
        return _told_before(known, upload)
    standing, numbers = _standing(conn)
    prepared = _prepared(upload, wanted, standing)
    done = prepared.plan
    if done is None:
        raise InvalidFile(prepared.refused)
    store.lock(conn)

    def taken_in() -> dict[str, Any]:
        _apply_if_unchanged(conn, done, standing, numbers)
        return _answer(*_counts(prepared.seen, done))

    return _told_before(operations.once(conn, act.op_id, digest, taken_in), upload)


def _apply_if_unchanged(
    conn: Connection, done: ImportPlan, standing: Standing, numbers: Mapping[Code, int]
) -> None:
    """Do what was planned, if the cells are still those it was planned on."""
    today = times.today(standing.deployment.zone)
    if store.numbers_on(conn, today) != numbers:
        raise Conflict(
            say("Somebody changed cells while the file was read."),
            remedy=say("Look at the file once more, and apply it then."),
        )
    _apply(conn, done, standing)
    set_masks(conn, changed_leaves(conn, done, today))


def _standing(conn: Connection) -> tuple[Standing, dict[Code, int]]:
    """Return the cells as they stand, and the number of each one's version."""
    deployment = get_deployment(conn)
    today = times.today(deployment.zone)
    numbers = store.numbers_on(conn, today)  # first: a change in between shows later
    cells = store.drafts_on(conn, today)
    return Standing(deployment, cells, store.defects(conn)), numbers


def _prepared(upload: Upload, wanted: Wanted, standing: Standing) -> Prepared:
    source = f"{upload.name} ({wanted.datum.value})"
    try:
        return apart(prepare, upload.path, source, wanted, standing)
    except InvalidFile as error:  # not even that came to an end
        return Prepared(Seen(), (), None, error.problems)


def _counts(
    seen: Seen, done: ImportPlan
) -> tuple[int, int, int, tuple[Problem, ...], dict[str, int]]:
    notes = dict(Counter(seen.notes) + Counter(done.notes))
    return seen.read, done.written, done.skipped, tuple(done.problems), notes


def _rehearsed(conn: Connection, done: ImportPlan, standing: Standing) -> tuple[Problem, ...]:
    """Do it and undo it; return why it could not be done."""
    savepoint = conn.begin_nested()
    try:
        store.lock(conn)
        _apply(conn, done, standing)
    except GridError as error:
        return (Problem(error.code, error.reason, error.remedy),)
    finally:
        savepoint.rollback()
    return ()


def _apply(conn: Connection, done: ImportPlan, standing: Standing) -> None:
    today = times.today(standing.deployment.zone)
    try:
        with conn.begin_nested():
            apply(conn, done, today=today, deployment=standing.deployment)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise InvalidInput(say("The database refused: {reason}.", reason=reason)) from None


def _answer(
    read: int, written: int, skipped: int, problems: Sequence[Problem], notes: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "read": read,
        "written": written,
        "skipped": skipped,
        "problems": [_kept(problem) for problem in problems],
        "notes": notes,
    }


def _told_before(done: Done, upload: Upload) -> Uploaded:
    answer = done.answer
    return Uploaded(
        answer["read"],
        answer["written"],
        answer["skipped"],
        tuple(map(_problem, answer["problems"])),
        dict(answer["notes"]),
        accepted=True,
        applied=True,
        sha256=upload.sha256,
        seen=Seen(answer["read"]),
    )


def _kept(problem: Problem) -> dict[str, object]:
    """Return a problem as JSON keeps it: its sentences can still be said in any language."""
    names = ("code", "row", "feature", "lon", "lat", "size_m2")
    kept: dict[str, object] = {name: getattr(problem, name) for name in names}
    for name in ("message", "remedy"):
        message: Message = getattr(problem, name)
        kept[name] = [message.template, {k: str(v) for k, v in message.values.items()}]
    return kept


def _problem(kept: Mapping[str, Any]) -> Problem:
    sentences = {name: Message(*kept[name]) for name in ("message", "remedy")}
    return Problem(**{**kept, **sentences})
