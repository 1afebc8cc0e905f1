"""The map as it is drawn, and the pages around it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from gis.changes import Changes
from gis.hierarchy import Level, Tree
from gis.issues.details import Detail
from gis.messages import NOTHING, say
from gis.reports import Question
from maps import page
from maps.catalogue import read, template
from maps.leader import MOST_SHAPES
from maps.picture import Amount, Period
from maps.questions import pictures
from maps.reader import Reader
from maps.speech import Speaker
from maps.view import Ask, LeaderView, scope_of
from maps.words import LANGUAGES
from tests import mapped
from tests.mapped import view

HOSTILE = "</script><script>alert(1)</script><b>{{ 7 * 7 }}"


class Parsed(HTMLParser):
    """Tags with their attributes, and the text of each script."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [("", {})], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append((self.tags[-1], data))

    def every(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    def text_of(self, **wanted):
        return "".join(data for (_, attrs), data in self.texts if wanted.items() <= attrs.items())


@pytest.fixture
def files(tmp_path):
    """Other people's files, empty but for something that must not get out."""
    folder = tmp_path / "leaflet-1.9.4" / "dist"
    folder.mkdir(parents=True)
    (folder / "leaflet.js").write_text('var a = "</script>";')
    (folder / "leaflet.css").write_text("a { background: url(images/layers.png) }")
    return tmp_path


def leader(seen, language="en"):
    return page.leader_page(seen, language=language, nonce="abc", reader=Reader("chief"))


def facts_of(html):
    return json.loads(Parsed(html).text_of(id="facts"))


def test_traces_are_drawn_apart_from_tracks():
    html = leader(view(Ask.COVERAGE, tracks=[mapped.walk(), mapped.walk(timed=False)]))
    assert [s["classes"] for s in facts_of(html)["tracks"]["shapes"]] == ["track", "track trace"]


def test_ground_that_is_a_gap_is_drawn_and_only_seen_where_gaps_are_asked_for():
    for ask, classes in ((Ask.GAPS, "patch since-2"), (Ask.CELLS, "patch since-2 off")):
        shapes = facts_of(leader(view(ask)))["patches"]["shapes"]
        assert classes in [shape["classes"] for shape in shapes]
        assert {shape["known"]["ask"] for shape in shapes} == {"gaps"}


# The page


@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("cell", [None, "w", "w1"])
def test_map_legend_and_table_have_the_same_figures(ask, cell):
    seen = view(ask, cell=cell)
    html = leader(seen)
    answer = facts_of(html)
    picture = pictures(seen)[ask]
    shown = dict(
        zip([c["code"] for c in answer["cells"]], answer["asks"][ask]["fills"], strict=True)
    )
    assert shown == dict(picture.fills)
    inside = [c["code"] for c in answer["cells"] if c["inside"]]
    if ask is not Ask.ISSUES:
        for line in picture.legend:
            if line.fill not in ("since-2", "unassigned", "land"):  # drawn as ground of their own
                assert [shown[code] for code in inside].count(line.fill) == line.count
    table = [attrs["data-cell"] for attrs in Parsed(html).every("tr") if "data-cell" in attrs]
    assert [row.code for p in pictures(seen).values() for row in p.rows] == table


def test_the_question_asked_for_is_the_one_that_is_seen():
    reader = Parsed(leader(view(Ask.DENSITY)))
    panels = [a for _, a in reader.tags if "data-panel" in a]
    assert {a["data-panel"] for a in panels if "hidden" not in a} == {"density"}
    questions = [a for a in reader.every("a") if "data-ask" in a]
    assert {a["data-ask"] for a in questions if a["aria-current"] == "true"} == {"density"}


def test_links_keep_the_view_and_lead_down():
    hrefs = [a["href"] for a in Parsed(leader(view(Ask.GAPS, cell="w"))).every("a")]
    assert "/map?ask=gaps&cell=w1&from=2026-05-12&to=2026-05-18" in hrefs
    assert "/map?ask=issues&cell=w&from=2026-05-12&to=2026-05-18" in hrefs
    assert "/map?ask=gaps&from=2026-05-12&to=2026-05-18" in hrefs  # back to the whole
    assert "/map?ask=gaps&cell=w&from=2026-05-18&to=2026-05-18" in hrefs  # one day
    assert any(href.startswith("/language/zh?next=%2Fmap%3Fask%3Dgaps") for href in hrefs)


def test_a_level_asked_for_stays_when_the_question_changes_but_not_on_the_way_down():
    hrefs = [a["href"] for a in Parsed(leader(view(Ask.GAPS, level=Level.UNIT))).every("a")]
    assert "/map?ask=issues&level=unit&from=2026-05-12&to=2026-05-18" in hrefs
    assert "/map?ask=gaps&cell=w1&from=2026-05-12&to=2026-05-18" in hrefs


def test_names_and_texts_of_people_are_never_html():
    shapes = [mapped.shape(code, HOSTILE) for code in mapped.OUTLINES]
    pins = [mapped.pin(1, 0.003, text=HOSTILE)]
    html = leader(view(Ask.ISSUES, cell="w", shapes=shapes, pins=pins))
    assert "<script>alert" not in html
    assert HOSTILE not in html
    assert facts_of(html)["cells"][0]["name"] == HOSTILE


def test_every_inline_script_carries_the_nonce():
    scripts = Parsed(leader(view())).every("script")
    inline = [a for a in scripts if "src" not in a and a.get("type") != "application/json"]
    assert inline
    assert all(a["nonce"] == "abc" for a in inline)
    assert not re.search(r"\son\w+=", leader(view()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_names_an_address_outside(language):
    pages = [
        leader(view(Ask.ISSUES), language),
        page.docs_page(language=language, nonce="abc"),
        page.login_page(language=language, back="/map", error=say("Wrong.")),
        page.password_page(language=language, account="chief"),
        page.error_page(title="A", detail="B", status=404, language=language),
    ]
    for html in pages:
        for tag, attrs in Parsed(html).tags:
            for name in ("src", "href", "action"):
                address = attrs.get(name)
                assert address is None or address.startswith(("/", "#")), (tag, address)
                assert not (address or "").startswith("//")


def test_a_file_carries_everything_and_loads_nothing(files):
    html = page.standalone(view(Ask.COVERAGE), language="en", browser_files=files)
    reader = Parsed(html)
    assert reader.every("link") == []
    assert all("src" not in attrs for _, attrs in reader.tags)
    assert {a["href"] for a in reader.every("a")} <= {"#", "#figures"}
    assert reader.every("form") == []
    assert "images/layers.png" not in html
    assert "class GridMap" in html
    assert "West 1" in html  # the units are listed too, for nobody can go down to them


def test_a_heap_of_issues_is_drawn_as_dots_and_said_so():
    pins = [mapped.pin(n, 0.003, overdue=n == MOST_SHAPES) for n in range(MOST_SHAPES + 2)]
    html = leader(view(Ask.ISSUES, pins=pins))
    facts = facts_of(html)
    assert facts["pins"][0]["state"] == "overdue"  # what presses most keeps its shape
    assert len(facts["pins"]) == MOST_SHAPES
    assert len(facts["dots"]["reported"]) == 2
    assert f"the {MOST_SHAPES} that press most" in html


def test_a_cells_card_says_what_is_missing_in_it_and_leads_to_the_list():
    html = leader(view(Ask.CELLS, cell="e1"))
    card = html[html.index('<div class="card">') :]
    card = card[: card.index("<div data-panel")]
    assert "Not patrolled in its cycle" in card
    assert "Ground that nobody passed" in card
    assert "since 14 May" in card
    goes = [a["data-go"] for a in Parsed(html).every("a") if "data-go" in a]
    assert goes == ["coverage", "since", "density", "issues", "issues", "gaps"]
    assert "The cell itself has no gap." in leader(view(Ask.CELLS, cell="w1"))
    assert "Of 2 cells in it, 1 with a gap." in leader(view(Ask.CELLS, cell="w"))


def test_what_is_listed_one_by_one_leads_to_its_place():
    issues = Parsed(leader(view(Ask.ISSUES))).every("a")
    spots = {a["data-pin"]: a["data-spot"] for a in issues if "data-pin" in a}
    assert spots[str(mapped.PINS[0].id)] == "0.005000,0.003000"
    assert len(spots) == len(mapped.PINS)
    buttons = Parsed(leader(view(Ask.GAPS))).every("button")
    assert len([b for b in buttons if "data-spot" in b]) == len(mapped.GAPS)
    assert all(b["aria-label"] for b in buttons if "data-spot" in b)


def test_an_issue_shows_why_it_is_there_and_its_photos():
    detail = Detail(why=(say("Nobody was ever named for it."),), photos=("a" * 64,))
    seen = replace(view(Ask.ISSUES), details={mapped.PINS[0].id: detail})
    html = leader(seen)
    assert "Nobody was ever named for it." in html
    (photo,) = (i for i in Parsed(html).every("img"))
    assert photo["src"] == f"/api/media/{'a' * 64}?size=thumbnail"
    assert photo["loading"] == "lazy"
    assert photo["alt"] == "Photo 1"


def test_the_rows_may_be_of_another_level():
    def choices(**asked):
        html = leader(view(Ask.CELLS, **asked))
        return [a["href"] for a in Parsed(html).every("a") if "level=" in a["href"]]

    assert len(choices()) == 6 * 2  # villages and units, in each question's panel
    assert choices(cell="w") == []  # there are only units


def test_only_a_page_that_goes_on_knows_what_to_go_on_from(files):
    assert facts_of(leader(view()))["live"] is None
    live = replace(view(), live=Changes("20260518-3", "2-99", 1))
    assert facts_of(leader(live))["live"] == {
        "seq": "20260518-3",
        "walks": "2-99",
        "reports": 1,
        "clock": "16:30",
        "zone": "Asia/Shanghai",
    }
    html = page.standalone(live, language="en", browser_files=files)
    assert facts_of(html)["live"] is None


def test_a_page_of_the_past_leads_back_to_today():
    assert "Back to today" in leader(view())
    assert "Back to today" not in leader(replace(view(), live=Changes("", "", 0)))


def test_nothing_to_name_and_nobody_walked_are_said():
    empty = view(Ask.ISSUES, pins=())
    nobody = {"person_seconds": None, "passes": None, "days": None}
    idle = {
        Question.DENSITY: replace(empty.listed[Question.DENSITY], total=nobody),
        Question.GAPS: replace(empty.listed[Question.GAPS], rows=[]),
    }
    html = leader(replace(empty, listed={**empty.listed, **idle}, filled={**empty.filled, **idle}))
    assert "No issue is open here." in html
    assert "Nothing is missing here." in html
    assert html.count("No patrol is known of these days.") == 1


def test_without_cells_the_page_says_which_command_brings_them():
    empty = LeaderView(
        name="T",
        zone=view().zone,
        ask=Ask.COVERAGE,
        scope=scope_of(Tree.of([])),
        at=mapped.AT,
        first=mapped.FIRST,
        last=mapped.LAST,
        shapes=(),
        holders={},
        listed={},
        filled={},
    )
    html = leader(empty)
    assert "./wangge import cells" in html
    assert "wangge = {" not in html


def test_a_one_time_password_asks_for_another():
    seen = {"language": "en", "nonce": "abc"}
    assert "one-time" in page.leader_page(view(), reader=Reader("chief", one_time=True), **seen)
    assert "one-time" not in page.leader_page(view(), reader=Reader("chief"), **seen)


# Words


def test_figures_and_dates_are_written_as_each_language_does():
    en, zh = (Speaker(language, view().zone, 2026) for language in ("en", "zh"))
    period = Period(mapped.FIRST, mapped.LAST)
    assert (en.say(period), zh.say(period)) == ("12–\u206018 May", "5/12 – 5/18")
    assert en.say(mapped.AT) == "18 May 16:30"  # Shanghai is eight hours ahead
    assert zh.day(mapped.LAST, full=True) == "2026/5/18"
    assert en.say(Amount(12345.678, 1)) == "12,345.7"
    assert en.say(Amount(77.34, 1, "%")) == "77.3%"
    assert (en.say(Amount(8, 0, "ha")), zh.say(Amount(8, 0, "ha"))) == ("8 ha", "8 公顷")
    assert en.say(None) == "—"
    assert (en.say(("Bo", "Cai")), zh.say(("Bo", "Cai"))) == ("Bo, Cai", "Bo、Cai")
    assert en.say(NOTHING) == ""


def test_every_sentence_of_the_maps_is_translated():
    ours = {m.id for m in template() if any(place.startswith("maps/") for place, _ in m.locations)}
    assert ours
    assert ours - {message.id for message in read("zh") if message.string} == set()


def test_a_chinese_page_has_no_english_sentence_left():
    html = leader(view(Ask.GAPS), "zh")
    reader = Parsed(html)
    text = [data for (tag, _), data in reader.texts if tag not in ("script", "style")]
    said = [a[name] for _, a in reader.tags for name in ("title", "aria-label") if name in a]
    body = " ".join(text + said)
    names = {"East", "West", "Ann", "Bo", "Cai", "Di", "Wu", "Waste"}
    assert set(re.findall(r"[A-Za-z]{2,}", body)) <= names | {"English", "chief", "JavaScript"}
