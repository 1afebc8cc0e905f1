"""Translation: a sentence of the domain, said in the reader's language.

Standard library only, for the launcher speaks before anything is installed.
English is the source; Chinese, the default, comes from the gettext catalogue
that `python -m maps.catalogue` keeps up to date.
"""

import gettext
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from gis.messages import Message

DOMAIN = "wangge"
LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("zh", "en")
"""The default first."""

Translate = Callable[[Message], str]


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``zh`` or ``en``."""
    return gettext.translation(DOMAIN, LOCALE, [language])


@cache
def translator(language: str) -> Translate:
    """Return the function that says a message in ``language``.

    Values that are messages themselves are translated too.
    """
    words = catalogue(language)

    def translate(message: Message) -> str:
        if not message.template:
            return ""  # the empty key of a catalogue holds its header
        values = {
            name: translate(value) if isinstance(value, Message) else value
            for name, value in message.values.items()
        }
        return words.gettext(message.template).format(**values)

    return translate


@cache
def script_words(language: str) -> Mapping[str, str]:
    """Return the sentences that our scripts say in ``zh`` or ``en``, by their English."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.json"
    words: dict[str, str] = json.loads(path.read_text("utf-8"))
    return words


def language_of_environment(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of a command line: WANGGE_LANGUAGE, else the locale's, else Chinese."""
    names = ("WANGGE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    asked = (environment.get(name, "")[:2].lower() for name in names)
    return next((language for language in asked if language in LANGUAGES), LANGUAGES[0])


def language_of_header(accept_language: str) -> str:
    """Return the first language of an Accept-Language header that we have, else Chinese."""
    asked = (part.strip()[:2].lower() for part in accept_language.split(","))
    return next((language for language in asked if language in LANGUAGES), LANGUAGES[0])
