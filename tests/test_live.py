"""A page that stays open: what a phone reports comes onto it, and nothing else moves."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from tests.visiting import PHONE

pytestmark = pytest.mark.browser


def report(page, address, *, lon=117.4535, lat=32.892, text="Litter by the road", media=()):
    """Report an issue as a phone does, with the session of ``page``; return its id."""
    number = str(uuid4())
    answer = page.request.put(
        f"{address}/api/issues/{number}",
        headers={"origin": address},
        data={
            "op_id": str(uuid4()),
            "lon": lon,
            "lat": lat,
            "category": "Litter",
            "text": text,
            "captured_at": datetime.now(UTC).isoformat(),
            "media": list(media),
        },
    )
    assert answer.status == 201
    return number


def open_issues(page):
    """Return how many issues the list of questions says are open."""
    return int(
        "".join(c for c in page.inner_text("[data-ask=issues] span").split()[0] if c.isdigit())
    )


POLL_MS = 12_000


def test_a_report_from_a_phone_is_on_the_chiefs_map_without_anything_moving(visit, township):
    address = township[0]
    chief, seen = visit(language="en")
    phone, _ = visit("unit", viewport=PHONE)
    chief.clock.install()
    chief.goto(f"{address}/map?ask=issues")
    chief.wait_for_selector(".pin", state="attached")
    before, pins = open_issues(chief), chief.locator(".pin").count()
    # What a person did: another order of the table, a list closed, the map moved, a row in focus.
    chief.locator("table:visible th.n .sort").nth(3).click()
    chief.locator("[data-tool=zoom-in]").click()
    chief.locator(".items:visible summary").click()
    chief.evaluate("document.querySelector('#figures').scrollTop = 60")
    chief.locator("table:visible tbody a").nth(4).focus()
    state = """() => ({
        focus: document.activeElement.textContent,
        centre: [wangge.map.getCenter().lat, wangge.map.getCenter().lng, wangge.map.getZoom()],
        scroll: document.querySelector('#figures').scrollTop,
        open: document.querySelector('[data-panel=issues] details').open,
        order: [...document.querySelectorAll('[data-panel=issues] tbody th')].map(
            (head) => head.textContent),
        sorted: document.querySelector('[data-panel=issues] [aria-sort]').textContent,
    })"""
    chief.evaluate("window.same = true")
    as_it_was = chief.evaluate(state)
    number = report(phone, address, text="Litter by the pond")
    chief.clock.fast_forward(POLL_MS)
    chief.wait_for_selector("[data-live=news]:has-text('1 new report')")
    assert "Updated" in chief.inner_text(".live")
    assert open_issues(chief) == before + 1
    assert chief.locator(".pin").count() == pins + 1
    assert chief.locator(".pin.fresh").count() == 1
    assert chief.locator(f"#issue-{number}").count() == 1
    assert chief.evaluate(state) == as_it_was
    assert chief.evaluate("window.same") is True  # it is still the same page
    assert seen["faults"] == []


def test_a_photo_of_a_report_is_seen_in_the_list_and_on_the_map(visit, township):
    phone, _ = visit("unit", viewport=PHONE)
    picture = BytesIO()
    Image.new("RGB", (640, 480), "#446622").save(picture, "JPEG")
    name = sha256(picture.getvalue()).hexdigest()
    answer = phone.request.put(
        f"{township[0]}/api/media/{name}",
        headers={"origin": township[0], "content-type": "image/jpeg"},
        data=picture.getvalue(),
    )
    assert answer.status in (200, 201)
    number = report(phone, township[0], text="With a photo", media=[name])
    chief, seen = visit(language="en")
    chief.goto(f"{township[0]}/map?ask=issues&cell=340302200200#issue-{number}")
    for place in (f"#issue-{number}", ".pin-card"):
        image = chief.locator(f"{place} .photos img")
        image.scroll_into_view_if_needed()
        chief.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
        assert image.get_attribute("alt") == "Photo 1"
    assert seen["faults"] == []


def test_nothing_is_fetched_again_while_nothing_comes_in(visit, township):
    page, seen = visit(language="en")
    page.clock.install()
    page.goto(f"{township[0]}/map?ask=issues")
    page.wait_for_selector(".pin", state="attached")
    seen["requests"].clear()
    for _ in range(3):
        with page.expect_response("**/api/changes"):
            page.clock.fast_forward(POLL_MS)
    assert {url.removeprefix(township[0]) for url in seen["requests"]} == {"/api/changes"}


def test_a_page_of_the_past_does_not_go_on(visit, township):
    page, seen = visit(language="en")
    page.clock.install()
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    page.goto(f"{township[0]}/map?ask=issues&to={yesterday}")
    page.wait_for_selector(".pin", state="attached")
    page.clock.fast_forward(10 * POLL_MS)
    page.click("text=Back to today")
    page.wait_for_url(lambda url: "to=" not in url)
    page.wait_for_selector(".pin", state="attached")
    assert [url for url in seen["requests"] if "/api/changes" in url] == []


def test_without_a_network_the_page_says_since_when_and_goes_on_later(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map?ask=gaps")
    page.wait_for_selector(".leaflet-container path", state="attached")
    answer = page.inner_text("[data-panel=gaps] .answer h2")
    page.context.set_offline(True)
    page.wait_for_selector(".live.old [data-live=news]:has-text('Offline since')")
    assert "Figures of" in page.inner_text(".live")
    assert page.inner_text("[data-panel=gaps] .answer h2") == answer
    page.context.set_offline(False)
    page.wait_for_selector(".live:not(.old) [data-live=news]:has-text('Connected again.')")


def test_a_session_that_ended_is_said_with_the_way_back(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map?ask=density")
    page.wait_for_selector(".leaflet-container path", state="attached")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.click(".live a:has-text('Sign in again')")
    page.fill("[name=account]", "chief")
    page.fill("[name=password]", township[1]["chief"])
    page.click("main form button")
    page.wait_for_url("**/map?ask=density")


def test_a_server_in_trouble_leaves_the_figures_and_says_so(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map?ask=issues")
    page.wait_for_selector(".pin", state="attached")
    page.route("**/api/changes", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector(".live.old [data-live=news]:has-text('has not answered since')")
    assert page.locator(".pin").count() > 0
