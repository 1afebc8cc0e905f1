"""What a route may ask for: a transaction, the caller, the language, the cell it may see."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request
from sqlalchemy import Connection

from api.language import language_of
from gis import times
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.errors import NotAllowed, NotFound, NotSignedIn
from gis.hierarchy import Code
from gis.messages import say
from gis.people import accounts
from gis.people.accounts import Account, Use
from gis.people.roles import PLANS, Role
from gis.settings import Settings
from maps.background import Background
from maps.reader import Page, Reader

SESSION_COOKIE = "wangge_session"
BEARER = "bearer "
MEANT = "wangge-account"
"""The account that a page was made for, percent-encoded; its session may be another's by now."""


def transaction(request: Request) -> Iterator[Connection]:
    """One transaction a request: commit on success, roll back on any error."""
    with request.app.state.engine.begin() as conn:
        yield conn


# scope="function" commits before the response is sent. The default scope
# commits after it, so a failed commit would reach the client as a success.
Tx = Annotated[Connection, Depends(transaction, scope="function")]


def settings(request: Request) -> Settings:
    """Return the settings of this process."""
    found: Settings = request.app.state.settings
    return found


def caller(request: Request, conn: Tx) -> Account:
    """Return who is asking, by token or session; NotSignedIn if nobody."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith(BEARER):
        secret, use = header[len(BEARER) :].strip(), Use.TOKEN
    else:
        secret, use = request.cookies.get(SESSION_COOKIE, ""), Use.SESSION
    if not secret:
        raise NotSignedIn(say("You are not signed in."), remedy=say("Please sign in."))
    found = accounts.account_of_secret(conn, secret, use=use, at=times.now())
    meant = unquote(request.headers.get(MEANT, "")) or found.name
    if meant != found.name:
        raise NotSignedIn(
            say("This is a page of the account {name}, which is not signed in.", name=meant),
            remedy=say("Please sign in."),
        )
    return found


def planner(account: Annotated[Account, Depends(caller)]) -> Account:
    """Return who is asking; NotAllowed if the account may not change cells."""
    if account.role not in PLANS:
        raise NotAllowed(
            say("Only planners and the grid centre work on boundaries."),
            remedy=say("Sign in with such an account."),
        )
    return account


def worker(account: Annotated[Account, Depends(caller)]) -> Account:
    """Return who is asking; NotAllowed if the account is nobody's in the register."""
    if account.person is None:
        raise NotAllowed(
            say("The account {name} is no person's.", name=account.name),
            remedy=say("./wangge account add NAME --role ROLE --cell CODE --person ID"),
        )
    return account


def background(request: Request) -> Background | None:
    """Return what is drawn under the maps of this process."""
    found: Background | None = request.app.state.background
    return found


Caller = Annotated[Account, Depends(caller)]
Planner = Annotated[Account, Depends(planner)]
Worker = Annotated[Account, Depends(worker)]
Language = Annotated[str, Depends(language_of)]
BackgroundOf = Annotated[Background | None, Depends(background)]
SettingsOf = Annotated[Settings, Depends(settings)]


def reader(account: Account) -> Reader:
    """Return an account as a page's top bar shows it."""
    pages = (Page.MAP, *may(Page.WORK, account.person), *may(Page.PLAN, account.role in PLANS))
    return Reader(account.name, pages, one_time=account.one_time)


def may(page: Page, allowed: object) -> tuple[Page, ...]:
    """Return the page, if it is allowed."""
    return (page,) if allowed else ()


def first_page(account: Account) -> Page:
    """Return the page that an account's work begins with."""
    pages = reader(account).pages
    first = FIRST.get(account.role, Page.MAP)
    return first if first in pages else Page.MAP


FIRST = {Role.UNIT_WORKER: Page.WORK, Role.PLANNER: Page.PLAN}


def own_cell(conn: Connection, account: Account) -> Code | None:
    """Return the cell that bounds what an account may see; None is the whole deployment.

    Whoever is bound to the deployment's own cell sees all of it, also what lies in no cell.
    """
    return None if account.cell == get_deployment(conn).code else account.cell


def walker_in_sight(account: Account) -> str | None:
    """Return whose walked lines an account may see; None is everybody's.

    A unit worker sees no colleague's, and one that is nobody's account sees none.
    """
    return (account.person or "") if account.role is Role.UNIT_WORKER else None


def visible_cell(conn: Connection, account: Account, *, cell: Code | None) -> Code | None:
    """Return the cell to look at: the one asked for, else the account's own.

    Raises
    ------
    NotFound
        If there is no such cell, or the account may not know that there is.
    """
    own = own_cell(conn, account)
    if not cell:
        return own
    tree = cells.tree_on(conn)
    if cell not in tree or (own is not None and own not in tree.path(cell)):
        raise NotFound(
            say("There is no cell {code}.", code=cell),
            remedy=say("Look at the list of cells for those that there are."),
            field="cell",
        )
    return cell
