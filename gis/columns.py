"""What our columns hold: shapes, levels and words, as Python sees them and as SQL keeps them."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import MetaData
from sqlalchemy.types import TypeDecorator

from gis.hierarchy import Level

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Time = sa.DateTime(timezone=True)


class Shape(TypeDecorator[Any]):
    """A PostGIS geometry in EPSG:4326 that is a shapely object in Python."""

    impl = Geometry
    cache_ok = True

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__(kind, srid=4326, **options)

    def process_bind_param(self, value: Any, _dialect: Any) -> Any:
        """Shapely to WKB."""
        return None if value is None else from_shape(value, srid=4326)

    def process_result_value(self, value: Any, _dialect: Any) -> Any:
        """WKB to shapely."""
        return None if value is None else to_shape(value)


class LevelNumber(TypeDecorator[Level]):
    """A smallint column that is a Level in Python."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Any) -> Level | None:
        """Smallint to Level."""
        return None if value is None else Level(value)


def word(enum: type[StrEnum], name: str) -> sa.Enum:
    """Return a text column type that is ``enum`` in Python and CHECKed in SQL."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name,
        values_callable=lambda members: [m.value for m in members],
    )
