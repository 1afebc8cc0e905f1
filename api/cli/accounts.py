"""Commands of the deployment and its accounts."""

import argparse

from sqlalchemy import Connection

from api.cli.output import Output
from gis import deployment, times
from gis.issues import rules
from gis.messages import say
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role


def init(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Name the township, and give it the default time limits and its calendar."""
    zone = deployment.zone_named(args.timezone)
    made = deployment.found(
        conn, code=args.code, name=args.name, timezone=args.timezone, on=times.today(zone)
    )
    rules.seed(conn, zone_name=args.timezone, at=times.now())
    output.tell(say("This installation serves {name} ({code}).", name=made.name, code=made.code))
    output.give({"code": made.code, "name": made.name, "timezone": args.timezone})
    return 0


def add(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Make an account and print its one-time password."""
    role = Role(args.role)
    password = accounts.add_account(conn, args.name, role=role, cell=args.cell, person=args.person)
    output.tell(say("The account {name} can sign in once with this password:", name=args.name))
    if not output.json:
        print(password)
    output.give({"account": args.name, "role": role, "cell": args.cell, "password": password})
    return 0


def password(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Print a new one-time password for somebody who forgot theirs; their sessions end."""
    renewed = accounts.renew_password(conn, args.name)
    output.tell(say("The account {name} can sign in once with this password:", name=args.name))
    if not output.json:
        print(renewed)
    output.give({"account": args.name, "password": renewed})
    return 0


def token(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Make a token and print it."""
    secret = accounts.issue_secret(conn, args.name, use=Use.TOKEN, at=times.now())
    output.tell(say("Whoever has this token acts as {name}; it is shown only now:", name=args.name))
    if not output.json:
        print(secret)
    output.give({"account": args.name, "token": secret})
    return 0
