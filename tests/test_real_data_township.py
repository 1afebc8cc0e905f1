"""The example township against the public list of names and codes."""

import csv

import pytest

from data.boundaries.generate.facts import TOWNSHIP, VILLAGES

pytestmark = pytest.mark.real


def test_the_example_township_has_the_public_names_and_codes(real_data):
    with (real_data / "lilou" / "villages.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["code12"]: row["short_name"] for row in rows} == {
        code: name for code, (name, _) in VILLAGES.items()
    }
    assert {(row["township_code"], row["township_name"]) for row in rows} == {TOWNSHIP[:2]}
