"""Who a person is to the service; the names are a public contract."""

from enum import StrEnum

from gis.hierarchy import Level


class Role(StrEnum):
    """A post, and what an account may see and do."""

    CHIEF = "chief"  # 总网格长
    AREA_LEADER = "area_leader"  # 片区网格长
    VILLAGE_LEADER = "village_leader"  # 村级网格长
    UNIT_WORKER = "unit_worker"  # 单元网格员
    CENTRE_STAFF = "centre_staff"  # 网格化管理中心
    PLANNER = "planner"
    DEPARTMENT_STAFF = "department_staff"
    INSPECTOR = "inspector"  # 督查小组
    ADMINISTRATOR = "administrator"


HOLDS: dict[Role, Level] = {
    Role.CHIEF: Level.TOWNSHIP,
    Role.AREA_LEADER: Level.AREA,
    Role.VILLAGE_LEADER: Level.VILLAGE,
    Role.UNIT_WORKER: Level.UNIT,
}
"""The roles that answer for ground, and the level of the cells they hold."""

PLANS = frozenset({Role.PLANNER, Role.CENTRE_STAFF, Role.ADMINISTRATOR})
"""The roles that may change cells."""
