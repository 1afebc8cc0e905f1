"""Accounts, their passwords, and the secrets that stand for a sign-in."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from math import ceil

from pwdlib import PasswordHash
from sqlalchemy import Connection, delete, insert, select, update

from gis import tables
from gis.errors import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from gis.hierarchy import Code
from gis.messages import say
from gis.people.roles import Role

HASHER = PasswordHash.recommended()
"""Argon2id."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for another on paper."""
BOUND = (Role.AREA_LEADER, Role.VILLAGE_LEADER, Role.UNIT_WORKER)
"""Roles that never see the whole deployment."""
SHORTEST = 10
ATTEMPTS = 10
WITHIN = timedelta(minutes=15)


class Use(StrEnum):
    """What a secret is for."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  (a kind, not a secret)


@dataclass(frozen=True, slots=True)
class Account:
    """Who is asking.

    ``cell`` bounds what the account may see: that cell and everything below;
    None is the whole deployment.
    """

    name: str
    role: Role
    cell: Code | None
    person: str | None
    one_time: bool = False


def add_account(
    conn: Connection, name: str, *, role: Role, cell: Code | None = None, person: str | None = None
) -> str:
    """Make an account and return its one-time password, which is kept nowhere.

    Parameters
    ----------
    cell
        What it may see: this cell and everything below. None: the whole deployment.
    person
        Whose it is: reports and patrols are that person's.

    Raises
    ------
    InvalidInput
        If the name is empty, or a role that sees one cell names none.
    NotFound
        If there is no such cell or person.
    Conflict
        If the name is taken.
    """
    if not name.strip():
        raise InvalidInput(
            say("The account has no name."), remedy=say("Give it one."), field="name"
        )
    if cell is None and role in BOUND:
        raise InvalidInput(
            say("The role {role} sees one cell and what is below it.", role=role.value),
            remedy=say("Name the cell with --cell."),
            field="cell",
        )
    known = select(tables.cell.c.code).where(tables.cell.c.code == cell)
    if cell is not None and conn.execute(known).first() is None:
        raise NotFound(
            say("There is no cell {code}.", code=cell),
            remedy=say("Import the cells first, or name another."),
            field="cell",
        )
    someone = select(tables.person.c.id).where(tables.person.c.id == person)
    if person is not None and conn.execute(someone).first() is None:
        raise NotFound(
            say("There is no person {person}.", person=person),
            remedy=say("Import the people first, or correct the number."),
            field="person",
        )
    if find_account(conn, name):
        raise Conflict(
            say("There is an account {name} already.", name=name),
            remedy=say("Choose another name."),
            field="name",
        )
    password = _one_time()
    conn.execute(
        insert(tables.account).values(
            name=name,
            password_hash=HASHER.hash(password),
            one_time=True,
            role=role,
            cell=cell,
            person=person,
        )
    )
    return password


def find_account(conn: Connection, name: str) -> Account | None:
    """Return the account of a name, if there is one."""
    c = tables.account.c
    query = select(c.name, c.role, c.cell, c.person, c.one_time).where(c.name == name)
    row = conn.execute(query).one_or_none()
    return Account(*row) if row else None


def verify(conn: Connection, name: str, *, password: str, at: datetime) -> Account | None:
    """Return the account if the password is its own, else None.

    A failure is written down: the caller commits all the same.

    Raises
    ------
    TooManyAttempts
        After ten failures within a quarter of an hour, until the first of them is so old.
    """
    failed = tables.failed_sign_in
    recent = select(failed.c.at).where(failed.c.account == name, failed.c.at > at - WITHIN)
    failures = conn.execute(recent.order_by(failed.c.at.desc()).limit(ATTEMPTS)).scalars().all()
    if len(failures) == ATTEMPTS:
        wait = failures[-1] + WITHIN - at
        raise TooManyAttempts(
            say("There were too many failed attempts to sign in as {name}.", name=name),
            remedy=say("Try again in {n} min.", n=ceil(wait / timedelta(minutes=1))),
            wait=wait,
        )
    hashed = conn.execute(
        select(tables.account.c.password_hash).where(tables.account.c.name == name)
    ).scalar_one_or_none()
    if HASHER.verify(password, hashed or _nobody()) and hashed is not None:
        conn.execute(delete(failed).where(failed.c.account == name))
        return find_account(conn, name)
    conn.execute(insert(failed).values(account=name, at=at))
    return None


def renew_password(conn: Connection, name: str) -> str:
    """Return a new one-time password for somebody who forgot theirs; every session ends.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    _require(conn, name)
    password = _one_time()
    failed = tables.failed_sign_in
    conn.execute(delete(failed).where(failed.c.account == name))
    _replace(conn, name, password, one_time=True)
    return password


def set_password(conn: Connection, name: str, *, password: str, keep: str = "") -> None:
    """Replace a password by one of the person's own choice.

    Parameters
    ----------
    keep
        The session in which that happens: all others of the account end.

    Raises
    ------
    InvalidInput
        If it is too short.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(
            say("The password has fewer than {n} characters.", n=SHORTEST),
            remedy=say("Choose a longer one; four words are easy to keep in mind."),
            field="new",
        )
    _replace(conn, name, password, one_time=False, keep=keep)


def issue_secret(
    conn: Connection, name: str, *, use: Use, at: datetime, lasts: timedelta | None = None
) -> str:
    """Return a new secret that stands for the account; only its digest is kept.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    _require(conn, name)
    secret = secrets.token_urlsafe(32)
    conn.execute(
        insert(tables.credential).values(
            digest=_digest(secret),
            account=name,
            kind=use.value,
            made_at=at,
            expires_at=at + lasts if lasts else None,
        )
    )
    return secret


def account_of_secret(conn: Connection, secret: str, *, use: Use, at: datetime) -> Account:
    """Return whom a secret stands for; NotSignedIn if nobody, or no longer."""
    c, a = tables.credential.c, tables.account.c
    query = (
        select(a.name, a.role, a.cell, a.person, a.one_time)
        .join_from(tables.credential, tables.account)
        .where(c.digest == _digest(secret), c.kind == use.value)
        .where((c.expires_at > at) | c.expires_at.is_(None))
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotSignedIn(say("You are not signed in."), remedy=say("Please sign in."))
    return Account(*row)


def end_session(conn: Connection, secret: str) -> None:
    """Forget a session; one that is not there is forgotten already."""
    conn.execute(
        delete(tables.credential).where(
            tables.credential.c.digest == _digest(secret),
            tables.credential.c.kind == Use.SESSION.value,
        )
    )


def _require(conn: Connection, name: str) -> None:
    if find_account(conn, name) is None:
        raise NotFound(
            say("There is no account {name}.", name=name),
            remedy=say("./wangge account add NAME --role ROLE"),
            field="name",
        )


def _one_time() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _replace(conn: Connection, name: str, password: str, *, one_time: bool, keep: str = "") -> None:
    account, credential = tables.account, tables.credential.c
    conn.execute(
        update(account)
        .where(account.c.name == name)
        .values(password_hash=HASHER.hash(password), one_time=one_time)
    )
    conn.execute(
        delete(tables.credential).where(
            credential.account == name,
            credential.kind == Use.SESSION.value,
            credential.digest != _digest(keep),
        )
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


@cache
def _nobody() -> str:
    """Return what is verified where there is no account: both answers take the same time."""
    return HASHER.hash(secrets.token_urlsafe())
