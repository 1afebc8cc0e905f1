"""Boundary files made for a test: shapes at Lilou, and a way to import them."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from shapely import box
from shapely.geometry import mapping
from sqlalchemy import Connection, func, select

from gis import deployment
from gis.cells import store
from gis.cells.importing import ImportReport, import_cells
from gis.cells.metres import degree_m
from gis.cells.model import CellShape
from gis.cells.reading import read
from gis.errors import InvalidFile, Problem
from gis.hierarchy import Level
from gis.tables import cell_version

EAST, NORTH = degree_m(32.895)
"""Metres in a degree there: 93,522 and 110,904."""

WEST = box(117.45, 32.89, 117.46, 32.90)
MIDDLE = box(117.46, 32.89, 117.47, 32.90)
EASTERN = box(117.47, 32.89, 117.48, 32.90)
BOTH = box(117.45, 32.89, 117.47, 32.90)

SQUARE = [[117.45, 32.89], [117.46, 32.89], [117.46, 32.90], [117.45, 32.90], [117.45, 32.89]]

Bring = Callable[..., ImportReport]


def named(conn: Connection) -> Connection:
    """Name the township that is served; it has no cells."""
    deployment.found(
        conn, code="340302200", name="李楼乡", timezone="Asia/Shanghai", on=date(2026, 5, 1)
    )
    return conn


def importer(conn: Connection, folder: Path) -> Bring:
    """Return a function that imports shapes by code; (shape, parent) fills the field ``above``."""

    def bring(level: Level, shapes: Mapping[str, object], **options: object) -> ImportReport:
        features = []
        for code, given in shapes.items():
            shape, above = given if isinstance(given, tuple) else (given, None)
            properties = {"code": code, "name": f"网格{code}", "above": above}
            geometry = mapping(shape) if shape is not None else None
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        path = folder / "cells.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return import_cells(conn, path, level=level, **options)

    return bring


def stopped(
    bring: Bring, level: Level, shapes: Mapping[str, object], **options: object
) -> tuple[Problem, ...]:
    """Return the problems that stop an import."""
    with pytest.raises(InvalidFile) as error:
        bring(level, shapes, **options)
    return error.value.problems


def cells(conn: Connection) -> dict[str, CellShape]:
    """Return the cells of today, by code."""
    return {cell.code: cell for cell in store.cells_on(conn)}


def overlapping() -> dict[str, object]:
    """Return A and B, which share a strip of 0.0001 degree."""
    return {"A": WEST, "B": box(117.4599, 32.89, 117.47, 32.90)}


def feature(coordinates: object, *, kind: str = "Polygon") -> dict[str, object]:
    """Return a GeoJSON feature of code A, right or wrong."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": "A"}, "geometry": geometry}


def collection(*features: object, **more: object) -> dict[str, object]:
    """Return a GeoJSON FeatureCollection, with more members if asked."""
    return {"type": "FeatureCollection", "features": list(features), **more}


def written(content: object, path: Path) -> Path:
    """Write bytes, text or JSON to a file; return it."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def refused(path: Path, **options: str) -> list[str]:
    """Return the codes with which a file is refused as a whole."""
    with pytest.raises(InvalidFile) as error:
        read(path, **options)
    assert all(str(problem.message) for problem in error.value.problems)
    return [problem.code for problem in error.value.problems]


def versions(conn: Connection) -> int:
    """Count the versions of cells that were ever stored."""
    return conn.execute(select(func.count()).select_from(cell_version)).scalar_one()
