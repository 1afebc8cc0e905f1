"""The command line, as a table of commands. Standard library only: the launcher reads it too."""

import argparse
from pathlib import Path

from gis.hierarchy import Level
from gis.people.roles import Role

LEVELS = tuple(level.word for level in Level)
ROLES = tuple(role.value for role in Role)
QUESTIONS = ("coverage", "gaps", "density", "issues")
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
LAYERS = ("road", "lane", "rail", "water", "wood", "building", "hamlet")
PORT = 8000


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``command`` (and ``what``) name the one chosen."""
    root = argparse.ArgumentParser(
        prog="./wangge",
        description="网格: a grid-management service with a map.",
        epilog="Language: WANGGE_LANGUAGE=zh|en. First steps: ./wangge demo",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _set_up(commands)
    _deployment(commands)
    _imports(commands)
    _questions(commands)
    _accounts(commands)
    return root


def _set_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="set everything up, load the example, serve it")
    serve = commands.add_parser("serve", help="serve this installation")
    for command in (demo, serve):
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=PORT)
        command.add_argument("--cert", type=Path, help="certificate for https (PEM)")
        command.add_argument("--key", type=Path, help="its private key (PEM)")
        command.add_argument("--no-jobs", action="store_true", help="do not run the sweep")
        command.add_argument("--json", action="store_true")
    test = commands.add_parser("test", help="set everything up and run every check")
    test.add_argument("--long", action="store_true", help="more examples, and the slow checks")
    pictures = commands.add_parser("pictures", help="take the documentation's pictures anew")
    pictures.add_argument("names", nargs="*", metavar="NAME", help="of these pages only")
    bench = commands.add_parser("bench", help="measure; ratios against a bound in the same run")
    bench.add_argument("name", nargs="?", help="one benchmark")
    bench.add_argument("--json", action="store_true")
    setup = commands.add_parser("setup", help="set everything up")
    setup.add_argument("--timings", action="store_true", help="print the seconds of each step")
    commands.add_parser("stop", help="stop the server and the embedded database")


def _deployment(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    init = commands.add_parser("init", help="name the township that this installation serves")
    init.add_argument("--code", required=True, help="its code, for example 340302200")
    init.add_argument("--name", required=True)
    init.add_argument("--timezone", default="Asia/Shanghai", metavar="TZ")
    init.add_argument("--json", action="store_true")


def _imports(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = commands.add_parser("import", help="take a file in").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    cells = what.add_parser("cells", help="boundaries: GeoJSON, zipped Shapefile, GPKG, KML, GML")
    cells.add_argument("file", type=Path)
    cells.add_argument("--level", required=True, choices=LEVELS)
    cells.add_argument("--parent", metavar="CODE")
    cells.add_argument("--parent-field", metavar="F")
    cells.add_argument("--code-field", metavar="F")
    cells.add_argument("--kind-field", metavar="F", help="what special cells are: school, market")
    cells.add_argument("--repair", action="store_true", help="close gaps, part overlaps")
    layer = what.add_parser("layer", help="what maps are drawn with: the formats of boundaries")
    layer.add_argument("file", type=Path)
    layer.add_argument("--kind", required=True, choices=LAYERS)
    places = what.add_parser("places", help="points with a name and a kind: these formats, and CSV")
    places.add_argument("file", type=Path)
    places.add_argument("--kind-field", required=True, metavar="F")
    for name in ("lon", "lat"):
        places.add_argument(f"--{name}-field", metavar="F", help="of a CSV")
    for command in (cells, layer, places):
        command.add_argument("--name-field", metavar="F")
        command.add_argument("--crs", metavar="EPSG:n")
        command.add_argument("--datum", choices=DATUMS, default="wgs84")
        command.add_argument("--encoding", metavar="E")
    people = what.add_parser("people", help="people and posts: CSV, XLSX, XLS, ODS")
    people.add_argument("file", type=Path)
    issues = what.add_parser("issues", help="reports with a place: CSV")
    issues.add_argument("file", type=Path)
    _coordinates(issues)
    issues.add_argument("--reported-field", required=True, metavar="F")
    for name in ("id", "category", "severity", "text", "accuracy", "due", "resolved", "reporter"):
        issues.add_argument(f"--{name}-field", metavar="F")
    issues.add_argument("--timezone", metavar="TZ")
    issues.add_argument("--level", choices=LEVELS)
    issues.add_argument("--at", metavar="TIME")
    issues.add_argument("--out", type=Path, metavar="FILE.csv")
    tracks = what.add_parser("tracks", help="walked tracks: GPX, CSV")
    tracks.add_argument("files", type=Path, nargs="+")
    who = tracks.add_mutually_exclusive_group()
    who.add_argument("--person", metavar="ID")
    who.add_argument("--person-field", metavar="F")
    for name in ("time", "lon", "lat"):
        tracks.add_argument(f"--{name}-field", metavar="F")
    for command in (cells, layer, places, people, issues, tracks):
        command.add_argument("--dry-run", action="store_true", help="say the same, write nothing")
        command.add_argument("--skip-bad-rows", action="store_true", help="write the others")
        command.add_argument("--json", action="store_true")


def _questions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    locate = commands.add_parser("locate", help="find the cell of every row of a CSV")
    locate.add_argument("file", type=Path)
    _coordinates(locate)
    locate.add_argument("--level", choices=LEVELS)
    locate.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    locate.add_argument("--skip-bad-rows", action="store_true", help="write the others")
    escalate = commands.add_parser("escalate", help="move what is past its time one level up")
    escalate.add_argument("--at", metavar="TIME")
    report = commands.add_parser("report", help="coverage, gaps, density or issues as a table")
    report.add_argument("what", choices=QUESTIONS)
    report.add_argument("--cell", metavar="CODE")
    report.add_argument("--level", choices=LEVELS)
    report.add_argument("--at", metavar="TIME")
    report.add_argument("--format", choices=("json", "csv", "geojson"))
    report.add_argument("--out", type=Path, metavar="FILE")
    picture = commands.add_parser("map", help="one HTML file that opens without a network")
    picture.add_argument("what", choices=("cells", *QUESTIONS))
    picture.add_argument("--out", type=Path, required=True, metavar="FILE.html")
    for command in (report, picture):
        command.add_argument("--from", dest="first", metavar="D")
        command.add_argument("--to", dest="last", metavar="D")
    for command in (locate, escalate, report, picture):
        command.add_argument("--json", action="store_true")


def _accounts(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    account = commands.add_parser("account", help="who may sign in").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    add = account.add_parser("add", help="make an account; prints a one-time password")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--cell", metavar="CODE", help="it sees this cell and those below")
    add.add_argument("--person", metavar="ID", help="whose it is, to report and patrol")
    password = account.add_parser("password", help="a new one-time password; ends all sessions")
    password.add_argument("name")
    token = commands.add_parser("token", help="make a token for programs")
    token.add_argument("name", help="the account that it acts for")
    for command in (add, password, token):
        command.add_argument("--json", action="store_true")


def _coordinates(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lon-field", required=True, metavar="F")
    command.add_argument("--lat-field", required=True, metavar="F")
