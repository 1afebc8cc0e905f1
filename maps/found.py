"""What was found by name, in words: what it is, and in which cell it lies."""

from collections.abc import Mapping

from gis.messages import Message, say
from gis.search import Found
from maps.style import LEVELS
from maps.words import Translate

LAYERS: Mapping[str, Message] = {
    "road": say("Road"),
    "rail": say("Railway"),
    "water": say("Water"),
    "wood": say("Wood or orchard"),
    "building": say("Houses"),
    "hamlet": say("Hamlet"),
}
PLACES: Mapping[str, Message] = {
    "school": say("School"),
    "clinic": say("Clinic"),
    "shop": say("Shop"),
    "market": say("Market"),
    "committee": say("Village committee"),
    "pump": say("Pump station"),
    "enterprise": say("Enterprise"),
    "park": say("Park"),
}
"""Usual kinds of places. Any other is shown as its file calls it."""


def kind_of(found: Found) -> Message | str:
    """Return what a thing is."""
    if found.level is not None:
        return LEVELS[found.level]
    if found.kind == "place":
        return PLACES.get(found.sort.lower(), found.sort)
    return LAYERS[found.kind]


def detail(found: Found, words: Translate) -> str:
    """Return what a thing is and in which cell it lies, in the words of a language."""
    kind = kind_of(found)
    said = kind if isinstance(kind, str) else words(kind)
    return f"{said} · {found.within}" if found.within else said
