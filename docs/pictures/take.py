"""Take the pictures of every page, in both languages and at both widths: `./wangge pictures`.

They are taken of the example township in a database that is made for this on the server of the
tests, and dropped afterwards. What no page is called any more is deleted, and README.md beside
this file is written anew. `./wangge pictures NAME…` takes some of them again.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from api import example
from gis import db
from gis.people import accounts
from gis.settings import Settings
from maps.page import NAMES
from tests.conftest import database
from tests.places import LANGUAGES, PLACES, SIZES, Place
from tests.visiting import BROWSER_FILES, serving

FOLDER = Path(__file__).parent
INDEX = FOLDER / "README.md"
OWN = "four-quiet-words-here"
"""Everybody's password: with the one-time ones, every page asks for another."""
QUALITY = 64
SETTLED_MS = 700
HEAD = """# Pictures of every page

Taken by `./wangge pictures`, which writes this page too. The borders, the people and what they do
are invented; the names of the villages are real. The photos are drawn.
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A place in one language and at one width."""

    place: Place
    language: str
    size: str

    @property
    def file(self) -> str:
        """Return the name of its file."""
        return f"{self.place.name}-{self.size}-{self.language}.jpg"


def main(names: Sequence[str]) -> int:
    """Write the pictures of the named places, or of all, and the page that shows them."""
    everything = pictures(PLACES)
    wanted = pictures([place for place in PLACES if place.name in names]) if names else everything
    if not wanted:
        print("There is no such page:", *names, file=sys.stderr)
        return 2
    with database(f"wangge_test_pictures_{os.getpid()}") as url:
        load(url)
        settings = Settings(database_url=url, browser_files=BROWSER_FILES)
        with serving(settings) as address:
            take_all(address, wanted)
    known = {picture.file for picture in everything}
    for path in FOLDER.glob("*.jpg"):
        if path.name not in known:
            path.unlink()
    INDEX.write_text(index(), "utf-8")
    sizes = [path.stat().st_size for path in FOLDER.glob("*.jpg")]
    print(f"{len(sizes)} pictures, {sum(sizes) / 1e6:.1f} MB")
    return 0


def pictures(places: Iterable[Place]) -> list[Picture]:
    """Return the pictures of some places."""
    return [Picture(p, language, size) for p in places for language in LANGUAGES for size in SIZES]


def load(url: str) -> None:
    """Fill the database with the example, and give every account a password of its own."""
    db.migrate(url)
    engine = db.connect(url, timeout_ms=0)
    with engine.begin() as conn:
        for made in example.load(conn, lambda _message: None):
            accounts.set_password(conn, str(made["account"]), password=OWN)
    engine.dispose()


def take_all(address: str, wanted: Sequence[Picture]) -> None:
    """Visit the places as their accounts, and write what is seen."""
    program = os.environ.get("WANGGE_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        kept: dict[str, StorageState | None] = {"": None}
        for picture in wanted:
            account = picture.place.account
            if account not in kept:
                kept[account] = sign_in(browser, address, account)
            take(browser, address, picture, state=kept[account])
            print(picture.file, flush=True)
        browser.close()


def sign_in(browser: Browser, address: str, account: str) -> StorageState:
    """Return what the browser keeps of a session."""
    context = browser.new_context()
    form = {"account": account, "password": OWN}
    context.request.post(f"{address}/login", form=form, fail_on_status_code=True)
    state = context.storage_state()
    context.close()
    return state


def take(browser: Browser, address: str, picture: Picture, *, state: StorageState | None) -> None:
    """Write one picture beside this file."""
    context = browser.new_context(
        locale=LANGUAGES[picture.language],
        viewport=SIZES[picture.size],
        storage_state=state,
        timezone_id=example.ZONE,
        reduced_motion="reduce",
        **picture.place.options,
    )
    page = context.new_page()
    page.goto(address + picture.place.path)
    page.wait_for_selector(picture.place.ready, state="attached")
    picture.place.reach(page)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / picture.file, type="jpeg", quality=QUALITY, caret="hide")
    context.close()


def index() -> str:
    """Return the page that shows all of them, with one sentence each."""
    parts = [HEAD]
    for place in PLACES:
        own = pictures([place])
        links = " · ".join(f"[{NAMES[one.language]}, {one.size}]({one.file})" for one in own)
        size = "phone" if place.path.startswith("/work") else "desk"
        shown = next(one.file for one in own if (one.language, one.size) == ("en", size))
        parts.append(f"## {place.name}\n\n{place.says}\n\n{links}\n\n![{place.says}]({shown})\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
