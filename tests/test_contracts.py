"""docs/contracts.md says what outside programs rely on; the code keeps to it."""

import argparse
import re
from pathlib import Path

import pytest

from api.app import create_app
from api.arguments import parser
from gis.patrols.gaps import Kind
from gis.people.roles import Role
from gis.reports import Question
from gis.settings import Settings

PAGE = (Path(__file__).parents[1] / "docs" / "contracts.md").read_text("utf-8")


def commands(root, prefix=()):
    """Yield every command of the parser with its options."""
    below = [a for a in root._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield " ".join(prefix), {o for a in root._actions for o in a.option_strings if o != "-h"}
    for action in below:
        for name, command in action.choices.items():
            yield from commands(command, (*prefix, name))


COMMANDS = dict(commands(parser()))
EVERYWHERE = {"--help", "--json", "--dry-run", "--skip-bad-rows", "--no-jobs"}


def test_every_command_stands_on_the_page_and_no_other():
    lines = re.findall(r"^\| `\./wangge ([^`]+)`", PAGE, re.MULTILINE)
    for line in lines:
        assert any(re.match(rf"{name}( |$)", line) for name in COMMANDS), line
    for name in COMMANDS:
        assert any(re.match(rf"{name}( |$)", line) for line in lines), name


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_stands_on_the_page(name):
    (line,) = [line for line in PAGE.splitlines() if re.match(rf"\| `\./wangge {name}( |`)", line)]
    assert COMMANDS[name] - EVERYWHERE <= set(re.findall(r"--[a-z-]+", line))
    assert set(re.findall(r"--[a-z-]+", line)) <= COMMANDS[name]


def test_roles_questions_and_kinds_of_gap_are_those_of_the_page():
    roles = re.search(r"^## Roles\n\n(.+)$", PAGE, re.MULTILINE).group(1)
    assert re.findall(r"`(\w+)`", roles) == [role.value for role in Role]
    for question in Question:
        assert f"- `{question.value}`: `" in PAGE
    for kind in Kind:
        assert kind.value in PAGE


def test_every_route_of_the_interface_stands_on_the_page(tmp_path):
    settings = Settings(database_url="postgresql://unused", browser_files=tmp_path)
    app = create_app(settings, run_jobs=False)
    for path in app.openapi()["paths"]:
        written = re.sub(r"\{(\w+)\}", lambda m: WRITTEN.get(m.group(1), m.group(0)), path)
        assert f"{written}" in PAGE, written


WRITTEN = {
    "issue_id": "{uuid}",
    "batch_id": "{uuid}",
    "question": "{issues|coverage|gaps|density}",
}
