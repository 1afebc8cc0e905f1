from datetime import date

import pytest

from gis.deployment import found, get_deployment
from gis.errors import Conflict, InvalidInput, NotFound

LILOU = {"code": "340302200", "name": "李楼乡", "timezone": "Asia/Shanghai"}
DAY = date(2026, 5, 18)


def test_before_it_is_named_the_remedy_is_the_command(conn):
    with pytest.raises(NotFound) as refusal:
        get_deployment(conn)
    assert "wangge init" in str(refusal.value.remedy)


def test_the_same_again_changes_nothing(conn):
    first = found(conn, **LILOU, on=DAY)
    again = found(conn, **LILOU, on=date(2027, 1, 1))
    assert first == again == get_deployment(conn)
    assert again.started_on == DAY


@pytest.mark.parametrize("change", [{"code": "1"}, {"name": "x"}, {"timezone": "UTC"}])
def test_another_township_in_the_same_installation_is_a_conflict(conn, change):
    found(conn, **LILOU, on=DAY)
    with pytest.raises(Conflict):
        found(conn, **(LILOU | change), on=DAY)


@pytest.mark.parametrize(
    "change, field",
    [({"code": " "}, "code"), ({"name": ""}, "name"), ({"timezone": "Mars/Base"}, "timezone")],
)
def test_what_cannot_be_is_refused_by_field(conn, change, field):
    with pytest.raises(InvalidInput) as refusal:
        found(conn, **(LILOU | change), on=DAY)
    assert refusal.value.field == field
