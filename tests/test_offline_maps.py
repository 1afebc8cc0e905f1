"""Maps and pages load from our own files alone."""

import re

import folium
import pytest
from branca.element import Element
from folium.plugins import HeatMap

from maps.assets import MODULES, STATIC, joined_modules
from maps.base import draw
from maps.offline import File, NoLocalCopy, figure_of, local_file, parts
from maps.questions import pictures
from maps.scene import Scene
from maps.vendor import read_lock
from maps.view import Ask
from tests.mapped import view

PINS = {
    "leaflet": {"version": "1.9.4", "integrity": "", "files": ["dist/leaflet.*"]},
    "@a/b": {"version": "2.0.0", "integrity": "", "files": ["b.js"]},
}


@pytest.mark.parametrize(
    "address, file",
    [
        ("https://cdn.example/npm/leaflet@1.9.3/dist/leaflet.js", ("leaflet", "dist/leaflet.js")),
        ("https://cdn.example/leaflet@latest/dist/leaflet.css", ("leaflet", "dist/leaflet.css")),
        ("https://cdn.example/npm/@a/b@1/b.js", ("@a/b", "b.js")),
    ],
)
def test_an_address_leads_to_our_copy_whatever_version_it_names(address, file):
    assert local_file(address, PINS) == File(*file)


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/npm/leaflet@1.9.3/dist/other.js",
        "https://cdn.example/npm/jquery@3.7.1/dist/jquery.js",
        "https://cdn.example/jquery-3.7.1.min.js",
        "/static/leaflet.js",
    ],
)
def test_an_unknown_address_is_refused_by_name(address):
    with pytest.raises(NoLocalCopy, match=re.escape(address)):
        local_file(address, PINS)


def test_a_plain_folium_map_is_refused_for_it_loads_what_we_do_not_serve():
    with pytest.raises(NoLocalCopy, match=r"bootstrap|jquery"):
        parts(folium.Map(tiles=None), PINS, nonce="n")


def our_map():
    seen = view(Ask.COVERAGE)
    answers = pictures(seen)
    return draw(Scene(seen), shown=answers[Ask.COVERAGE]).map


def imported(name):
    """Return a module of ours and all that it imports."""
    text = (STATIC / "js" / f"{name}.js").read_text("utf-8")
    within = re.findall(r"^import .*? from '\./([\w-]+)\.js';", text, re.MULTILINE | re.DOTALL)
    return {name}.union(*(imported(other) for other in within))


def test_our_map_loads_leaflet_and_nothing_else():
    found = parts(our_map(), read_lock(), nonce="n")
    assert found.styles == (File("leaflet", "dist/leaflet.css"),)
    assert found.scripts == (File("leaflet", "dist/leaflet.js"),)
    assert found.head == ""
    assert "://" not in found.script + found.html


def test_a_plugin_added_to_our_map_is_refused_when_its_files_are_not_ours():
    drawn = our_map()
    HeatMap([[0, 0]]).add_to(drawn)
    with pytest.raises(NoLocalCopy, match="heat"):
        parts(drawn, read_lock(), nonce="n")


def test_what_is_written_by_hand_into_a_map_is_looked_at_too():
    drawn = our_map()
    figure_of(drawn).header.add_child(Element('<img src="//elsewhere.example/a.png">'))
    with pytest.raises(NoLocalCopy, match="elsewhere"):
        parts(drawn, read_lock(), nonce="n")


def test_inline_scripts_of_the_head_carry_the_nonce():
    drawn = our_map()
    figure_of(drawn).header.add_child(Element("<script>var a = 1;</script>"))
    assert '<script nonce="abc">var a' in parts(drawn, read_lock(), nonce="abc").head


def test_our_modules_join_without_a_line_that_joins_them():
    joined = joined_modules()
    assert not re.search(r"^(import|export)\b", joined, re.MULTILINE)
    assert set(MODULES) == imported("leader")
    for i, name in enumerate(MODULES):
        assert imported(name) <= set(MODULES[: i + 1])
    names = re.findall(r"^(?:async )?(?:class|function|const|let) (\w+)", joined, re.MULTILINE)
    assert len(names) == len(set(names))


def test_our_styles_name_no_file_and_no_address():
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text("utf-8")
        assert "://" not in text
        assert "@import" not in text
        assert "url(" not in text
