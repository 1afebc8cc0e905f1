"""Every page of the service and the states worth seeing, and how to get there in a browser.

The tests of accessibility walk through all of them, and docs/pictures are taken of them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from shapely import LineString, line_merge, segmentize, union_all
from shapely.affinity import translate
from shapely.geometry import mapping, shape

from api.example import CODE
from maps.view import Ask
from tests.drawn import rubble_by_the_pond
from tests.visiting import DESK, PHONE

LANGUAGES = {"zh": "zh-CN", "en": "en"}
SIZES = {"desk": DESK, "phone": PHONE}
VILLAGE, UNIT = f"{CODE}200", f"{CODE}200001"
REDRAWN = f"{CODE}201002"
"""A unit with corners of all kinds: within its village, on its border, on the township's."""
BORDERS = Path(__file__).parents[1] / "data" / "boundaries"
MAP = ".leaflet-container path"
METRE = 1 / 111_320  # in degrees of latitude
STEPS, STEP_S = 45, 14
SEEN = {
    "zh": "塘边新倒的建筑垃圾，约两车，堵住了排水沟。",
    "en": "Fresh rubble by the pond, about two loads; it blocks the ditch.",
}


def nothing(_page) -> None:
    """Stay."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page as somebody sees it.

    Attributes
    ----------
    says
        What its picture shows.
    account
        Who signs in for it; nobody if empty.
    ready
        What is there when the page is.
    reach
        What to do there, to see what ``says`` says.
    writes
        On the way there, something is sent to the server.
    foreign
        Parts that are other people's.
    essential
        What cannot be larger or elsewhere.
    options
        Of the browser: where it believes to be.
    """

    name: str
    says: str
    path: str
    account: str = ""
    ready: str = "main h1"
    reach: Callable = nothing
    status: int = 200
    writes: bool = False
    foreign: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()
    options: dict = field(default_factory=dict)


@cache
def features(name: str) -> dict:
    """Return the shapes of one of the example's files, by code or by number."""
    found = json.loads((BORDERS / f"{name}.geojson").read_text("utf-8"))["features"]
    return {f["properties"].get("code", n): shape(f["geometry"]) for n, f in enumerate(found)}


@cache
def way() -> list[tuple[float, float]]:
    """Return steps of about 25 m along the roads of the worker's cell."""
    roads = union_all(list(features("layers/roads").values()))
    within = line_merge(roads & features("township/units")[UNIT].buffer(-20 * METRE))
    lines = [list(line.coords) for line in within.geoms]
    lines += [line[::-1] for line in lines]
    longest = LineString(max(onward([line], lines) for line in lines)[1])
    return list(segmentize(longest, 25 * METRE).coords)[:STEPS]


def onward(walked: list, lines: list) -> tuple[float, list]:
    """Return the longest way that begins with what was walked, and goes nowhere twice."""
    path = [corner for line in walked for corner in line]
    been = {line[0] for line in walked}
    return max(
        (onward([*walked, line], lines) for line in lines
         if line[0] == path[-1] and line[-1] not in been),
        default=(LineString(path).length, path),
    )  # fmt: skip


def spot(lon: float, lat: float, accuracy: float = 8) -> dict:
    return {"longitude": lon, "latitude": lat, "accuracy": accuracy}


def fail_to_sign_in(page) -> None:
    page.fill("[name=account]", "somebody")
    page.fill("[name=password]", "three wrong words")
    page.click("main form button")
    page.wait_for_selector("[role=alert]")


def stand_there(page) -> None:
    page.wait_for_selector("#pill[data-says]")
    page.wait_for_selector("#here:has-text('8 m')", state="attached")


def walk(page) -> None:
    """Walk along the roads of the cell, a step in a quarter of a minute."""
    stand_there(page)
    page.clock.install()
    page.click("#walk-start")
    page.wait_for_selector("#walk-pause:visible")
    for lon, lat in way():
        before = page.inner_text("#walk-says")
        page.clock.run_for(STEP_S * 1000)
        page.context.set_geolocation(spot(lon, lat))
        for _ in range(40):
            if page.inner_text("#walk-says") != before:
                break
            page.clock.run_for(100)
            page.wait_for_timeout(10)
    page.click("#whole")


def write_a_report(page) -> None:
    stand_there(page)
    photos = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": rubble_by_the_pond(seed=n)}
        for n in (1, 2)
    ]
    for n, photo in enumerate(photos, 1):
        page.set_input_files("#shoot", photo)
        page.wait_for_selector(f".shot:nth-of-type({n}) img")
    page.check("[name=category][value=环境卫生]", force=True)
    page.fill("#text", SEEN[page.locator("html").get_attribute("lang")[:2]])
    page.evaluate("() => { document.getElementById('views').scrollTop = 0; }")


def lose_the_network(page) -> None:
    """Send one report, and keep another in a dead spot."""
    stand_there(page)
    page.context.set_offline(True)
    page.goto(page.url.partition("#")[0] + "#report")
    write_a_report(page)
    page.click("#act-report")
    page.wait_for_selector("#view-outbox:visible .thing")


def check_a_file(page) -> None:
    """Check a boundary file of which one cell lies over the other and one crosses itself."""
    units = features("township/units")
    shifted = translate(units[f"{REDRAWN[:-3]}001"], xoff=40 * METRE)
    crossed = {"type": "Polygon", "coordinates": [[
        [117.43, 32.9], [117.44, 32.91], [117.44, 32.9], [117.43, 32.91], [117.43, 32.9],
    ]]}  # fmt: skip
    shapes = {"001": mapping(shifted), "002": mapping(units[REDRAWN]), "003": crossed}
    file = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": REDRAWN[:-3] + end, "name": f"第{int(end)}网格"},
                "geometry": geometry,
            }
            for end, geometry in shapes.items()
        ],
    }
    text = json.dumps(file).encode()
    page.set_input_files(
        "#file", {"name": "units.geojson", "mimeType": "application/geo+json", "buffer": text}
    )
    page.select_option("#level", "unit")
    page.click("#check")
    page.wait_for_selector("#report:not([hidden])")
    page.wait_for_selector(".incoming", state="attached")


SIGN_IN = (
    Place("login", "Sign in.", "/login"),
    Place("login-wrong", "Account and password do not fit.", "/login", reach=fail_to_sign_in),
    Place("login-over", "The session is over; signing in leads back.", "/login?next=/map&ended=1"),
    Place("password", "A password of one's own.", "/password", "chief"),
)
ERRORS = (
    Place("error-404", "An address with nothing behind it.", "/nothing", "chief", status=404),
    Place("error-403", "A page that is not for this account.", "/plan", "village", status=403),
)
SHOWN = {
    Ask.CELLS: "Who answers for which cell.",
    Ask.SINCE: "How many days since somebody was there.",
    Ask.COVERAGE: "How much of the ground was passed.",
    Ask.GAPS: "Where the gaps are, and why.",
    Ask.DENSITY: "Where the time is spent.",
    Ask.ISSUES: "Where the issues are, and with whom.",
}
MAPS = (
    *(Place(ask.value, SHOWN[ask], f"/map?ask={ask}", "chief", ready=MAP) for ask in Ask),
    Place(
        "village", "One village, its units and their gaps.", f"/map?ask=gaps&cell={VILLAGE}",
        "chief", ready=MAP,
    ),
    Place("unit", "One cell's card.", f"/map?ask=issues&cell={UNIT}", "village", ready=MAP),
)  # fmt: skip
ON_THE_GROUND = {
    "permissions": ["geolocation", "screen-wake-lock"],
    "geolocation": spot(*way()[0]),
}


def work(name: str, says: str, view: str, reach: Callable = stand_there, **more) -> Place:
    return Place(
        name, says, f"/work#{view}", "unit", ready=MAP, reach=reach, options=ON_THE_GROUND, **more
    )


WORK = (
    work("work", "The worker's own cell, and where the worker is in it.", "home"),
    work("work-patrol", "A patrol that runs, with what was walked.", "home", walk, writes=True),
    work("work-report", "A report: pin, photos, category, words.", "report", write_a_report),
    work("work-mine", "One's own reports, and what became of them.", "mine"),
    work("work-outbox", "What waits for the network.", "outbox", lose_the_network),
    work("work-contacts", "Whom to call.", "contacts"),
)
PLAN = (
    Place("plan", "The cells and who holds them.", "/plan", "planner", ready=MAP),
    Place("plan-defects", "Overlaps and gaps.", "/plan?show=defects", "planner", ready=MAP),
    Place("plan-posts", "Who holds what, and what is vacant.", "/plan?show=posts", "planner",
          ready=MAP),
    Place("plan-import", "A boundary file, checked before anything changes.", "/plan?show=import",
          "planner", ready=MAP, reach=check_a_file),
    Place("plan-redraw", "A cell whose corners can be moved.",
          f"/plan?show=redraw&cell={REDRAWN}", "planner", ready=".vx.free",
          essential=(".vx",)),
)  # fmt: skip
PROGRAMS = (
    Place("docs", "The interface for programs.", "/api/docs", ready=".opblock", foreign=("#api",)),
)
PLACES = (*SIGN_IN, *ERRORS, *MAPS, *WORK, *PLAN, *PROGRAMS)
