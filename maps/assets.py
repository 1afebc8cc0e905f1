"""How a page gets its styles and scripts: from our own server, or carried within itself."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from maps.offline import File, Pins
from maps.vendor import folder_name

STATIC = Path(__file__).parent / "static"
MODULES = (
    *("words", "desk", "gcj", "background", "find", "ground", "map", "table"),
    *("morph", "live", "period", "waiting", "leader"),
)
"""Our modules, each after those that it imports."""

_IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?=class |function )", re.MULTILINE)
_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)[^)]*\)")
_END = re.compile(r"<(?=/script|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Assets:
    """What goes into the head of a page, and what comes at its end."""

    head: Markup
    foot: Markup


def served(
    pins: Pins,
    *,
    vendored: Sequence[File] = (),
    styles: Sequence[str],
    module: str = "",
    script: str = "",
    nonce: str = "",
) -> Assets:
    """Return links to the files of this server.

    Parameters
    ----------
    vendored
        Other people's files; they come before ours.
    styles, module
        Ours, by name.
    script
        The text of one script that runs after theirs, allowed by the nonce.
    """
    theirs = [f"/static/vendor/{_place(file, pins)}" for file in vendored]
    sheets = [link for link in theirs if link.endswith(".css")]
    sheets += [f"/static/css/{name}.css" for name in styles]
    head = [Markup('<link rel="icon" href="/static/icon.svg" type="image/svg+xml">')]
    head += [Markup('<link rel="stylesheet" href="{}">').format(link) for link in sheets]
    foot = [
        Markup('<script src="{}"></script>').format(link) for link in theirs if link.endswith(".js")
    ]
    if script:
        foot.append(Markup('<script nonce="{}">{}</script>').format(nonce, _closed(script)))
    if module:
        foot.append(Markup('<script type="module" src="/static/js/{}.js"></script>').format(module))
    return Assets(Markup("\n").join(head), Markup("\n").join(foot))


def carried(
    pins: Pins,
    folder: Path,
    *,
    vendored: Sequence[File],
    styles: Sequence[str],
    script: str,
) -> Assets:
    """Return the same files as text, for a page that opens from disk.

    Browsers load no module from disk, so ours become one script; pictures that a
    style sheet of other people's names are not used and left out.

    Parameters
    ----------
    folder
        Where set-up put other people's files.
    """
    texts = {file.path: (folder / _place(file, pins)).read_text("utf-8") for file in vendored}
    sheets = [_URL.sub("url(data:,)", text) for path, text in texts.items() if _is_css(path)]
    sheets += [(STATIC / "css" / f"{name}.css").read_text("utf-8") for name in styles]
    scripts = [text for path, text in texts.items() if not _is_css(path)]
    head = Markup("<style>{}</style>").format(Markup("\n".join(sheets)))  # noqa: S704 — our files
    foot = [Markup("<script>{}</script>").format(_closed(text)) for text in (*scripts, script)]
    foot.append(Markup('<script type="module">{}</script>').format(_closed(joined_modules())))
    return Assets(head, Markup("\n").join(foot))


def embedded(value: object) -> Markup:
    """Return JSON that a script element may hold: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 — escaped just above


def joined_modules() -> str:
    """Return our modules as one, without the lines that join them."""
    texts = [(STATIC / "js" / f"{name}.js").read_text("utf-8") for name in MODULES]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


def _place(file: File, pins: Pins) -> str:
    return f"{folder_name(file.package, pins[file.package])}/{file.path}"


def _is_css(path: str) -> bool:
    return path.endswith(".css")


def _closed(script: str) -> Markup:
    """Return a script's text that cannot end its element, whatever strings it holds."""
    return Markup(_END.sub(r"<\\", script))  # noqa: S704 — ours, or escaped by folium
