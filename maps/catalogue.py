"""Keep the gettext catalogues: extract the sentences, merge, compile.

    python -m maps.catalogue            # after changing a sentence; lists what lacks a translation

Run by developers; the compiled catalogues are in the repository, so that the
launcher can speak before anything is installed. A test holds them current.
"""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from maps.words import DOMAIN, LANGUAGES, LOCALE

ROOT = Path(__file__).parents[1]
ROOMS = ("gis", "maps", "api")
SCRIPTS = "static/js/"
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    (f"**/{SCRIPTS}**.js", "javascript"),
]
KEYWORDS = {"say": (1,), "_": (1,), "gettext": (1,), "ngettext": (1, 2)}


def template() -> Catalog:
    """Return every sentence of code, templates and scripts, without line numbers."""
    found = Catalog(project=DOMAIN, charset="utf-8")
    for room in ROOMS:
        extracted = extract_from_dir(
            str(ROOT / room), METHODS, keywords=KEYWORDS, comment_tags=("Note:",)
        )
        for name, _line, message, comments, context in extracted:
            found.add(
                message,
                locations=[(f"{room}/{name}", None)],  # type: ignore[list-item]
                auto_comments=comments,
                context=context,
            )
    return found


def path_of(language: str, suffix: str) -> Path:
    """Return where a language's catalogue lies.

    ``suffix`` is ``po``, ``mo``, or ``json`` for the sentences of our scripts.
    """
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def read(language: str) -> Catalog:
    """Return the catalogue as it is kept, or an empty one."""
    path = path_of(language, "po")
    if not path.exists():
        return Catalog(
            locale=language,
            domain=DOMAIN,
            header_comment="# The sentences of wangge.",
            project=DOMAIN,
            version="0",
            msgid_bugs_address="",
            creation_date=datetime(2026, 1, 1, tzinfo=UTC),  # the same bytes for the same words
            revision_date=datetime(2026, 1, 1, tzinfo=UTC),
            last_translator="",
            language_team="",
            charset="utf-8",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """Return the binary form that the gettext module reads."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update(language: str, source: Catalog) -> Catalog:
    """Merge what the code says now into a language's files; drop what it no longer says.

    ``source`` is a fresh :func:`template`: its messages become the catalogue's own.
    """
    catalog = read(language)
    catalog.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    path = path_of(language, "po")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, catalog, width=100, sort_output=True, omit_header=False, include_lineno=False
        )
    path_of(language, "mo").write_bytes(compiled(catalog))
    return catalog


def missing(catalog: Catalog) -> list[str]:
    """Return the sentences that have no translation."""
    return [str(message.id) for message in catalog if message.id and not message.string]


def script_words(catalog: Catalog) -> str:
    """Return the sentences that our scripts say, as the JSON that the pages carry."""
    found = {
        str(message.id): str(message.string)
        for message in catalog
        if message.string and any(SCRIPTS in place for place, _line in message.locations)
    }
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Update every catalogue; 1 when a Chinese sentence is missing."""
    catalogs = {language: update(language, template()) for language in LANGUAGES}
    for language, catalog in catalogs.items():
        path_of(language, "json").write_text(script_words(catalog), "utf-8")
    lacking = missing(catalogs["zh"])
    for sentence in lacking:
        print(sentence)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
