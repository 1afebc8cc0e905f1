"""The tiles under the map, if a deployment has any: what its settings name, checked.

Without settings there are none, and no page asks anybody but our own server.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gis.cells.datum import Datum
from gis.errors import InvalidInput
from gis.messages import say
from gis.settings import Settings
from maps.offline import File
from maps.pmtiles import NoTiles, read_header

ADDRESS = "/background.pmtiles"
"""Where our server gives a file of tiles out."""
SCRIPTS = {
    "tiles": (),
    "raster": (File("pmtiles", "dist/pmtiles.js"),),
    "vector": (File("protomaps-leaflet", "dist/protomaps-leaflet.js"),),
}
"""Other people's scripts that a page must load to draw each kind."""
ZOOMS = range(1, 23)

_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/LAYER_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=LAYER&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk="
)
_AMAP = (
    "https://webrd0{s}.is.autonavi.com/appmaptile"
    "?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
)
_SERVER = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?(?=/)", re.ASCII)
"""What a Content-Security-Policy can name: no wildcard, no account, no address in brackets."""
_KEY = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_HOLE = re.compile(r"\{([^}]*)\}")
_HOLES = {"z", "x", "y", "-y", "r"}
_PROTOMAPS = {"earth", "water", "roads", "landuse", "places"}
"""Layers of shapes that the script has a style for."""


@dataclass(frozen=True, slots=True)
class Background:
    """Tiles in the web-map grid (EPSG:3857), one layer over the other.

    Attributes
    ----------
    kind
        ``tiles``: pictures at addresses; ``raster`` and ``vector``: one file of
        pictures, or of shapes, on our own server.
    layers
        Templates of addresses, the lowest first; or the address of the file.
    subdomains
        What ``{s}`` stands for: any of these characters.
    hosts
        Other servers that a page must be allowed to load pictures from.
    datum
        ``gcj02`` where the tiles are shifted, as in China; else ``wgs84``.
    attribution
        Whose they are, as plain text; to be shown with them.
    min_zoom, max_zoom
        Of the tiles that there are; nearer than that, they are enlarged.
    """

    kind: Literal["tiles", "raster", "vector"]
    layers: Sequence[str]
    datum: Datum
    attribution: str
    min_zoom: int
    max_zoom: int
    subdomains: str = ""
    hosts: Sequence[str] = ()

    def facts(self) -> dict[str, Any]:
        """Return what a page's script must know."""
        return {
            "kind": self.kind,
            "layers": list(self.layers),
            "subdomains": self.subdomains,
            "datum": self.datum.value,
            "attribution": self.attribution,
            "min_zoom": self.min_zoom,
            "max_zoom": self.max_zoom,
        }

    def scripts(self) -> tuple[File, ...]:
        """Return other people's scripts that a page must load to draw it."""
        return SCRIPTS[self.kind]


def background_of(settings: Settings) -> Background | None:
    """Return the background that the settings ask for; None where they ask for none.

    Raises
    ------
    InvalidInput
        If they cannot be followed, with the setting as ``field``.
    """
    if settings.tiles and settings.pmtiles:
        raise InvalidInput(
            say("WANGGE_TILES and WANGGE_PMTILES are both set."),
            remedy=say("Keep one of them: a map has one background."),
            field="pmtiles",
        )
    if settings.tiles_datum not in (Datum.WGS84, Datum.GCJ02):
        raise InvalidInput(
            say("WANGGE_TILES_DATUM: “{name}” is no datum of tiles.", name=settings.tiles_datum),
            remedy=say("Write wgs84 or gcj02."),
            field="tiles_datum",
        )
    if settings.tiles_max_zoom not in ZOOMS:
        raise InvalidInput(
            say("WANGGE_TILES_MAX_ZOOM: {n} is no zoom.", n=settings.tiles_max_zoom),
            remedy=say("Write the nearest zoom that the service has, as 18."),
            field="tiles_max_zoom",
        )
    if settings.pmtiles:
        return _of_file(Path(settings.pmtiles), settings)
    if settings.tiles == "tianditu":
        return _tianditu(settings)
    if settings.tiles == "amap":
        return _named(
            [_AMAP],
            "1234",
            datum=Datum.GCJ02,
            attribution=settings.tiles_attribution or "© 高德地图 AMap",
        )
    return _of_template(settings) if settings.tiles else None


def _tianditu(settings: Settings) -> Background:
    if not _KEY.fullmatch(settings.tianditu_key):
        raise InvalidInput(
            say("WANGGE_TILES=tianditu needs a key of that service in WANGGE_TIANDITU_KEY."),
            remedy=say("Apply to Tianditu for a key for browsers; it has letters and digits only."),
            field="tianditu_key",
        )
    template = _TIANDITU + settings.tianditu_key
    return _named(
        [template.replace("LAYER", layer) for layer in ("vec", "cva")],
        "01234567",
        datum=Datum.WGS84,
        attribution=settings.tiles_attribution or "© 国家地理信息公共服务平台 天地图",
    )


def _named(layers: Sequence[str], subdomains: str, *, datum: Datum, attribution: str) -> Background:
    """Return the background of a service that we know, whose servers are told by ``{s}``."""
    server, _, _ = layers[0].removeprefix("https://").partition("/")
    return Background(
        kind="tiles",
        layers=layers,
        datum=datum,
        attribution=attribution,
        min_zoom=1,
        max_zoom=18,
        subdomains=subdomains,
        hosts=[f"https://{server.replace('{s}', one)}" for one in subdomains],
    )


def _of_template(settings: Settings) -> Background:
    template = settings.tiles
    server = _SERVER.match(template)
    is_own = template.startswith("/") and not template.startswith("//")
    if server is None and not is_own:
        raise InvalidInput(
            say("WANGGE_TILES: “{text}” is no service we know, and no address.", text=template),
            remedy=say(
                "Write tianditu, amap, or an address as {example}.",
                example="https://tiles.example/{z}/{x}/{y}.png",
            ),
            field="tiles",
        )
    holes = set(_HOLE.findall(template))
    if holes - _HOLES or not {"z", "x"} <= holes or not holes & {"y", "-y"}:
        raise InvalidInput(
            say("WANGGE_TILES: “{text}” is no template of tiles.", text=template),
            remedy=say(
                "It needs {needed}, and no other word in braces; name one server.",
                needed="{z}, {x}, {y}",
            ),
            field="tiles",
        )
    return Background(
        kind="tiles",
        layers=[template],
        datum=Datum(settings.tiles_datum),
        attribution=settings.tiles_attribution,
        min_zoom=0,
        max_zoom=settings.tiles_max_zoom,
        hosts=[server[0]] if server else [],
    )


def _of_file(path: Path, settings: Settings) -> Background:
    try:
        header = read_header(path)
    except OSError as error:
        raise InvalidInput(
            say("WANGGE_PMTILES: {path}: {reason}.", path=path, reason=error.strerror),
            remedy=say("Check its name, and that the server may read it."),
            field="pmtiles",
        ) from None
    except NoTiles:
        raise InvalidInput(
            say("WANGGE_PMTILES: {path} is no PMTiles file (version 3) of map tiles.", path=path),
            remedy=say("Make one with the pmtiles or the planetiler program."),
            field="pmtiles",
        ) from None
    if header.kind == "vector" and not header.layers & _PROTOMAPS:
        raise InvalidInput(
            say("WANGGE_PMTILES: the shapes in {path} have none of the known layers.", path=path),
            remedy=say(
                "There is a style for the Protomaps scheme alone; or use a file of pictures."
            ),
            field="pmtiles",
        )
    return Background(
        kind=header.kind,
        layers=[ADDRESS],
        datum=Datum(settings.tiles_datum),
        attribution=settings.tiles_attribution or header.attribution,
        min_zoom=header.min_zoom,
        max_zoom=header.max_zoom,
    )
