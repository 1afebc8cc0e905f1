"""The colours of tokens.css: text that can be read, marks that can be seen, steps that differ.

Contrast is WCAG 2.2's. What the colour-blind see follows Machado, Oliveira and Fernandes (2009)
at full severity, in linear light; distances are OKLab's, times 100.
"""

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

CSS = Path(__file__).parents[1] / "maps" / "static" / "css"
COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})\b")
TOKENS = dict(COLOUR.findall((CSS / "tokens.css").read_text("utf-8").partition("@media")[0]))
TEXT, MARK, STEP = 4.5, 3.0, 6.0
GROUNDS = ("surface", "ground", "sunken", "hover")
RAMPS = ("coverage", "since", "density")
STATES = [name for name in TOKENS if name.startswith("st-")]
SOFT = [name for name in TOKENS if name.endswith("-soft")]
BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}  # fmt: skip
LMS = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
       (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
       (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip


def times(matrix, vector):
    return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]


def linear(colour):
    """Return red, green and blue of #rrggbb as amounts of light, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(one, other):
    """Return the ratio of two colours' lightness, 1 to 21."""
    dark, light = sorted(times(BLIND["grey"], linear(colour))[0] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def apart(one, other, eyes):
    """Return how far apart two colours look to such eyes."""
    seen = [[min(1, max(0, c)) for c in times(eyes, linear(colour))] for colour in (one, other)]
    return 100 * math.dist(*(times(LAB, [c ** (1 / 3) for c in times(LMS, one)]) for one in seen))


def test_the_measures_are_those_of_the_sources():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert apart("#000000", "#ffffff", BLIND["grey"]) == pytest.approx(100, abs=0.01)
    red, green = "#c00000", "#606000"  # told apart by most people, hardly by the colour-blind
    assert apart(red, green, BLIND["protan"]) < apart(red, green, BLIND["tritan"]) / 2


READ = [(ink, on) for ink in ("ink", "ink-2", "ink-3") for on in GROUNDS]
READ += [(ink, on) for ink in ("ink", "ink-2") for on in SOFT]
READ += [(word, on) for word in ("accent", "good", "warn", "bad") for on in GROUNDS]
READ += [(word.removesuffix("-soft"), word) for word in SOFT]
READ += [("accent-ink", "accent"), ("accent-ink", "accent-hover"), ("accent-hover", "surface")]
READ += [("map-ink", "map-halo"), ("map-ink", "map-land"), ("map-ink", "map-out")]


@pytest.mark.parametrize("ink, on", READ)
def test_words_can_be_read(ink, on):
    assert contrast(TOKENS[ink], TOKENS[on]) >= TEXT


SEEN = [("line-strong", "surface"), ("accent", "surface"), ("accent", "ground")]
SEEN += [("accent", on) for on in ("map-land", "map-out")]
SEEN += [(state, on) for state in STATES for on in ("surface", "ground", "map-land", "map-out")]
SEEN += [("map-track", "map-land"), ("map-border", "map-land")]


@pytest.mark.parametrize("mark, on", SEEN)
def test_controls_and_marks_can_be_seen(mark, on):
    assert contrast(TOKENS[mark], TOKENS[on]) >= MARK


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize("ramp", RAMPS)
def test_neighbouring_steps_differ_to_all_eyes_and_on_grey_paper(ramp, eyes):
    steps = [TOKENS[f"{ramp}-{n}"] for n in range(1, 6)]
    for one, other in pairwise(steps):
        assert apart(one, other, BLIND[eyes]) >= STEP


@pytest.mark.parametrize("ramp", RAMPS)
def test_more_is_always_darker(ramp):
    light = [times(BLIND["grey"], linear(TOKENS[f"{ramp}-{n}"]))[0] for n in range(1, 6)]
    assert light == sorted(light, reverse=True)


def test_a_colour_that_a_page_names_is_there():
    known = set(re.findall(r"(--[\w-]+):", "".join(p.read_text("utf-8") for p in CSS.glob("*"))))
    places = [*CSS.glob("*.css"), *(CSS.parents[1] / "templates").glob("*.html")]
    for place in places:
        for name in re.findall(r"var\((--[\w-]+)\)", place.read_text("utf-8")):
            assert name in known, f"{place.name}: {name}"
