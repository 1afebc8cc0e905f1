"""What a PMTiles file says of itself: its kind of tiles, their zooms, their attribution.

https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import gzip
import json
import struct
from collections.abc import Mapping, Set
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from re import sub
from typing import Any, Literal
from zlib import error as ZlibError

Kind = Literal["raster", "vector"]

_HEADER = struct.Struct("<7sB11Q6B4iB2i")
_BEGINNING = b"PMTiles\3"
_KINDS: Mapping[int, Kind] = {1: "vector", 2: "raster", 3: "raster", 4: "raster", 5: "raster"}
_PLAIN, _GZIP = 1, 2
_MOST = 1 << 24
"""Bytes of metadata that are read; they describe a few layers."""


class NoTiles(ValueError):
    """The file is no PMTiles archive of version 3, or of tiles that no browser draws."""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a file of tiles.

    Attributes
    ----------
    kind
        Pictures, or shapes.
    min_zoom, max_zoom
        Of the tiles that there are.
    layers
        Names of the layers of shapes; empty for pictures.
    attribution
        As plain text; empty where the file does not say.
    """

    kind: Kind
    min_zoom: int
    max_zoom: int
    layers: Set[str]
    attribution: str


def read_header(path: Path) -> Header:
    """Return what a file says of itself.

    Raises
    ------
    NoTiles
        If it is no such file.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or not head.startswith(_BEGINNING):
            raise NoTiles
        fields = _HEADER.unpack(head)
        offset, length = fields[4], fields[5]
        internal, _tiles, kind, min_zoom, max_zoom = fields[14:19]
        if kind not in _KINDS or length > _MOST:
            raise NoTiles
        file.seek(offset)
        described = _metadata(file.read(length), compression=internal)
    layers = described.get("vector_layers")
    named = layers if isinstance(layers, list) else []
    ids = [layer.get("id") for layer in named if isinstance(layer, dict)]
    return Header(
        kind=_KINDS[kind],
        min_zoom=min_zoom,
        max_zoom=max_zoom,
        layers=frozenset(name for name in ids if isinstance(name, str)),
        attribution=_plain(described.get("attribution")),
    )


def _metadata(content: bytes, *, compression: int) -> dict[str, Any]:
    """Return the JSON object that describes the tiles; empty where we cannot unpack it."""
    if compression not in (_PLAIN, _GZIP) or not content:
        return {}
    try:
        found = json.loads(gzip.decompress(content) if compression == _GZIP else content)
    except (ValueError, OSError, EOFError, ZlibError):
        raise NoTiles from None
    return found if isinstance(found, dict) else {}


def _plain(attribution: object) -> str:
    """Return an attribution, which may be HTML, as one line of text."""
    if not isinstance(attribution, str):
        return ""
    return " ".join(unescape(sub(r"<[^>]*>", " ", attribution)).split())
