"""Signing in, and waiting for a database that is away, as a person meets them."""

import pytest
from sqlalchemy import make_url, text

from gis import db
from gis.people import accounts
from gis.people.roles import Role
from gis.settings import Settings
from tests.accessible import findings
from tests.visiting import BROWSER_FILES, PHONE, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def place(own_database_url):
    """A service with one account: (its address, the account's password, the database's name)."""
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        password = accounts.add_account(conn, "chief", role=Role.CHIEF)
    engine.dispose()
    settings = Settings(database_url=own_database_url, browser_files=BROWSER_FILES)
    with serving(settings) as address:
        yield address, password, make_url(own_database_url).database


@pytest.fixture
def switch(own_database_url):
    """Return what opens the database, or shuts it and shows everybody out."""
    url = make_url(own_database_url)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    admin = db.connect(server).execution_options(isolation_level="AUTOCOMMIT")
    out = "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"

    def turn(way):
        allowed = way == "on"
        with admin.connect() as conn:
            conn.execute(text(f"alter database {url.database} allow_connections {allowed}"))
            if not allowed:
                conn.execute(text(out), {"name": url.database})

    yield turn
    turn("on")
    admin.dispose()


@pytest.mark.parametrize("language, said", [("zh-CN", "数据库"), ("en", "database")])
def test_a_page_comes_back_by_itself_when_the_database_does(place, switch, browser, language, said):
    address, _, _ = place
    context = browser.new_context(locale=language, viewport=PHONE)
    context.add_cookies([{"name": "wangge_session", "value": "of before", "url": address}])
    page = context.new_page()
    switch("off")
    assert page.goto(f"{address}/map?ask=gaps").status == 503
    assert said in page.inner_text("h1")
    page.wait_for_selector("[data-waits]:visible")
    assert findings(page) == []
    switch("on")
    page.wait_for_url("**/login?next=*")  # there again, and its session was never one
    assert page.input_value("[name=next]") == "/map?ask=gaps"
    assert page.locator("[role=status]").count() == 1
    context.close()


def test_one_signs_in_without_javascript(place, browser):
    address, password, _ = place
    context = browser.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/password")
    assert page.locator("[data-reveal]:visible").count() == 0
    page.keyboard.type("chief")  # where the cursor is from the start
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert] >> text=Account and password do not fit.")
    page.keyboard.type(password)  # the account is still there
    page.keyboard.press("Enter")
    page.wait_for_url("**/password")
    context.close()


def test_a_password_can_be_looked_at_before_it_is_sent(place, browser):
    address, password, _ = place
    page = browser.new_page()
    page.goto(f"{address}/login?next=/password")
    page.fill("[name=account]", "chief")
    page.fill("[name=password]", password)
    assert page.get_attribute("#password", "type") == "password"
    page.check("[data-reveal] input")
    assert page.get_attribute("#password", "type") == "text"
    page.click("main form button")
    page.wait_for_url("**/password")
    page.check("[data-reveal] input")
    assert [page.get_attribute(f"#{name}", "type") for name in ("old", "new")] == ["text", "text"]
    page.close()
