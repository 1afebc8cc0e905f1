"""Take the pictures of the documentation from a served example township.

    ./wangge demo                                              # in a home made for this alone
    .venv/bin/python docs/pictures/take.py ADDRESS PASSWORD    # the chief's one-time password

It gives the chief a password of its own first, so that no page asks for one. Needs the Chromium
that `./wangge test` found: WANGGE_CHROMIUM, or /usr/bin/chromium.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
OWN = "four-quiet-words-here"
LANGUAGES = {"zh": "zh-CN", "en": "en"}
DESK, PHONE = ("desk", (1440, 900)), ("phone", (390, 844))
SHOTS = (("coverage", DESK), ("gaps", DESK), ("cells", PHONE))


def sign_in(page: Page, address: str, password: str) -> None:
    """Begin the chief's session."""
    page.goto(f"{address}/login")
    page.fill("[name=account]", "chief")
    page.fill("[name=password]", password)
    page.click("main form button")
    page.wait_for_load_state("networkidle")


def main(address: str, password: str) -> None:
    """Write one picture a question, language and size beside this file."""
    program = os.environ.get("WANGGE_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        sign_in(page, address, password)
        page.goto(f"{address}/password")
        page.fill("[name=old]", password)
        page.fill("[name=new]", OWN)
        page.click("main form button")
        for language, locale in LANGUAGES.items():
            for ask, (place, (width, height)) in SHOTS:
                view = {"width": width, "height": height}
                page = browser.new_context(locale=locale, viewport=view).new_page()
                sign_in(page, address, OWN)
                page.goto(f"{address}/map?ask={ask}")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(500)
                path = FOLDER / f"{ask}-{place}-{language}.jpg"
                page.screenshot(path=path, type="jpeg", quality=82)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
