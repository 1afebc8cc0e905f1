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
from typing import TypeAlias, cast

import folium
import shapely
from branca.element import Element, Figure, MacroElement
from folium.map import CustomPane
from shapely import GeometryType
from shapely.geometry.base import BaseGeometry

from gis.hierarchy import Level
from maps.assets import STATIC, embedded
from maps.drawing import (
    COARSE_GRID,
    GRID,
    borders,
    label_points,
    paths,
    simplified,
    smoothed,
    steps,
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
DRAWN = STATIC / "js" / "drawn.js"
Layer: TypeAlias = Mapping[str, object]
"""As drawn.js has it."""
GROUND_CELL = 6e-5
"""Degrees; what is known by ground cells of 8 m is not drawn more exactly."""
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


class _Text(Element):
    """A piece of script as it is: folium would take it for a template, and read it all for that."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Text"
        self.text = text

    def render(self, **_kwargs: object) -> str:
        """Return the text."""
        return self.text


class _Drawing(MacroElement):
    """Layers of shapes in their compact form, drawn by static/js/drawn.js."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.layers = layers

    def render(self, **_kwargs: object) -> str:
        """Add the script to the document; there is nothing of it elsewhere."""
        figure, drawn_on = cast("Figure", self.get_root()), cast("Element", self._parent)
        call = f"draw({drawn_on.get_name()}, {embedded(self.layers)});"
        figure.script.add_child(_Text(call), name=self.get_name())
        return ""


def draw(scene: Scene, *, shown: Picture) -> Drawn:
    """Return the map of a scene, its cells filled for ``shown``.

    What changes while people work, patches of ground and tracks, is drawn by the
    page's script, which learns of it: see :func:`patches` and :func:`tracks`.
    """
    geoms, tolerance = simplified([scene.shapes[code].geom for code in scene.filled])
    drawn = _frame()
    layers = {
        "under": _ground(scene.view.ground, UNDER, "under", tolerance),
        "cells": _cells(scene, geoms, shown),
        "over": _ground(scene.view.ground, OVER, "over", tolerance),
        "borders": _borders(scene, geoms),
    }
    drawn.add_child(_Drawing(layers))
    if geoms:
        west, south, east, north = shapely.total_bounds(_focus(scene, geoms))
        drawn.fit_bounds([[south, west], [north, east]], padding=MARGIN_PX)
    return Drawn(drawn, label_points(geoms, tolerance), tolerance)


def draw_cell(geom: BaseGeometry, *, ground: Mapping[str, Sequence[BaseGeometry]]) -> Drawn:
    """Return the map of one cell with the ground around it, and no border but its own."""
    (shape,), tolerance = simplified([geom])
    drawn = _frame()
    west, south, east, north = shape.bounds
    layers = {
        "under": _ground(ground, UNDER, "under", tolerance),
        "cells": _layer([_Shape(shape, "cell own")], "fills"),
        "over": _ground(ground, OVER, "over", tolerance),
        "borders": _layer(
            [_Shape(shape.boundary, "border own casing"), _Shape(shape.boundary, "border own")],
            "borders",
        ),
    }
    drawn.add_child(_Drawing(layers))
    drawn.fit_bounds([[south, west], [north, east]], padding=MARGIN_PX)
    return Drawn(drawn, label_points([shape], tolerance), tolerance)


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
    ready = _Text("L.Renderer.mergeOptions({padding: 0.5});\n" + DRAWN.read_text("utf-8"))
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


def _layer(shapes: Sequence[_Shape], pane: str, *, grid: int = GRID) -> Layer:
    """Return a layer whose look is its classes', and otherwise nobody's."""
    coded = [
        {"classes": s.classes, "fill": s.pattern, "known": s.known, "at": at}
        for s, at in zip(shapes, steps([s.geom for s in shapes], grid), strict=True)
    ]
    return {"pane": pane, "grid": grid, "shapes": coded}


def _cells(scene: Scene, geoms: Sequence[BaseGeometry], shown: Picture) -> Layer:
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


def _borders(scene: Scene, geoms: Sequence[BaseGeometry]) -> Layer:
    found = sorted(borders(geoms, paths(scene)), key=lambda border: -border.level)
    villages = [border.geom for border in found if border.level == Level.VILLAGE]
    # A pale casing lifts a village's border off dark fills.
    casing = [_Shape(shapely.union_all(villages), "border casing")] if villages else []
    lines: dict[bool, list[_Shape]] = {True: [], False: []}
    for border in found:
        shape = _Shape(border.geom, f"border {border.level.word}", {"sides": border.sides})
        lines[border.level == Level.UNIT].append(shape)
    return _layer([*lines[True], *casing, *lines[False]], "borders")


def patches(pictures: Iterable[Picture], shown: Picture, tolerance: float) -> Layer:
    """Return the ground that pictures draw by itself; what is not of ``shown`` is hidden."""
    shapes = []
    for picture in pictures:
        by_fill: dict[str, list[BaseGeometry]] = defaultdict(list)
        for patch in picture.patches:
            by_fill[patch.fill] += _areas([patch.geom])
        hidden = "" if picture is shown else " off"
        shapes += [
            _Shape(
                smoothed(geoms, max(tolerance * 2, GROUND_CELL)),
                f"patch {fill}{hidden}",
                {"ask": picture.ask.value},
            )
            for fill, geoms in by_fill.items()
            if geoms
        ]
    return _layer(shapes, "over", grid=COARSE_GRID)


def _areas(geoms: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return the polygons in some geometries."""
    parts = shapely.get_parts(geoms)
    return list(parts[shapely.get_type_id(parts) == GeometryType.POLYGON])


def tracks(scene: Scene, tolerance: float) -> Layer:
    """Return the walked lines."""
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
) -> Layer:
    shapes = []
    for kind in kinds:
        parts = shapely.get_parts(list(ground.get(kind, ())))
        areas = _areas(parts)
        lines = parts[shapely.get_type_id(parts) == GeometryType.LINESTRING]
        if areas:
            area = thinned(areas, tolerance, most=MOST_AREA_VERTICES)
            shapes.append(_Shape(area, f"ground {kind} area"))
        if lines.size:
            line = thinned(list(lines), tolerance * 2)
            shapes += [
                _Shape(line, f"ground {kind}{part} line") for part in STROKES.get(kind, ("",))
            ]
    return _layer(shapes, pane, grid=COARSE_GRID)
