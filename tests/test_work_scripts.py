"""What the phone's scripts decide without a network: run in a browser, on their own page."""

from uuid import UUID

import pytest

from tests.visiting import PHONE

pytestmark = pytest.mark.browser

ITEM = {"op_id": "o", "tries": 0}
PROBLEM = {"title": "No.", "errors": [{"field": "text", "message": "too long"}]}
NOT_THERE = {"title": "A photo is missing.", "errors": [{"field": "media", "message": "missing"}]}
SQUARE = [[[[117.40, 32.90], [117.41, 32.90], [117.41, 32.91], [117.40, 32.91], [117.40, 32.90]]]]
"""About 935 m wide and 1,113 m high."""


@pytest.fixture(scope="module")
def page(township, browser):
    address, passwords = township
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{address}/login?next=/work")
    page.fill("[name=account]", "unit")
    page.fill("[name=password]", passwords["unit"])
    page.click("main form button")
    page.wait_for_selector("#pill[data-says]")
    yield page
    page.close()


@pytest.fixture(scope="module")
def call(page):
    """Call a function of a module with values, and return its result."""

    def called(module, name, *values):
        script = "([m, n, v]) => import(`/static/js/work/${m}.js`).then((found) => found[n](...v))"
        return page.evaluate(script, [module, name, list(values)])

    return called


@pytest.mark.parametrize(
    "status, body, wanted",
    [
        (201, {"op_id": "o"}, "delivered"),
        (200, {"op_id": "o"}, "delivered"),
        (200, {"op_id": "another"}, "later"),
        (200, None, "later"),  # a hotel's sign-in page
        (300, None, "later"),  # led elsewhere
        (0, None, "offline"),
        (401, PROBLEM, "sign-in"),
        (403, None, "later"),  # somebody on the way, not our server
        (403, PROBLEM, "parked"),
        (409, PROBLEM, "parked"),
        (413, PROBLEM, "parked"),
        (422, PROBLEM, "parked"),
        (422, NOT_THERE, "photos"),
        (429, PROBLEM, "later"),
        (500, PROBLEM, "later"),
        (503, None, "later"),
    ],
)
def test_only_a_receipt_lets_the_phone_delete(call, status, body, wanted):
    assert call("outbox", "verdict", {"status": status, "body": body}, ITEM) == wanted


def test_photos_that_the_server_keeps_losing_are_given_up_after_three_attempts(call):
    answer = {"status": 422, "body": NOT_THERE}
    assert call("outbox", "verdict", answer, ITEM | {"tries": 3}) == "parked"


@pytest.mark.parametrize(
    "status, body, wanted",
    [
        (201, {"sha256": "a"}, "delivered"),
        (201, {"sha256": "b"}, "later"),
        (422, PROBLEM, "parked"),
        (401, PROBLEM, "sign-in"),
        (0, None, "offline"),
    ],
)
def test_a_photo_is_sent_when_the_server_names_it(call, status, body, wanted):
    assert call("outbox", "photoVerdict", {"status": status, "body": body}, "a") == wanted


def test_waiting_doubles_up_to_five_minutes_and_keeps_to_what_the_server_asks(call):
    longest = [call("outbox", "backOff", tries, 0, 1) for tries in range(8)]
    assert longest == [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]
    assert [call("outbox", "backOff", tries, 0, 0) for tries in (0, 7)] == [2_500, 150_000]
    assert call("outbox", "backOff", 0, 60, 0) == 60_000


def test_the_oldest_goes_first_and_what_is_parked_does_not_go(call):
    def item(name, made, state="waiting", after=0):
        return {"id": name, "made": made, "state": state, "next": after}

    items = [item("c", 3), item("a", 1, "parked"), item("b", 2), item("d", 1, after=100)]
    assert [one["id"] for one in call("outbox", "turn", items, 50)] == ["b", "c"]
    assert call("outbox", "nextTurn", items) == 0
    assert call("outbox", "nextTurn", [item("a", 1, "parked")]) is None


def test_ids_are_uuids_of_version_7_that_sort_as_they_were_made(call):
    made = [call("ids", "uuid", 1_795_000_000_000 + n) for n in range(20)]
    assert made == sorted(made)
    assert {UUID(one).version for one in made} == {7}
    assert {UUID(one).variant for one in made} == {"specified in RFC 4122"}
    assert UUID(made[0]).int >> 80 == 1_795_000_000_000


def test_a_photo_is_named_by_its_sha_256(page):
    script = "import('/static/js/work/ids.js').then((m) => m.sha256(new Uint8Array([97, 98, 99])))"
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of FIPS 180-2
    assert page.evaluate(script) == abc


@pytest.mark.parametrize(
    "spot, within, border",
    [
        ([117.405, 32.905], True, 467.3),  # half of 0.01° of longitude there
        ([117.409, 32.905], True, 93.5),
        ([117.411, 32.905], False, 93.5),
        ([117.405, 32.911], False, 111.3),
        ([117.413, 32.914], False, 525.9),  # from the corner: √(280.4² + 445.3²)
    ],
)
def test_how_far_the_border_is_and_on_which_side(call, spot, within, border):
    assert call("geo", "inside", SQUARE, spot) is within
    assert call("geo", "toBorder", SQUARE, spot) == pytest.approx(border, abs=0.6)


def test_a_hole_in_a_cell_is_outside_of_it(call):
    hole = [[117.404, 32.904], [117.406, 32.904], [117.406, 32.906], [117.404, 32.904]]
    assert not call("geo", "inside", [[SQUARE[0][0], hole]], [117.4055, 32.9045])


def test_the_pin_moves_by_metres(call):
    lon, lat = call("geo", "moved", [117.405, 32.905], 20, -20)
    assert call("geo", "metres", [117.405, 32.905], [lon, lat]) == pytest.approx(28.3, abs=0.1)
    assert lon > 117.405
    assert lat < 32.905


def step(t, north=0.0, *, span=0, accuracy=8):
    return {
        "patrol": "p",
        "seq": t,
        "t": t,
        "lon": 117.4,
        "lat": 32.9 + north / 111_320,
        "accuracy": accuracy,
        "span": span,
    }


def test_a_walk_is_cut_at_pauses_long_silence_and_impossible_steps(call):
    steps = [
        *(step(t, t) for t in (0, 10, 20)),
        *(step(t, t) for t in (141, 151)),  # 121 s of silence
        *(step(t, t, span=1) for t in (161, 171)),  # after a pause
        step(172, 400, span=1),  # 229 m in a second
        step(182, 410, span=1),
        step(185, 300, span=1, accuracy=51),  # too vague to count
    ]
    walked = call("walk", "lines", steps)
    assert [len(line) for line in walked] == [3, 2, 2, 2]
    assert call("walk", "distance", walked) == pytest.approx(20 + 10 + 10 + 10, abs=0.01)
    assert call("walk", "gaps", steps) == [121]


@pytest.mark.parametrize(
    "last, new, wanted",
    [
        (None, step(0), True),
        (step(0), step(1, 1), False),  # a metre in a second
        (step(0), step(1, 6), True),
        (step(0), step(10), True),  # standing still is time spent
        (step(0), step(1, span=1), True),
    ],
)
def test_what_says_nothing_new_is_not_recorded(call, last, new, wanted):
    assert call("walk", "wanted", last, new) is wanted


def test_the_clock_counts_what_ran_and_nothing_of_a_pause(call):
    spans = [[0, 60_000], [100_000, None]]
    assert call("walk", "elapsed", spans, 130_000) == 90


def test_a_patrol_goes_on_after_a_short_absence_and_is_paused_after_a_long_one(call):
    patrol = {"state": "running", "spans": [[0, 10_000], [20_000, None]], "seen": 50_000}
    assert call("walk", "recovered", patrol, 170_000) == patrol
    late = call("walk", "recovered", patrol, 170_001)
    assert (late["state"], late["spans"][1], late["cut"]) == (
        "paused",
        [20_000, 50_000],
        [50_000, 170_001],
    )


def test_a_patrols_batches_are_one_thing_to_people_and_reports_are_each_one(call):
    def batch(n, state="waiting"):
        body = {"patrol": "p", "fixes": []}
        return {"id": f"t{n}", "kind": "track", "made": n, "body": body, "state": state}

    items = [batch(1), {"id": "r", "kind": "report", "made": 2, "body": {}}, batch(3)]
    found = call("box", "things", [*items, batch(4, "parked")])
    assert [len(thing["items"]) for thing in found] == [2, 1, 1]
