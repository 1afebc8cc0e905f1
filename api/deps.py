"""What a route may ask for: a transaction, the caller, the language, the cell it may see."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection

from api.language import language_of
from gis import times
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.errors import NotFound, NotSignedIn
from gis.hierarchy import Code
from gis.messages import say
from gis.people import accounts
from gis.people.accounts import Account, Use
from gis.settings import Settings

SESSION_COOKIE = "wangge_session"
BEARER = "bearer "


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
    return accounts.account_of_secret(conn, secret, use=use, at=times.now())


Caller = Annotated[Account, Depends(caller)]
Language = Annotated[str, Depends(language_of)]
SettingsOf = Annotated[Settings, Depends(settings)]


def own_cell(conn: Connection, account: Account) -> Code | None:
    """Return the cell that bounds what an account may see; None is the whole deployment.

    Whoever is bound to the deployment's own cell sees all of it, also what lies in no cell.
    """
    return None if account.cell == get_deployment(conn).code else account.cell


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
