"""The first list of a year's exceptional days, from the ``holidays`` package.

A seed and not an authority: the office edits the list and confirms the year.
The package is asked when a deployment is set up, never later, for an intranet
cannot update a package each December.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import holidays
from babel.core import get_global


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A day that differs from the plain week: off, or a swapped working day (调休)."""

    day: date
    working: bool
    name: str


NOWHERE = frozenset({"ZZ", "001"})
"""What CLDR calls the country of a zone that belongs to none."""


def country_of(zone_name: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of a time zone; None for UTC and the like."""
    aliases, countries = get_global("zone_aliases"), get_global("zone_territories")
    found: str | None = countries.get(aliases.get(zone_name, zone_name))
    return None if found in NOWHERE else found


def exceptional_days(country: str | None, years: Collection[int]) -> list[Exceptional]:
    """Return the days of ``years`` that differ from a five-day week, in order.

    None for a country that the package does not know: plain weeks.
    """
    table = _table(country, years)
    if table is None:
        return []
    # The attribute lists every year that the package knows, not only those asked for.
    swapped = {day for day in table.weekend_workdays if day.year in years}
    off = {day: name for day, name in table.items() if day.year in years and day not in swapped}
    found = [Exceptional(day, working=False, name=name) for day, name in off.items()]
    found += [Exceptional(day, working=True, name="") for day in swapped]
    return sorted(found, key=lambda exceptional: exceptional.day)


def announced(country: str | None, years: Collection[int]) -> frozenset[int]:
    """Return the years for which the package has the government's own list.

    China announces its swapped days in the autumn before; until then only the
    statutory days can be computed, and the package returns them as if complete.
    A country without such lists has nothing to wait for; one that the package
    does not know has nothing announced.
    """
    table = _table(country, years)
    if table is None:
        return frozenset()
    if not table.weekend_workdays:
        return frozenset(years)
    return frozenset(year for year in years if year in table.special_public_holidays)


def _table(country: str | None, years: Collection[int]) -> holidays.HolidayBase | None:
    if country is None:
        return None
    try:
        return holidays.country_holidays(country, years=years)
    except NotImplementedError:
        return None
