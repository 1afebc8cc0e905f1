"""The documentation's pictures: there for every page, none too many; not taken here."""

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.places import LANGUAGES, PLACES, SIZES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
NAMES = {
    f"{place.name}-{size}-{language}.jpg"
    for place in PLACES
    for size in SIZES
    for language in LANGUAGES
}
MOST_BYTES = 6_500_000
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md")]


def test_every_page_has_a_picture_in_each_language_and_width_and_no_other_is_kept():
    assert {path.name for path in FOLDER.glob("*.jpg")} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_picture_is_as_wide_as_what_it_shows(name):
    with Image.open(FOLDER / name) as picture:
        assert (picture.format, picture.size) in [
            ("JPEG", (size["width"], size["height"]))
            for key, size in SIZES.items()
            if f"-{key}-" in name
        ]


def test_all_pictures_together_are_not_too_much_to_fetch():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.jpg")) < MOST_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_that_a_page_shows_is_there(page):
    for shown in re.findall(r"\]\(([^)]+\.(?:jpg|png|svg))\)", page.read_text("utf-8")):
        assert (page.parent / shown).is_file(), shown


def test_the_page_of_the_pictures_shows_every_page_with_one_sentence():
    page = (FOLDER / "README.md").read_text("utf-8")
    for place in PLACES:
        assert f"## {place.name}\n\n{place.says}\n" in page
    assert set(re.findall(r"\]\(([^)]+)\)", page)) == NAMES
