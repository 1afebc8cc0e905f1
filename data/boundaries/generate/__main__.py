"""Make the example township's files: ``python -m data.boundaries.generate``."""

import argparse
from datetime import date, datetime
from pathlib import Path

from data.boundaries.generate.demo import write_demo
from data.boundaries.generate.files import FOLDER
from data.boundaries.generate.ground import build
from data.boundaries.generate.life.calendar import ZONE


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m data.boundaries.generate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    ground = commands.add_parser("build", help="draw the ground: cells and layers")
    ground.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    life = commands.add_parser("life", help="write people, issues and tracks up to a day")
    life.add_argument("folder", type=Path)
    life.add_argument("--today", type=date.fromisoformat, default=datetime.now(ZONE).date())
    args = parser.parse_args()
    if args.command == "build":
        build.write(build.make(), args.folder)
    else:
        write_demo(args.folder, args.today)


if __name__ == "__main__":
    main()
