"""What a person reads when something is not as it should be: in words, with a way on."""

import logging
import re
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.deps import transaction
from gis import deployment, times
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.settings import Settings

LANGUAGES = {"zh": "zh-CN", "en": "en"}
HIDDEN = "a-word-that-no-answer-may-say"
WORDS = "four quiet words here"


@pytest.fixture
def app(conn, tmp_path):
    settings = Settings(database_url="postgresql://unused", browser_files=tmp_path)
    app = create_app(settings, engine=conn.engine, run_jobs=False)
    app.dependency_overrides[transaction] = lambda: conn

    @app.get("/falls")
    @app.post("/falls")
    @app.get("/api/falls")
    def falls():
        raise RuntimeError(HIDDEN)

    return app


@pytest.fixture
def client(app):
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def unreachable(tmp_path):
    """The service, with a database that nobody can reach."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    settings = Settings(database_url=nowhere, browser_files=tmp_path)
    return TestClient(create_app(settings, run_jobs=False), follow_redirects=False)


def sign_in(client, conn, *, role=Role.CHIEF, cell=None):
    accounts.add_account(conn, "chief", role=role, cell=cell)
    lasts = timedelta(hours=1)
    secret = accounts.issue_secret(
        conn, "chief", use=Use.SESSION, at=times.now() - timedelta(minutes=1), lasts=lasts
    )
    client.cookies.set("wangge_session", secret)


def links(page):
    return re.findall(r'<a class="btn[^"]*" href="([^"]+)"', page.text.partition("<main")[2])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_is_a_calm_page_with_a_number_that_is_in_the_log(client, caplog, language):
    with caplog.at_level(logging.ERROR):
        page = client.get("/falls", headers={"Accept-Language": LANGUAGES[language]})
    assert page.status_code == 500
    assert f'<html lang="{LANGUAGES[language]}"' in page.text
    assert HIDDEN not in page.text and "Traceback" not in page.text
    (record,) = [one for one in caplog.records if one.name == "api.errors"]
    number = re.search(r"fault (\w{8}): GET '/falls'", record.getMessage()).group(1)
    assert number in page.text
    assert HIDDEN in caplog.text and "Traceback" in caplog.text
    assert links(page) == ["/falls", "/"]
    assert "content-security-policy" in page.headers


def test_a_fault_of_the_interface_for_programs_is_a_problem_document(client, caplog):
    problem = client.get("/api/falls", headers={"Accept-Language": "en"})
    assert problem.status_code == 500
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "fault"
    assert HIDDEN not in problem.text
    number = re.search(r"this number: (\w{8})\.", problem.json()["detail"]).group(1)
    assert f"fault {number}: GET '/api/falls'" in caplog.text


def test_every_fault_has_a_number_of_its_own_and_one_that_wrote_is_not_offered_again(client):
    pages = [client.post("/falls", headers={"Accept-Language": "en"}) for _ in range(2)]
    assert len({re.search(r"this number: (\w+)", page.text).group(1) for page in pages}) == 2
    assert links(pages[0]) == ["/"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_the_database_a_page_says_so_and_tries_again(unreachable, language):
    headers = {"Accept-Language": LANGUAGES[language]}
    unreachable.cookies.set("wangge_session", "x")
    page = unreachable.get("/map?ask=gaps", headers=headers)
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert links(page) == ["/map?ask=gaps", "/"]
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
    assert 'src="/static/js/again.js"' in page.text
    problem = unreachable.get("/api/me", headers=headers)
    assert (problem.status_code, problem.headers["retry-after"]) == (503, "5")
    assert problem.json()["code"] == "unavailable"


def test_what_was_sent_without_the_database_is_not_sent_again_by_itself(unreachable):
    page = unreachable.post("/login", data={"account": "chief", "password": "x"})
    assert page.status_code == 503
    assert "http-equiv" not in page.text and "again.js" not in page.text


@pytest.mark.parametrize(
    "path, status",
    [("/nothing", 404), ("/logout", 405), ("/map?from=yesterday", 422), ("/map?ask=all", 422)],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_pages_in_the_readers_language_with_a_way_on(
    client, conn, language, path, status
):
    begun = date(2026, 1, 1)
    deployment.found(conn, code="T", name="Test township", timezone="Asia/Shanghai", on=begun)
    sign_in(client, conn)
    headers = {"Accept-Language": LANGUAGES[language], "Referer": "http://testserver/map?ask=gaps"}
    page = client.get(path, headers=headers)
    assert page.status_code == status
    assert f'<html lang="{LANGUAGES[language]}"' in page.text
    assert links(page) == ["/map?ask=gaps", "/"]
    assert len(re.findall(r"<h1>", page.text)) == 1
    han = re.search(r"<h1>(.*?)</h1>", page.text).group(1)
    assert bool(re.search(r"[\u4e00-\u9fff]", han)) is (language == "zh")


def test_the_way_back_never_leads_to_another_site(client):
    for elsewhere in ("https://evil.example/x", "http://[", "http://testserver//evil.example"):
        page = client.get("/nothing", headers={"Referer": elsewhere})
        assert links(page) == ["/"]


def test_a_form_sent_after_the_session_leads_to_the_form_again(client, conn):
    client.cookies.set("wangge_session", "over")
    page = client.post(
        "/password",
        data={"old": "a", "new": "b"},
        headers={"Referer": "http://testserver/password", "Accept-Language": "en"},
    )
    assert page.status_code == 401
    assert links(page)[0] == "/login?next=%2Fpassword&amp;ended=1"


def test_a_session_that_is_over_is_told_and_leads_back(client, conn):
    said = "Your session is over."
    assert said not in client.get("/login", headers={"Accept-Language": "en"}).text
    sign_in(client, conn)
    accounts.set_password(conn, "chief", password=WORDS)
    client.cookies.set("wangge_session", "of a day long past")
    away = client.get("/password?from=here")
    assert away.status_code == 303
    assert away.headers["location"] == "/login?next=%2Fpassword%3Ffrom%3Dhere&ended=1"
    form = client.get(away.headers["location"], headers={"Accept-Language": "en"})
    assert said in form.text
    back = re.search(r'name="next" value="([^"]+)"', form.text).group(1)
    sent = client.post("/login", data={"account": "chief", "password": WORDS, "next": back})
    assert (sent.status_code, sent.headers["location"]) == (303, "/password?from=here")


def test_a_wrong_password_keeps_the_account_and_waits_at_the_password(client, conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    fresh = client.get("/login").text
    assert re.search(r'<input[^>]+name="account"[^>]+ autofocus', fresh)
    wrong = client.post("/login", data={"account": "chief", "password": "x", "next": "/map"})
    assert wrong.status_code == 401
    assert re.search(r'<input[^>]+name="password"[^>]+ autofocus[^>]+aria-invalid', wrong.text)
    assert 'value="chief"' in wrong.text and 'name="next" value="/map"' in wrong.text
    assert fresh.count("autofocus") == wrong.text.count("autofocus") == 1


def test_after_ten_failures_the_form_says_how_long_to_wait(client, conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    ago = times.now() - timedelta(minutes=5)
    for _ in range(10):
        accounts.verify(conn, "chief", password="x", at=ago)
    data, headers = {"account": "chief", "password": "x", "next": "/map"}, {"Accept-Language": "en"}
    page = client.post("/login", data=data, headers=headers)
    assert page.status_code == 429
    assert "Try again in 10 min." in page.text
    assert 590 <= int(page.headers["retry-after"]) <= 600
    assert 'name="next" value="/map"' in page.text


def test_what_is_wrong_with_a_new_password_is_said_at_its_field(client, conn):
    sign_in(client, conn)
    accounts.set_password(conn, "chief", password=WORDS, keep=client.cookies["wangge_session"])
    wrong = client.post("/password", data={"old": "x", "new": "five quiet words are here"})
    short = client.post("/password", data={"old": WORDS, "new": "short"})
    for page, status, field in ((wrong, 401, "old"), (short, 422, "new")):
        assert page.status_code == status
        (marked,) = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', page.text)
        assert f'name="{field}"' in marked and "autofocus" in marked
    right = {"old": WORDS, "new": "five quiet words are here"}
    assert client.post("/password", data=right).headers["location"] == "/"
    assert client.get("/api/me").status_code == 200  # this session goes on
