"""Every page for everybody: by keyboard, by screen reader, enlarged, still, in few colours."""

import re

import pytest

from maps.view import Ask
from tests.accessible import findings, stops, stops_due, too_small, too_wide
from tests.places import LANGUAGES, MAP, PLACES, SIZES
from tests.visiting import DESK, PHONE, sign_in

pytestmark = pytest.mark.browser

BY_NAME = {place.name: place for place in PLACES}
SHOWING_DATA = [place.name for place in PLACES if place.ready == MAP]
VIEWS = [
    ("zh", "desk"),
    ("en", "phone"),
    pytest.param("en", "desk", marks=pytest.mark.long),
    pytest.param("zh", "phone", marks=pytest.mark.long),
]
TWICE = {"width": DESK["width"] // 2, "height": DESK["height"] // 2}
"""What is left of a desk's screen at 200 %."""
NARROWEST = {"width": 320, "height": 640}
"""WCAG's: a desk's screen at 400 %."""
SHAPES = "() => document.querySelectorAll('.leaflet-container path, .leaflet-marker-icon').length"
SLOWEST = """
() => Math.max(...[...document.querySelectorAll("*")].flatMap((element) => {
    const { transitionDuration, animationDuration } = getComputedStyle(element);
    return `${transitionDuration}, ${animationDuration}`.split(", ").map(parseFloat);
}))
"""
COLOURS = """
() => [...document.querySelectorAll(".swatch, .leaflet-container path, .leaflet-container span")]
    .map((element) => {
        const { backgroundColor, color, fill, stroke } = getComputedStyle(element);
        return [element.getAttribute("class"), backgroundColor, color, fill, stroke].join(" ");
    })
"""


@pytest.fixture(scope="module")
def signed_in(township, browser):
    """Return what a browser keeps of an account that signed in; nothing of nobody."""
    address, passwords = township
    kept = {"": None}

    def state(account):
        if account not in kept:
            page = browser.new_page()
            sign_in(page, f"{address}/", account, passwords[account])
            kept[account] = page.context.storage_state()
            page.close()
        return kept[account]

    return state


@pytest.fixture
def go(township, browser, signed_in):
    """Return a page that shows a place, and what went wrong on it."""
    contexts = []

    def gone(place, *, language="zh-CN", viewport=PHONE, **options):
        state = signed_in(place.account)
        context = browser.new_context(
            viewport=viewport, locale=language, storage_state=state, **place.options, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        answer = page.goto(f"{township[0]}{place.path}")
        assert answer.status == place.status
        page.wait_for_selector(place.ready, state="attached")
        if place.writes:  # others visit the same township
            context.set_offline(True)
        place.reach(page)
        return page

    yield gone
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language, size", VIEWS)
@pytest.mark.parametrize("name", BY_NAME)
def test_a_page_is_for_everybody(go, name, language, size):
    place = BY_NAME[name]
    page = go(place, language=LANGUAGES[language], viewport=SIZES[size])
    assert page.locator("html").get_attribute("lang") == LANGUAGES[language]
    assert page.locator(f"h1:not({place.foreign[0]} *)" if place.foreign else "h1").count() == 1
    assert findings(page, leave_out=place.foreign, essential=place.essential) == []
    assert too_wide(page) == []
    unmeasured = (*place.foreign, *place.essential)
    least = 44 if size == "phone" else 24
    assert too_small(page, least=least, leave_out=unmeasured) == []
    assert page.faults == []


@pytest.mark.parametrize("name", BY_NAME)
def test_the_tab_key_stops_everywhere_in_order_and_one_sees_where(go, name):
    place = BY_NAME[name]
    page = go(place, viewport=PHONE if place.path.startswith("/work") else DESK)
    due = stops_due(page, leave_out=place.foreign)
    found = stops(page, leave_out=place.foreign)
    assert len(found) >= due > 1
    assert [stop["says"] for stop in found if stop["sides"] < 2] == []
    assert [stop["says"] for stop in found if not stop["onward"]] == []


@pytest.mark.parametrize("name", BY_NAME)
def test_enlarged_a_page_needs_no_scrolling_sideways(go, name):
    place = BY_NAME[name]
    page = go(place, language="en", viewport=TWICE)
    assert too_wide(page) == []
    page.set_viewport_size(NARROWEST)
    assert too_wide(page) == []
    page.set_viewport_size(SIZES["phone"])
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert too_wide(page) == []


@pytest.mark.parametrize("name", SHOWING_DATA)
def test_nothing_moves_for_those_who_ask_for_it_and_nothing_is_lost(go, name):
    moving, still = (
        go(BY_NAME[name], reduced_motion=asked) for asked in ("no-preference", "reduce")
    )
    assert still.evaluate(SHAPES) == moving.evaluate(SHAPES) > 0
    assert still.evaluate(SLOWEST) <= 0.001


@pytest.mark.parametrize("name", SHOWING_DATA)
def test_where_colours_are_forced_the_classes_of_the_map_keep_theirs(go, name):
    own, forced = (go(BY_NAME[name], forced_colors=asked) for asked in ("none", "active"))
    assert forced.evaluate("() => matchMedia('(forced-colors: active)').matches")
    assert forced.evaluate(COLOURS) == own.evaluate(COLOURS)


@pytest.mark.parametrize("ask", Ask)
def test_a_map_is_printed_on_one_or_two_sheets_across(go, ask):
    page = go(BY_NAME[ask.value], viewport=DESK)
    printed = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 1 <= len(sheets) <= 2
    for sheet in sheets:
        assert [float(side) for side in sheet] == pytest.approx([842, 595], abs=1)  # A4 in points
