import numpy as np
import pytest

from gis.cells.coordinates import read_coordinate
from gis.cells.datum import Datum, to_bd09, to_gcj02, to_wgs84
from gis.cells.problems import Fault
from gis.errors import Problem

# Coordinates of tables

LILOU = (117.40, 32.85, 117.50, 32.95)


def test_a_coordinate_is_read_from_its_words():
    assert read_coordinate(" 117.4535", "32.892 ", row=1) == (117.4535, 32.892)
    assert read_coordinate("-71.0587", "+4.23594e1", row=1, territory=LILOU) == (-71.0587, 42.3594)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("", "32.892", Fault.NOT_A_NUMBER),
        ("117,45", "32.892", Fault.NOT_A_NUMBER),
        ("nan", "32.892", Fault.NOT_A_NUMBER),
        ("117.45", "Infinity", Fault.NOT_A_NUMBER),
        ("117_45", "32.892", Fault.NOT_A_NUMBER),
        ("１１７", "32.892", Fault.NOT_A_NUMBER),
        ("0", "0.0", Fault.NULL_ISLAND),
        ("181", "32.892", Fault.OUT_OF_RANGE),
        ("1e400", "32.892", Fault.OUT_OF_RANGE),
        ("32.892", "117.4535", Fault.SWAPPED),
    ],
)
def test_a_bad_coordinate_is_a_problem_of_its_row(lon, lat, code):
    for territory in (None, LILOU):
        found = read_coordinate(lon, lat, row=7, territory=territory)
        assert isinstance(found, Problem)
        assert (found.code, found.row) == (code, 7)


def test_axes_that_both_could_be_degrees_are_told_apart_by_the_territory():
    boston = (-71.19, 42.22, -70.99, 42.40)
    found = read_coordinate("42.36", "-71.06", row=1, territory=boston)
    assert isinstance(found, Problem)
    assert found.code == Fault.SWAPPED
    assert read_coordinate("42.36", "-71.06", row=1) == (42.36, -71.06)
    assert read_coordinate("10", "20", row=1, territory=boston) == (10, 20)


# Datums


@pytest.mark.parametrize(("datum", "forward"), [(Datum.GCJ02, to_gcj02), (Datum.BD09, to_bd09)])
def test_the_inverse_of_a_datum_is_exact_to_a_micrometre(datum, forward):
    rng = np.random.default_rng(1)
    there = rng.uniform([74, 18], [134, 53], (10_000, 2))
    back = to_wgs84(forward(there), datum)
    assert np.abs(back - there).max() * 111_320 < 1e-6
    assert len(to_wgs84(np.empty((0, 2)), datum)) == 0


def test_gcj02_is_577_m_off_at_lilou_and_nothing_outside_china():
    at = np.array([[117.4535, 32.8920], [-71.06, 42.36]])
    moved = (to_gcj02(at) - at) * [93_525, 110_904]
    assert np.hypot(*moved[0]) == pytest.approx(577, abs=1)
    assert np.hypot(*moved[1]) == 0
    assert to_wgs84(at, Datum.CGCS2000) is at
