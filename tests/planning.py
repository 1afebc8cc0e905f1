"""A planner's browser: signed in on some server, watched for faults and for requests elsewhere."""

from contextlib import contextmanager

from tests.visiting import DESK, watched


@contextmanager
def planning(browser, address, password, *, account="planner", language="en", viewport=DESK):
    """Yield a page of the planner's and what it asked for and complained of."""
    context = browser.new_context(viewport=viewport, locale=language)
    page, seen = watched(context)
    answer = page.request.post(
        f"{address}/login", form={"account": account, "password": password}, max_redirects=0
    )
    assert answer.status == 303
    yield page, seen
    context.close()


def cells(page, address, query=""):
    """Return what the interface for programs says of the cells, by code."""
    found = page.request.get(f"{address}/api/cells{query}").json()["features"]
    return {each["properties"]["cell"]: each for each in found}


def rings(feature):
    shape = feature["geometry"]
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [[tuple(place) for place in ring] for polygon in polygons for ring in polygon]


def owners(found, place):
    """Return the codes of the cells that have a corner at a place, to the last bit."""
    return {code for code, each in found.items() if any(place in ring for ring in rings(each))}


def place_of(handle):
    lon, lat = handle.get_attribute("data-at").split(",")
    return float(lon), float(lat)


def middle(handle):
    box = handle.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, handle, east_px, south_px):
    x, y = middle(handle)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + east_px / 2, y + south_px / 2)
    page.mouse.move(x + east_px, y + south_px)
    page.mouse.up()
