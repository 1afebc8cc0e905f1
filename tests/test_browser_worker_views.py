"""The worker's page as people meet it: every view, whom to call, what a browser refuses."""

import os
from functools import partial
from uuid import uuid4

import pytest

from tests.accessible import findings, too_small, too_wide
from tests.phoning import CACHED, TABS, a_photo, of_server, open_phone, report, until
from tests.visiting import DESK, PHONE, outside

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(visit, township):
    return partial(open_phone, visit, township)


@pytest.mark.parametrize("language, viewport", [("zh-CN", PHONE), ("en", PHONE), ("zh-CN", DESK)])
def test_every_view_is_accessible_and_fits_its_screen(phone, township, language, viewport):
    page, seen = phone(language=language, viewport=viewport)
    for tab in TABS:
        page.goto(f"{township[0]}/work#{tab}")
        page.wait_for_selector(f"#view-{tab}:visible")
        assert findings(page) == []
        assert too_wide(page) == []
        assert too_small(page, least=44, leave_out=[".choice input"]) == []
    page.click("#menu summary")
    assert findings(page) == []
    assert outside(seen, township[0]) == []
    assert seen["faults"] == []


def test_a_worker_sees_contacts_up_the_ladder_and_nothing_of_a_neighbour(phone, township):
    page, _ = phone()
    page.click("#tabs a[href='#contacts']")
    phones = page.locator("#view-contacts a[href^='tel:']").all()
    assert len(phones) >= 5  # oneself, two village leaders, the area's, two chiefs
    assert "李楼村" in page.inner_text("#view-contacts")
    assert "第 2 网格" not in page.content()
    assert "340302200200002" not in page.content()


def test_signing_out_leaves_no_page_behind_and_opening_it_asks_to_sign_in(phone, township):
    page, _ = phone()
    until(page, CACHED)
    page.click("#menu summary")
    page.click("#leave button")
    page.wait_for_url("**/login*")
    assert not page.evaluate(CACHED)
    page.goto(f"{township[0]}/work")
    assert "/login" in page.url


def test_who_refuses_the_position_is_told_how_to_allow_it_and_can_still_report(phone):
    page, _ = phone(sees=False)
    page.wait_for_selector("#troubles >> text=本页未获准使用您的位置")
    assert page.is_disabled("#walk-start")
    page.goto(page.url + "#report")
    page.wait_for_selector("#pin-troubles >> text=请手动放置图钉")


def test_without_https_the_page_says_what_is_refused_and_reports_all_the_same(township, browser):
    address, passwords = township
    port = address.rpartition(":")[2]
    there = (
        "MAP grid.example 127.0.0.1"  # a name, so that the browser trusts it no more than a LAN's
    )
    other = browser.browser_type.launch(
        executable_path=os.environ["WANGGE_CHROMIUM"],
        args=["--no-sandbox", f"--host-resolver-rules={there}"],
    )
    page = other.new_page(viewport=PHONE, locale="zh-CN")
    page.goto(f"http://grid.example:{port}/login?next=/work")
    page.fill("[name=account]", "unit")
    page.fill("[name=password]", passwords["unit"])
    page.click("main form button")
    page.wait_for_selector("#troubles >> text=此网址不是 https")
    assert page.evaluate("!isSecureContext && !crypto.subtle && !navigator.serviceWorker")
    assert page.is_disabled("#walk-start")
    page.goto(f"http://grid.example:{port}/work#report")
    page.click(".stage .map", position={"x": 150, "y": 80})
    text = f"无 https {uuid4().hex[:6]}"
    report(page, text, photo=a_photo(200))
    page.wait_for_selector(f".done:has-text('{text[:10]}')")
    assert len(of_server(page, text)[0]["properties"]["media"]) == 1
    other.close()
