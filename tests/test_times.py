from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gis import times
from gis.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "text",
    ["2026-05-18T14:30", "2026-05-18T14:30:00+08:00", "2026-05-18T06:30Z", " 2026-05-18 14:30 "],
)
def test_a_time_without_an_offset_is_local_and_every_time_is_kept_in_utc(text):
    found = times.instant(text, SHANGHAI, field="at")
    assert found == datetime(2026, 5, 18, 6, 30, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "18/5/2026", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_what_is_no_time_names_the_field_and_the_remedy(text):
    with pytest.raises(InvalidInput) as refusal:
        times.instant(text, SHANGHAI, field="at")
    assert refusal.value.field == "at"
    assert "2026-05-18T14:30" in str(refusal.value.remedy)


def test_a_date_is_a_date_and_nothing_else():
    assert times.local_date("2026-05-18", field="from") == date(2026, 5, 18)
    for text in ("2026-05-18T14:30", "0001-01-01", "9999-12-31"):
        with pytest.raises(InvalidInput):
            times.local_date(text, field="from")
