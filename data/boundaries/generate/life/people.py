"""Who answers for which cell: invented people, real kinds of trouble.

Every given name is 示例 ("example") and every telephone number begins with zeros, so that
nobody can be mistaken for a person who exists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import numpy as np

from data.boundaries.generate.life.township import Cell, Township

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
)
STEMS = ("", "甲", "乙", "丙", "丁")
OFFICES = (
    ("乡党委", "chief"),
    ("乡人民政府", "chief"),
    ("党政办", "centre_staff"),
    ("党政办", "centre_staff"),
    ("党政办", "planner"),
    ("党政办", "administrator"),
    ("督查小组", "inspector"),
    ("督查小组", "inspector"),
    ("派出所", "department_staff"),
    ("司法所", "department_staff"),
    ("城管中队", "department_staff"),
    ("水利站", "department_staff"),
    ("供电所", "department_staff"),
)
"""Organisation and role of those who hold the whole township."""
WAITING = "340302200206"
"""The village whose 包村干部 is still to be named."""
VACANT, ON_LEAVE, DOUBLE = 4, 3, 5
"""Unit cells with nobody, with a deputy, with the holder of the next one too."""
LONG = 400
"""Days for which most people have been in office."""
TENURES = (700, 400, 400, 400, 200, 200, 200, 25)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person; ``id`` is the 工号."""

    id: str
    name: str
    phone: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A person in a role at a cell, first and last day included; ``until`` None is open.

    ``deputy_for`` is the id of the person stood in for, or empty.
    """

    person: Person
    role: str
    cell: str
    since: date
    until: date | None = None
    deputy_for: str = ""


def invented() -> Iterator[tuple[str, str, str]]:
    """Yield id, name and telephone number of one person after another; none twice."""
    for number, (stem, surname) in enumerate(product(STEMS, SURNAMES), 1):
        yield f"W{number:03d}", f"{surname}示例{stem}", f"0000000{number:04d}"


def appoint(town: Township, today: date, *, rng: np.random.Generator) -> list[Holding]:
    """Return the holdings as they stand on a day, ended ones included.

    Every village has two joint leaders but one, which waits for the second; some unit cells are
    vacant, one holder's time has run out, some are on leave with a deputy, some hold two cells.
    """
    people = invented()
    long_since = today - timedelta(days=LONG)

    def hold(organisation: str, role: str, cell: str, *, since: date = long_since,
             until: date | None = None) -> Holding:  # fmt: skip
        return Holding(Person(*next(people), organisation), role, cell, since, until)

    found = [hold(organisation, role, town.code) for organisation, role in OFFICES]
    found += [hold("乡党政班子", "area_leader", area.code) for area in town.areas]
    for village in town.villages:
        if village.code != WAITING:
            found.append(hold("包村干部", "village_leader", village.code))
        found.append(hold("村党组织书记", "village_leader", village.code))

    plain = [n for n, unit in enumerate(town.units) if not unit.kind]
    odd = [town.units[int(n)].code for n in
           rng.choice(plain, VACANT + 1 + ON_LEAVE + DOUBLE, replace=False)]  # fmt: skip
    expired, away = odd[VACANT], odd[VACANT + 1 : -DOUBLE]
    own: dict[str, Holding] = {}
    for unit in town.units:
        if unit.code not in odd or unit.code in (expired, *away):
            since = today - timedelta(days=int(rng.choice(TENURES)))
            until = None
            if unit.code == expired:
                since, until = long_since, today - timedelta(days=20)
            own[unit.code] = hold("村两委", "unit_worker", unit.code, since=since, until=until)
    found += own.values()
    able = [town.cells[code] for code in own if code not in (expired, *away)]
    for code in odd[-DOUBLE:]:
        mate = own[_nearest(town.cells[code], able).code]
        found.append(Holding(mate.person, mate.role, code, mate.since))
    for code in away:
        mate = own[_nearest(town.cells[code], able).code]
        since, until = today - timedelta(days=int(rng.integers(5, 18))), today + timedelta(days=10)
        found.remove(own[code])
        found += _around(own[code], since, until)
        found.append(Holding(mate.person, mate.role, code, since, until, own[code].person.id))
    return found


def _around(holding: Holding, since: date, until: date) -> list[Holding]:
    """Return a holding without the days of a leave, first and last day included."""
    one = timedelta(days=1)
    return [replace(holding, until=since - one), replace(holding, since=until + one)]


def active(holdings: Sequence[Holding], cell: str, *, day: date) -> list[Holding]:
    """Return the holders and deputies of a cell on a day."""
    return [h for h in holdings if h.cell == cell and is_active(h, day)]


def is_active(holding: Holding, day: date) -> bool:
    """Say whether a holding runs on a day."""
    return holding.since <= day and (holding.until is None or day <= holding.until)


def _nearest(cell: Cell, among: Sequence[Cell]) -> Cell:
    """Return the nearest cell of the same village."""
    mates = [other for other in among if other.parent == cell.parent]
    return min(mates, key=lambda other: cell.shape.distance(other.shape.centroid))
