"""Finding by name over the map, with a keyboard, a pointer and a bad connection."""

import pytest

from tests.accessible import findings
from tests.visiting import PHONE

pytestmark = pytest.mark.browser

BOX = "#find"
OPTION = "#found [role=option]"
MARK = ".found-mark span"


def centre(page):
    return page.evaluate("[wangge.map.getCenter().lng, wangge.map.getCenter().lat]")


def shown(page, lon, lat):
    return page.evaluate("([lon, lat]) => wangge.map.getBounds().contains([lat, lon])", [lon, lat])


@pytest.fixture
def map_page(visit, township):
    def map_page(**options):
        page, seen = visit(**options)
        page.goto(f"{township[0]}/map?ask=coverage")
        page.wait_for_selector(".leaflet-container path", state="attached")
        return page, seen

    return map_page


def test_a_place_is_found_and_shown_without_touching_a_mouse(map_page, township):
    page, seen = map_page(language="en")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("小学")
    page.wait_for_selector(OPTION)
    box = page.locator(BOX)
    assert box.get_attribute("aria-expanded") == "true"
    assert page.locator(OPTION).count() == 5
    names = page.locator(f"{OPTION} b").all_inner_texts()
    page.keyboard.press("ArrowUp")  # from the box to the last
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").inner_text().startswith(names[-1])
    page.keyboard.press("ArrowDown")  # and round to the first
    assert page.locator(f"{OPTION}[aria-selected=true] b").inner_text() == names[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(MARK)
    assert page.inner_text(MARK) == names[0] == box.input_value()
    assert page.inner_text(".found-one span").startswith("School · ")
    [item] = page.request.get(f"{township[0]}/api/search?q={names[0]}").json()["items"]
    page.wait_for_function(
        "([lon, lat]) => wangge.map.getCenter().distanceTo([lat, lon]) < 5",
        arg=[item["lon"], item["lat"]],
    )
    assert page.locator(".found-one a").count() == 0  # nothing to go down to
    page.keyboard.press("Escape")
    page.wait_for_selector(MARK, state="detached")
    assert (box.input_value(), page.locator(".found-one:visible").count()) == ("", 0)
    assert seen["faults"] == []


def test_a_cell_that_was_found_can_be_opened_and_the_question_stays(map_page):
    page, seen = map_page()
    page.fill(BOX, "黄巷村")
    page.locator(OPTION).first.click()
    page.wait_for_selector(MARK)
    page.click(".found-one a")
    page.wait_for_url("**cell=340302200201*")
    assert "ask=coverage" in page.url
    assert seen["faults"] == []


def test_escape_closes_the_list_first_and_empties_the_box_then(map_page):
    page, _ = map_page()
    page.fill(BOX, "李楼")
    page.wait_for_selector(OPTION)
    page.press(BOX, "Escape")
    assert page.locator(OPTION).first.is_hidden()
    assert page.input_value(BOX) == "李楼"
    page.press(BOX, "ArrowDown")  # opens it again
    assert page.locator(OPTION).first.is_visible()
    page.press(BOX, "Escape")
    page.press(BOX, "Escape")
    assert page.input_value(BOX) == ""


def test_the_stroke_is_a_letter_where_one_writes_and_a_key_elsewhere(map_page):
    page, _ = map_page()
    page.focus(BOX)
    page.keyboard.type("1/2")
    assert page.input_value(BOX) == "1/2"
    page.focus("[data-overlay]")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"


def test_nothing_found_and_no_answer_are_said_in_words(map_page):
    page, _ = map_page(language="en")
    page.fill(BOX, "<b>无此地</b>")
    page.wait_for_selector("text=Nothing here has “<b>无此地</b>” in its name.")
    assert page.locator(".found-note b").count() == 0
    page.route("**/api/search*", lambda route: route.abort())
    page.fill(BOX, "小学")
    page.wait_for_selector("text=The search does not answer.")
    page.unroute("**/api/search*")
    page.click("text=Try again")
    page.wait_for_selector(OPTION)
    assert page.locator(".found-note.said").count() == 0
    page.context.set_offline(True)
    page.fill(BOX, "泵")
    page.wait_for_selector("text=No network: searching needs the server.")
    assert page.locator("path.cell").count() > 50  # the map is still there


def test_letters_of_an_unfinished_chinese_word_are_not_asked_for(map_page):
    page, seen = map_page()
    page.focus(BOX)
    keys = page.context.new_cdp_session(page)
    for letters in ("l", "li", "li'lou"):
        keys.send(
            "Input.imeSetComposition", {"text": letters, "selectionStart": 1, "selectionEnd": 1}
        )
    page.wait_for_timeout(400)  # more than the box waits for another letter
    page.keyboard.press("Enter")  # takes the word, and nothing of the list
    keys.send("Input.insertText", {"text": "李楼"})
    page.wait_for_selector(OPTION)
    asked = [url for url in seen["requests"] if "/api/search" in url]
    assert [url.partition("q=")[2] for url in asked] == ["%E6%9D%8E%E6%A5%BC"]


def test_only_the_last_word_is_answered_when_answers_overtake_each_other(map_page):
    page, _ = map_page()
    held = []

    def hold(route):
        held.append(route)

    page.route("**/api/search?q=%E6%9D%8E*", hold)  # 李
    page.fill(BOX, "李")
    while not held:
        page.wait_for_timeout(20)  # Playwright tells of the request only while it waits
    page.fill(BOX, "小学")
    page.wait_for_selector(f"{OPTION} >> text=小学")
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    assert all("小学" in name for name in page.locator(f"{OPTION} b").all_inner_texts())


def test_a_worker_finds_what_lies_in_the_own_cell_alone(visit, township):
    page, _ = visit("unit")
    items = page.request.get(f"{township[0]}/api/search?q=网格&limit=20").json()["items"]
    assert [item["code"] for item in items] == ["340302200200001"]


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "language": "en"}])
def test_the_box_and_its_list_have_no_serious_fault(map_page, options):
    page, _ = map_page(**options)
    page.fill(BOX, "李楼")
    page.wait_for_selector(OPTION)
    page.press(BOX, "ArrowDown")
    assert findings(page) == []
    if "viewport" in options:
        heights = page.evaluate(
            "[...document.querySelectorAll('#found li, #find')].map((e) => e.offsetHeight)"
        )
        assert min(heights) >= 44
    page.press(BOX, "Enter")
    page.wait_for_selector(MARK)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_ground_has_its_names_where_there_is_room(map_page):
    page, _ = map_page()
    written = page.locator(".ground-name text")
    assert written.count() == 0  # at the scale of the township there are the villages' names
    page.evaluate("wangge.map.setView([32.8957, 117.4463], 16, {animate: false})")
    written.first.wait_for()
    assert {"东西大道", "南北大道", "李楼村村委会"} & set(written.all_text_contents())
    boxes = page.evaluate(BOXES)
    ground = [box for box in boxes if box["ground"]]
    assert len(ground) == written.count()
    for one in ground:
        assert [other for other in boxes if other is not one and overlaps(one, other)] == []
    page.uncheck("[data-overlay][value=names]")
    written.first.wait_for(state="hidden")


BOXES = """
[...document.querySelectorAll('.name')].filter((name) => name.style.display !== 'none')
  .flatMap((name) => [...name.querySelectorAll('text')].map((text) => {
    const { left, top, right, bottom } = text.getBoundingClientRect();
    return { left, top, right, bottom, ground: name.matches('.ground-name') };
  }))
"""


def overlaps(a, b):
    across = a["left"] < b["right"] and b["left"] < a["right"]
    return across and a["top"] < b["bottom"] and b["top"] < a["bottom"]
