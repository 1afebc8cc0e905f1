"""A worker on a phone: reports, the outbox with and without a network, a patrol."""

import io
import json
from datetime import datetime, time, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tests.phoning import (
    DRAFT,
    FACTS,
    KEPT,
    PATROL,
    READY,
    UNSENT,
    a_photo,
    of_server,
    open_phone,
    place,
    report,
    until,
)
from tests.visiting import outside, sign_in

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Shanghai")
SAID = """
globalThis.said = [];
new MutationObserver(() => {
    const pill = document.getElementById('pill');
    if (pill) globalThis.said.push(pill.textContent);
}).observe(document, { childList: true, subtree: true });
"""
"""Everything that the pill ever says, from the page's first moment."""


@pytest.fixture
def phone(visit, township):
    return partial(open_phone, visit, township)


def last_night(hour):
    """Return an hour of the last night, when nobody of the example walks."""
    return datetime.combine(datetime.now(ZONE) - timedelta(days=1), time(hour), ZONE)


def test_a_report_travels_from_the_workers_phone_to_the_chiefs_map(phone, visit, township):
    page, seen = phone()
    page.wait_for_selector("text=您在本网格内 · 误差 8 m")
    page.click("#cta a")
    page.wait_for_selector("#place >> text=您的位置")
    pin = page.locator(".report-pin")
    box = pin.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 20, steps=5)
    page.mouse.up()
    page.wait_for_selector("#place >> text=离您")
    pin.focus()
    before = page.inner_text("#place small")
    page.keyboard.press("Shift+ArrowUp")  # 20 m north
    assert page.inner_text("#place small") != before
    text = f"塘边建筑垃圾 {uuid4().hex[:6]}"
    report(page, text, photo=a_photo())
    page.wait_for_selector(f".done:has-text('{text[:10]}') >> text=回执 №")
    assert page.inner_text("#pill") == "已全部送达"
    assert page.evaluate(UNSENT) == 0
    (found,) = of_server(page, text)
    assert found["properties"]["accuracy_m"] is None  # set by hand
    assert found["geometry"]["coordinates"][1] > page.middle[1] - 0.002
    (photo,) = found["properties"]["media"]
    width, height = Image.open(
        io.BytesIO(page.request.get(f"{township[0]}/api/media/{photo}").body())
    ).size
    assert (width, height) == (2048, 1365)  # 3000 × 2000, made smaller on the phone

    page.click("#tabs a[href='#mine']")
    mine = page.locator(f"#mine li:has-text('{text}')")
    mine.wait_for()
    assert "环境卫生 · 待受理" in mine.inner_text()
    assert "现由李楼村办理" in mine.inner_text()
    mine.locator("summary").click()
    mine.locator(".ledger li >> text=上报").wait_for()
    mine.locator(".more img").wait_for()

    chief, _ = visit("chief")
    assert text in chief.request.get(f"{township[0]}/api/issues/{found['properties']['id']}").text()
    chief.goto(f"{township[0]}/map?ask=issues")
    assert text in json.dumps(chief.evaluate(FACTS)["pins"], ensure_ascii=False)
    assert outside(seen, township[0]) == []
    assert seen["faults"] == []


def test_what_is_settled_on_the_spot_is_closed_and_stays_with_its_reporter(phone):
    page, seen = phone(language="en")
    text = f"Swept up {uuid4().hex[:6]}"
    report(page, text, settled=True)
    page.wait_for_selector(".done:has-text('settled on the spot') >> text=Receipt no.")
    (found,) = of_server(page, text)
    assert found["properties"]["status"] == "closed"
    assert found["properties"]["accuracy_m"] == 8  # the pin stood where the phone was
    assert seen["faults"] == []


def test_what_is_missing_stands_at_its_field(phone):
    page, _ = phone(sees=False)
    page.goto(page.url + "#report")
    page.click("#act-report")
    for field, words in (("place", "图钉"), ("category", "类别"), ("text", "情况")):
        assert words in page.inner_text(f"#fault-{field}")
    page.click(".stage .map", position={"x": 120, "y": 80})  # the pin goes where one presses
    assert page.inner_text("#place span").startswith("手动放置")
    page.check("[name=category][value=其他]", force=True)
    page.fill("#text", "井盖松动")
    assert page.locator(".fault:visible").count() == 0


def test_a_draft_outlives_the_page_and_its_pin_stays_where_the_thing_was_seen(phone):
    page, _ = phone()
    page.goto(page.url + "#report")
    page.wait_for_selector("#place >> text=您的位置")
    page.set_input_files("#shoot", a_photo(30))
    page.wait_for_selector(".shot img")
    page.fill("#text", "半夜施工")
    where = page.inner_text("#place small")
    page.context.set_geolocation(place(page.middle[0] + 0.001, page.middle[1]))
    page.wait_for_selector("#draft-clear:visible")
    until(page, DRAFT, "半夜施工")
    page.reload()
    page.wait_for_selector(".shot img")
    assert page.input_value("#text") == "半夜施工"
    assert page.inner_text("#place small") == where
    page.click(".shot button")
    page.wait_for_selector(".shot img", state="detached")
    page.click("#draft-clear")
    page.wait_for_selector("#draft-clear", state="hidden")
    assert page.input_value("#text") == ""


def test_three_reports_without_a_network_arrive_once_each_after_a_restart(phone):
    page, seen = phone()
    until(page, READY)
    page.context.set_offline(True)
    texts = [f"离线 {n} {uuid4().hex[:6]}" for n in range(3)]
    for n, text in enumerate(texts):
        report(page, text, photo=a_photo(n) if n == 0 else None)
        page.wait_for_selector(f".thing:has-text('{text[:8]}') >> text=等待网络")
    assert page.inner_text("#pill") == "离线 · 3 条待发"
    page.goto(page.url.partition("#")[0])  # from the home screen
    page.reload()
    page.wait_for_selector("#pill >> text=离线 · 3 条待发")
    page.wait_for_selector(".leaflet-container path", state="attached")
    page.context.set_offline(False)
    page.wait_for_selector("#pill >> text=已全部送达")
    assert [len(of_server(page, text)) for text in texts] == [1, 1, 1]
    assert len(of_server(page, texts[0])[0]["properties"]["media"]) == 1
    faults = [fault for fault in seen["faults"] if "ERR_INTERNET_DISCONNECTED" not in fault]
    assert faults == []


def test_an_answer_that_is_lost_makes_no_second_report(phone):
    page, _ = phone(service_workers="block")
    calls = []

    def lose(route):
        calls.append(route.fetch().status)
        if len(calls) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/issues/*", lambda r: lose(r) if r.request.method == "PUT" else r.continue_())
    text = f"应答丢失 {uuid4().hex[:6]}"
    report(page, text)
    page.wait_for_selector(f".thing:has-text('{text[:8]}') >> text=等待网络")
    page.click("[data-act=retry]")
    page.wait_for_selector(f".done:has-text('{text[:8]}')")
    assert calls == [201, 200]
    assert len(of_server(page, text)) == 1


def test_what_the_server_refuses_waits_for_its_author_and_stops_nothing_else(phone):
    page, _ = phone(service_workers="block")
    bad, good = f"坏的 {uuid4().hex[:6]}", f"好的 {uuid4().hex[:6]}"

    def spoil(route):
        body = route.request.post_data_json or {}
        if route.request.method == "PUT" and body.get("text") == bad:
            route.continue_(post_data=json.dumps(body | {"category": "x" * 41}))
        else:
            route.continue_()

    page.route("**/api/issues/*", spoil)
    page.context.set_offline(True)
    report(page, bad, photo=a_photo(60))
    report(page, good)
    page.context.set_offline(False)
    page.wait_for_selector(f".done:has-text('{good[:8]}')")
    parked = page.locator(f".thing:has-text('{bad[:8]}')")
    assert "服务器说：" in parked.inner_text()
    assert "category" in parked.inner_text()
    assert page.inner_text("#pill") == "1 条需处理"
    parked.locator("text=查看并修改").click()
    page.wait_for_selector("#fault-category:visible")
    page.wait_for_selector(".shot img")  # its photo came along
    page.unroute("**/api/issues/*")
    page.click("#act-report")
    page.wait_for_selector(f".done:has-text('{bad[:8]}')")
    assert page.evaluate(UNSENT) == 0
    assert len(of_server(page, bad)) == 1


def test_somebody_elses_session_sends_nothing_of_mine(phone, township):
    page, _ = phone(service_workers="block")
    page.context.set_offline(True)
    text = f"我的 {uuid4().hex[:6]}"
    report(page, text)
    page.context.set_offline(False)
    page.wait_for_selector(f".done:has-text('{text[:8]}')")

    page.route("**/api/issues/*", lambda route: route.abort())
    kept = f"留在本机 {uuid4().hex[:6]}"
    report(page, kept)
    page.unroute("**/api/issues/*")
    address, passwords = township
    other = page.context.new_page()  # the same phone, the same cookies: a colleague signs in
    sign_in(other, f"{address}/login", "village", passwords["village"])
    other.goto(f"{address}/work#outbox")
    other.wait_for_selector("text=本机还存有其他账号的 1 条未发内容")
    assert kept not in other.content()
    page.click("[data-act=retry]")  # the page that is still open
    page.wait_for_selector("text=登录已失效")
    assert page.evaluate(UNSENT) == 1
    assert of_server(other, kept) == []

    sign_in(page, f"{address}/login?next=/work", "unit", passwords["unit"])
    page.wait_for_selector("#pill >> text=已全部送达")
    assert len(of_server(page, kept)) == 1


def test_the_page_never_says_that_all_is_sent_while_something_is_not(phone):
    page, _ = phone(service_workers="block")
    page.route("**/api/issues/*", lambda route: route.abort())
    report(page, f"还没送出 {uuid4().hex[:6]}")
    page.add_init_script(SAID)
    page.reload()
    page.wait_for_selector("#pill[data-says]")
    until(page, "globalThis.said.length > 1 && !globalThis.said.at(-1).includes('正在')")
    assert not [words for words in page.evaluate("globalThis.said") if "全部送达" in words]
    page.unroute("**/api/issues/*")
    page.goto(page.url.partition("#")[0] + "#outbox")
    page.click("[data-act=retry]")
    page.wait_for_selector("#pill >> text=已全部送达")


def test_a_patrol_is_recorded_paused_resumed_drawn_and_delivered(phone, township):
    page, seen = phone()
    page.clock.install(time=last_night(3))
    page.reload()
    lon, lat = page.middle
    walked = 0

    def walk(steps):
        nonlocal walked
        for _ in range(steps):  # 20 m in 15 s
            before = page.evaluate(kept)
            walked += 1
            page.clock.fast_forward(15_000)
            page.context.set_geolocation(place(lon, lat + walked * 20 / 111_320))
            until(page, kept, before + 1)

    page.wait_for_selector("#here >> text=您在本网格内")
    page.click("#walk-start")
    page.wait_for_selector("#walk-pause:visible")
    kept = KEPT.replace("ID", f"'{page.evaluate(PATROL)['id']}'")
    until(page, kept, 1)
    walk(6)
    assert page.locator("path.own-track").count() >= 2  # the line and its casing
    assert "120 m" in page.inner_text("#walk-says")
    page.click("#walk-pause")
    page.wait_for_selector("#walk-resume:visible")
    stood = page.inner_text("#walk-clock")
    page.reload()  # a phone that kills the page loses nothing
    page.wait_for_selector("#walk-resume:visible")
    assert page.inner_text("#walk-clock") == stood
    page.clock.fast_forward(180_000)
    assert page.inner_text("#walk-clock") == stood
    page.click("#walk-resume")
    page.wait_for_selector("#walk-pause:visible")
    walk(6)
    page.reload()  # while it runs
    page.wait_for_selector("#walk-pause:visible")
    page.click("#walk-end")
    page.wait_for_selector("#walk-start:visible")
    until(page, UNSENT, 0)
    page.click("#tabs a[href='#outbox']")
    page.wait_for_selector(".done:has-text('巡查轨迹') >> text=回执 №")
    day = last_night(3).date()
    tracks = page.request.get(f"{township[0]}/api/tracks?from={day}&to={day}").json()
    night = [f["properties"] for f in tracks["features"]]
    ours = [f for f in night if last_night(3) <= datetime.fromisoformat(f["started_at"])]
    ours = [f for f in ours if datetime.fromisoformat(f["ended_at"]) < last_night(4)]
    assert [f["metres"] for f in ours] == pytest.approx([120, 100], rel=0.02)
    assert [f["seconds"] for f in ours] == pytest.approx([90, 75], abs=10)  # six steps, five steps
    assert seen["faults"] == []


def test_a_patrol_that_was_cut_off_is_paused_where_it_was_last_seen(phone):
    page, _ = phone()
    page.clock.install(time=last_night(1))
    page.reload()
    page.click("#walk-start")
    page.wait_for_selector("#walk-pause:visible")
    page.goto("about:blank")
    page.clock.fast_forward(600_000)
    page.go_back()
    page.wait_for_selector("#walk-resume:visible")
    page.wait_for_selector("text=本页已关闭，这段时间没有记录")
    assert page.inner_text("#walk-clock") < "00:01:00"
    page.click("#walk-end")
    page.wait_for_selector("#walk-start:visible")
