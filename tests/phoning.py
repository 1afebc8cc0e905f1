"""A worker's phone in a browser: where it is, what it keeps, what it sends."""

import io

from PIL import Image

from tests.visiting import PHONE

TABS = ("home", "report", "mine", "outbox", "contacts")
STORE = "import('/static/js/work/store.js').then((store) => store."
UNSENT = f"{STORE}transact(['outbox'], 'readonly', (name) => name('outbox').count()))"
KEPT = f"{STORE}all('fixes', 'patrol', ID)).then((fixes) => fixes.length)"
PATROL = f"{STORE}get('patrols', 'unit'))"
DRAFT = f"{STORE}get('drafts', 'unit')).then((draft) => draft && draft.text)"
CACHED = "caches.match('/work').then((kept) => !!kept)"
READY = """
Promise.all(['/work', ...[...document.querySelectorAll('link, script[src]')]
    .map((file) => file.getAttribute('href') || file.getAttribute('src'))]
    .map((file) => caches.match(file)))
    .then((kept) => kept.every((file) => file))
"""
FACTS = "JSON.parse(document.getElementById('facts').textContent)"


def until(page, script, wanted=True):
    """Wait for a script's result; wait_for_function takes a promise for an answer."""
    for _ in range(200):
        if (found := page.evaluate(script)) == wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{script}: {found}, not {wanted}")


def place(lon, lat, accuracy=8):
    return {"longitude": lon, "latitude": lat, "accuracy": accuracy}


def open_phone(
    visit, township, account="unit", *, language="zh-CN", viewport=PHONE, sees=True, **options
):
    """Open the page of a worker's own cell, with the phone in the middle of it, if it ``sees``."""
    allowed = {"permissions": ["geolocation"], "geolocation": place(117.4, 32.9)}
    page, seen = visit(
        account, language=language, viewport=viewport, **(allowed if sees else {}), **options
    )
    if not page.url.endswith("/work"):
        page.goto(f"{township[0]}/work")
    page.middle = page.evaluate(FACTS)["middle"]
    if sees:
        page.context.set_geolocation(place(*page.middle))
    page.wait_for_selector("#pill[data-says]")
    return page, seen


def a_photo(shade=90, size=(3000, 2000), kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 120, 90)).save(out, kind)
    return {"name": f"{shade}.{kind.lower()}", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def report(page, text, *, photo=None, category="环境卫生", settled=False):
    page.goto(page.url.partition("#")[0] + "#report")
    page.wait_for_selector("#view-report:visible")
    page.check(f"[name=category][value={category}]", force=True)
    if photo:
        page.set_input_files("#shoot", photo)
        page.wait_for_selector(".shot img")
    page.fill("#text", text)
    page.click("#act-settled" if settled else "#act-report")
    page.wait_for_selector("#view-outbox:visible")


def of_server(page, text):
    """Return the worker's own issues with a text, as the server has them."""
    asked = "fetch('/api/issues?mine=true&limit=200').then((answer) => answer.json())"
    items = page.evaluate(asked)["items"]
    return [item for item in items if item["properties"]["text"] == text]
