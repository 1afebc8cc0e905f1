"""Maps whose every script and stylesheet is one of our own files, or none at all.

folium names its files by addresses of other people's servers, some only when it
renders. So a map is rendered first, and then each address is looked up among
the files that set-up fetched (browser.lock.json); one that is not there is an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import cast

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink

from maps.vendor import Pin

Pins = Mapping[str, Pin]

_ADDRESS = re.compile(r"/(?P<package>(?:@[\w.-]+/)?[\w.-]+)@[\w.^~-]+/(?P<file>.+)$")
_OUTSIDE = re.compile(
    r"(?:src|href)\s*=\s*[\"']?(?P<address>(?:https?:)?//[^\s\"'>]+)", re.IGNORECASE
)
_INLINE = re.compile(r"<(script|style)(?=[\s>])(?![^>]*\ssrc=)", re.IGNORECASE)


class NoLocalCopy(LookupError):
    """A map asks for a file that we do not serve."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package that set-up fetches."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A rendered map, to be put into a page.

    Attributes
    ----------
    styles, scripts
        What the page must load, in this order.
    head
        What else belongs in the page's head; its inline scripts carry the nonce.
    html
        The element that the map is drawn in.
    script
        What draws it: the text of one inline script.
    """

    styles: tuple[File, ...]
    scripts: tuple[File, ...]
    head: str
    html: str
    script: str


def local_file(address: str, pins: Pins) -> File:
    """Return our copy of the file at ``…/package@version/path``, of the version we pinned.

    Raises
    ------
    NoLocalCopy
        If the package, or that file of it, is not in the lock file.
    """
    found = _ADDRESS.search(address)
    file = File(found["package"], found["file"]) if found else None
    patterns = pins[file.package]["files"] if file and file.package in pins else ()
    if file is None or not any(fnmatchcase(file.path, pattern) for pattern in patterns):
        raise NoLocalCopy(f"There is no local copy of {address}: add it to browser.lock.json.")
    return file


def figure_of(drawn: folium.Map) -> Figure:
    """Return the document that folium builds around a map."""
    return cast("Figure", drawn.get_root())


def parts(drawn: folium.Map, pins: Pins, *, nonce: str) -> Parts:
    """Render a map, refusing every file that is not ours.

    Raises
    ------
    NoLocalCopy
        If it asks for one.
    """
    figure = figure_of(drawn)
    for child in list(figure._children.values()):
        child.render()
    figure.header._children.pop("meta_http", None)
    figure.header._children.pop(drawn.get_name(), None)  # sizes, and a ban on zooming by hand
    links = list(figure.header._children.values())
    head = "".join(e.render() for e in links if not isinstance(e, CssLink | JavascriptLink))
    html = _rendered(figure.html)
    if outside := _OUTSIDE.search(head + html):
        raise NoLocalCopy(f"The map loads {outside['address']} from elsewhere.")
    return Parts(
        styles=tuple(local_file(link.url, pins) for link in links if isinstance(link, CssLink)),
        scripts=tuple(
            local_file(link.url, pins) for link in links if isinstance(link, JavascriptLink)
        ),
        head=_INLINE.sub(rf'<\1 nonce="{nonce}"', head),
        html=html,
        script=_rendered(figure.script),
    )


def _rendered(element: Element) -> str:
    return str(element.render()).strip()
