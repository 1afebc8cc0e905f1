"""The folium map of a view: our own ground, the cells' fills, what lies over them, the borders.

No word of anybody's goes through folium, which renders what it has rendered a
second time, as a template: names, shapes of issues and everything that answers
to a pointer are added by static/js/leader.js. It draws with SVG, one renderer a
pane: a hatch is a pattern there, and colours come from the page's own style
sheet by class.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
import shapely
from branca.element import Element, MacroElement
from folium.map import CustomPane
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from gis.hierarchy import Level
from maps.drawing import (
    COARSE_GRID,
    GRID,
    borders,
    label_points,
    paths,
    rounded,
    simplified,
    thinned,
)
from maps.offline import figure_of
from maps.picture import Picture
from maps.scene import Scene
from maps.style import DEPUTY, NO_DATA

LEAFLET = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet"
PANES = {"under": 410, "fills": 420, "over": 430, "tracks": 440, "borders": 450, "chosen": 460}
PATTERNS = {NO_DATA: "url(#hatch)", DEPUTY: "url(#dots)"}
"""Classes that are drawn with a pattern of the page."""
UNDER = ("contour",)
OVER = ("wood", "lane", "building", "hamlet", "water", "road", "rail")
"""Own layers, in the order they are drawn; those over the fills let them look like a place."""
STROKES = {"road": (" casing", ""), "rail": ("", " ties")}
"""Lines that are drawn twice."""
MOST_TRACK_VERTICES = 8_000
MOST_AREA_VERTICES = 16_000
MARGIN_PX = [24, 24]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map and what its script must know of it.

    Attributes
    ----------
    at
        A roomy point of each filled cell, in the scene's order, as (lon, lat).
    tolerance
        How far a shown border may lie from the true one, degrees.
    """

    map: folium.Map
    at: Sequence[tuple[float, float]]
    tolerance: float


class _LeafletAlone(folium.Map):
    """A folium map without the libraries that folium adds and we do not use."""

    default_js = [("leaflet", f"{LEAFLET}.js")]  # noqa: RUF012
    default_css = [("leaflet_css", f"{LEAFLET}.css")]  # noqa: RUF012


class _Handles(MacroElement):
    """Names the layers for our script."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            globalThis.wangge = {
                map: {{ this._parent.get_name() }},
                {%- for name, layer in this.layers.items() %}
                {{ name }}: {{ layer.get_name() }},
                {%- endfor %}
            };
        {% endmacro %}
        """
    )

    def __init__(self, layers: Mapping[str, folium.GeoJson]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Handles"
        self.layers = layers


def draw(scene: Scene, pictures: Sequence[Picture], *, shown: Picture) -> Drawn:
    """Return the map of a scene, its cells filled for ``shown``.

    The patches of every picture are drawn; those of the others are hidden.
    """
    geoms, tolerance = simplified([scene.shapes[code].geom for code in scene.filled])
    drawn = _frame()
    layers = {
        "under": _ground(scene.view.ground, UNDER, "under", tolerance),
        "cells": _cells(scene, geoms, shown),
        "over": _ground(scene.view.ground, OVER, "over", tolerance),
        "patches": _patches(pictures, shown, tolerance),
        "tracks": _tracks(scene, tolerance),
        "borders": _borders(scene, geoms),
    }
    for layer in layers.values():
        layer.add_to(drawn)
    drawn.add_child(_Handles(layers))
    if geoms:
        west, south, east, north = shapely.total_bounds(_focus(scene, geoms))
        drawn.fit_bounds([[south, west], [north, east]], padding=MARGIN_PX)
    return Drawn(drawn, label_points(geoms, tolerance), tolerance)


def _frame() -> folium.Map:
    drawn = _LeafletAlone(
        location=[0, 0],
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=120,
        max_zoom=20,
    )
    # Lines are cut off this far beyond the frame, so that a drag does not lay them bare.
    ready = Element("L.Renderer.mergeOptions({padding: 0.5});")
    figure_of(drawn).script.add_child(ready, index=0)
    for name, z_index in PANES.items():
        CustomPane(name, z_index=z_index, pointer_events=name == "fills").add_to(drawn)
    return drawn


@dataclass(frozen=True, slots=True)
class _Shape:
    """A geometry, the classes that style.css knows it by, and what our script must know of it."""

    geom: BaseGeometry
    classes: str
    known: Mapping[str, object] = field(default_factory=dict)
    pattern: str = ""


def _layer(shapes: Sequence[_Shape], pane: str, *, grid: int = GRID) -> folium.GeoJson:
    """Return a layer whose look is its classes', and otherwise nobody's."""
    features = [
        {
            "type": "Feature",
            "id": i,
            "geometry": rounded(shape.geom, grid),
            "properties": shape.known,
        }
        for i, shape in enumerate(shapes)
    ]

    def styled(feature: Mapping[str, Any]) -> dict[str, object]:
        shape = shapes[feature["id"]]
        fill = {"fillColor": shape.pattern} if shape.pattern else {}
        return {"className": shape.classes, **fill}

    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=styled if features else None,
        smooth_factor=0,  # else Leaflet thins each border by itself, and neighbours part
        pane=pane,
        interactive=pane == "fills",
    )


def _cells(scene: Scene, geoms: Sequence[BaseGeometry], shown: Picture) -> folium.GeoJson:
    inside = set(scene.inside)
    return _layer(
        [
            _Shape(
                geom,
                f"cell {shown.fills[code]}" + ("" if code in inside else " away"),
                pattern=PATTERNS.get(shown.fills[code], ""),
            )
            for code, geom in zip(scene.filled, geoms, strict=True)
        ],
        "fills",
    )


def _focus(scene: Scene, geoms: Sequence[BaseGeometry]) -> Sequence[BaseGeometry]:
    inside = set(scene.inside)
    return [g for code, g in zip(scene.filled, geoms, strict=True) if code in inside]


def _borders(scene: Scene, geoms: Sequence[BaseGeometry]) -> folium.GeoJson:
    found = sorted(borders(geoms, paths(scene)), key=lambda border: -border.level)
    villages = [border.geom for border in found if border.level == Level.VILLAGE]
    # A pale casing lifts a village's border off dark fills.
    casing = [_Shape(shapely.union_all(villages), "border casing")] if villages else []
    lines = [
        _Shape(border.geom, f"border {border.level.word}", {"sides": border.sides})
        for border in found
    ]
    units = [line for line in lines if line.classes == "border unit"]
    return _layer([*units, *casing, *(line for line in lines if line not in units)], "borders")


def _patches(pictures: Iterable[Picture], shown: Picture, tolerance: float) -> folium.GeoJson:
    shapes = []
    for picture in pictures:
        by_fill: dict[str, list[BaseGeometry]] = defaultdict(list)
        for patch in picture.patches:
            by_fill[patch.fill] += _areas(patch.geom)
        hidden = "" if picture is shown else " off"
        shapes += [
            _Shape(
                thinned(geoms, tolerance * 2),
                f"patch {fill}{hidden}",
                {"ask": picture.ask.value},
            )
            for fill, geoms in by_fill.items()
            if geoms
        ]
    return _layer(shapes, "over")


def _areas(geom: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geom) if part.geom_type == "Polygon"]


def _tracks(scene: Scene, tolerance: float) -> folium.GeoJson:
    kinds = {
        "track": [track.line for track in scene.view.tracks if track.timed],
        "track trace": [track.line for track in scene.view.tracks if not track.timed],
    }
    shapes = [
        _Shape(thinned(lines, tolerance, most=MOST_TRACK_VERTICES), classes)
        for classes, lines in kinds.items()
        if lines
    ]
    return _layer(shapes, "tracks", grid=COARSE_GRID)


def _ground(
    ground: Mapping[str, Sequence[BaseGeometry]],
    kinds: Iterable[str],
    pane: str,
    tolerance: float,
) -> folium.GeoJson:
    shapes = []
    for kind in kinds:
        parts = shapely.get_parts(list(ground.get(kind, ())))
        areas = [area for part in parts for area in _areas(part)]
        lines = [part for part in parts if part.geom_type == "LineString"]
        if areas:
            area = thinned(areas, tolerance, most=MOST_AREA_VERTICES)
            shapes.append(_Shape(area, f"ground {kind} area"))
        if lines:
            line = thinned(lines, tolerance * 2)
            shapes += [
                _Shape(line, f"ground {kind}{part} line") for part in STROKES.get(kind, ("",))
            ]
    return _layer(shapes, pane, grid=COARSE_GRID)
