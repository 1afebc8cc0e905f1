"""The township as its files tell it: cells, ways, water, houses; all in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from data.boundaries.generate import geojson
from data.boundaries.generate.files import CELLS, LAYERS
from data.boundaries.generate.geojson import Feature
from data.boundaries.generate.ground.settlement import doors
from data.boundaries.generate.lattice import Floats, Ints


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell; ``kind`` is empty for an ordinary one, ``parent`` for the township."""

    code: str
    parent: str
    kind: str
    shape: Polygon


@dataclass(frozen=True)
class Township:
    """What lies where. ``houses`` (n, 2) are doors, ``house_unit`` (n,) indexes ``units``."""

    cells: dict[str, Cell]
    outline: Polygon
    units: Sequence[Cell]
    villages: Sequence[Cell]
    areas: Sequence[Cell]
    roads: Sequence[Feature]
    water: Sequence[Feature]
    hamlets: Sequence[Feature]
    houses: Floats
    house_unit: Ints

    @property
    def code(self) -> str:
        """The township's own code."""
        return self.areas[0].parent

    @cached_property
    def index(self) -> shapely.STRtree:
        """Spatial index of ``units``."""
        return shapely.STRtree([unit.shape for unit in self.units])

    def unit_at(self, xy: Floats) -> Cell | None:
        """Return the unit cell that a point lies in, None outside the township."""
        found = self.index.query(shapely.Point(xy), predicate="intersects")
        return self.units[int(found.min())] if len(found) else None

    def houses_of(self, unit: Cell) -> Floats:
        """Return the doors in a unit cell, shape (n, 2)."""
        return np.asarray(self.houses[self.house_unit == self.units.index(unit)])

    def below(self, code: str) -> list[Cell]:
        """Return the unit cells of a cell of any level, itself included."""
        return self._below[code]

    @cached_property
    def _below(self) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {code: [] for code in self.cells}
        for unit in self.units:
            code = unit.code
            while code:
                found[code].append(unit)
                code = self.cells[code].parent
        return found


def read(folder: Path) -> Township:
    """Return the township whose files lie in ``folder``."""
    by_level = {level: _cells(folder / name) for level, name in CELLS.items()}
    layers = {name: geojson.read_metres(folder / path) for name, path in LAYERS.items()}
    units = by_level["unit"]
    houses, _ = doors(geojson.parts(layers["houses"]))
    at, unit = shapely.STRtree([cell.shape for cell in units]).query(
        shapely.points(houses), predicate="intersects"
    )
    return Township(
        cells={cell.code: cell for cells in by_level.values() for cell in cells},
        outline=by_level["township"][0].shape,
        units=units,
        villages=by_level["village"],
        areas=by_level["area"],
        roads=layers["roads"],
        water=layers["water"],
        hamlets=layers["hamlets"],
        houses=houses[at],
        house_unit=unit,
    )


def union(features: Sequence[Feature], *kinds: str) -> BaseGeometry:
    """Return all features of some kinds as one geometry."""
    return shapely.union_all([shape for properties, shape in features
                              if properties["kind"] in kinds])  # fmt: skip


def _cells(path: Path) -> list[Cell]:
    return [
        Cell(properties["code"], properties["parent"] or "", properties["kind"], shape)
        for properties, shape in geojson.read_metres(path)
    ]
