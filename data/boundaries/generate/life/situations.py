"""What goes wrong where: the kinds of issue, and where on the ground they come up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.boundaries.generate.ground.landscape import MARKET_STREET
from data.boundaries.generate.lattice import Floats
from data.boundaries.generate.life.township import Township, union


@dataclass(frozen=True, slots=True)
class Situation:
    """A kind of issue.

    ``share`` of all issues; ``simple``, the chance that a worker settles it on the spot;
    ``hour``, mean and spread of its local time; ``grave``, the chances of 较大 and of 重大.
    """

    category: str
    kind: str
    where: str
    share: float
    simple: float
    hour: tuple[float, float]
    grave: tuple[float, float]
    texts: tuple[str, ...]


SITUATIONS = (
    Situation("环境卫生", "占道经营", "market", 15, 0.72, (8.0, 1.3), (0.02, 0),
              ("摊位占用人行道，已影响通行", "集市散场后摊车未收", "店外堆货占道")),
    Situation("环境卫生", "河道垃圾", "river", 13, 0.35, (9.5, 2.0), (0.05, 0),
              ("岸边有生活垃圾", "水面漂浮物较多", "桥下倾倒建筑垃圾")),
    Situation("环境卫生", "垃圾清运", "hamlet", 12, 0.78, (9.0, 2.0), (0, 0),
              ("垃圾桶满溢", "巷口杂物堆放", "旱厕旁污水外流")),
    Situation("环境卫生", "排污", "park", 2, 0.05, (11.0, 3.0), (0.3, 0.02),
              ("厂区外沟渠水色异常", "装卸区扬尘")),
    Situation("安全隐患", "危旧房", "old_house", 9, 0.04, (10.0, 1.5), (0.35, 0.01),
              ("老屋山墙开裂", "闲置土房屋顶塌陷", "雨后墙体倾斜")),
    Situation("安全隐患", "道路", "road", 8, 0.15, (9.5, 3.0), (0.12, 0.01),
              ("路面坑洼积水", "护栏损坏", "路口视线被遮挡")),
    Situation("安全隐患", "用电", "hamlet", 5, 0.4, (10.0, 2.5), (0.15, 0),
              ("电线下垂", "飞线充电", "配电箱门未关")),
    Situation("安全隐患", "消防", "market", 4, 0.6, (15.0, 2.0), (0.1, 0),
              ("消防通道堆放杂物", "灭火器过期")),
    Situation("安全隐患", "露天焚烧", "field", 4, 0.45, (17.3, 1.2), (0.3, 0.02),
              ("田间焚烧秸秆", "地头冒烟")),
    Situation("安全隐患", "校园周边", "school", 2, 0.4, (16.5, 0.6), (0.15, 0),
              ("放学时段车辆拥堵", "校门口流动摊点")),
    Situation("矛盾纠纷", "邻里", "hamlet", 9, 0.62, (18.0, 2.0), (0.06, 0),
              ("宅基地边界有争执", "排水引发口角", "噪声扰邻")),
    Situation("公共设施", "路灯", "street", 6, 0.1, (19.6, 1.0), (0, 0),
              ("路灯不亮", "灯杆倾斜")),
    Situation("公共设施", "沟渠涵闸", "field", 5, 0.2, (10.0, 2.0), (0.1, 0.01),
              ("涵管堵塞", "渠边塌方", "闸门锈蚀无法启闭")),
    Situation("民生服务", "帮办", "hamlet", 5, 0.55, (10.0, 2.0), (0, 0),
              ("请协助办理补贴手续", "独居户请求送药")),
    Situation("违章搭建", "搭建", "hamlet", 3, 0.1, (11.0, 2.0), (0.1, 0),
              ("巷道内搭棚", "占用沟渠搭建")),
    Situation("治安防控", "防盗", "hamlet", 2, 0.2, (21.5, 1.5), (0.1, 0),
              ("夜间有陌生车辆停留", "电动车电瓶被盗")),
)  # fmt: skip
FLOOD = Situation("突发事件", "内涝", "river", 0, 0, (19, 1), (0.5, 0.2),
                  ("暴雨后路面积水，车辆无法通行", "院内进水", "沟渠漫溢"))  # fmt: skip

BAD_BANKS, OLD_QUARTERS = 7, 5
"""Stretches of bank and groups of old houses that come up again and again."""
QUARTER = 220.0
"""Metres around the heart of an old quarter."""

Sampler = Callable[[np.random.Generator], Floats]
"""Draws a point in metres."""


def samplers(town: Township, rng: np.random.Generator) -> dict[str, Sampler]:
    """Return a sampler for each ``where``; the hot spots are fixed here."""
    inside = town.outline.buffer(-3)
    banks = union(town.water, "river", "brook").boundary.intersection(inside)
    market = shapely.union_all([shape for properties, shape in town.roads
                                if properties["name"] == MARKET_STREET])  # fmt: skip
    hearts = town.houses[rng.choice(len(town.houses), OLD_QUARTERS, replace=False)]
    old = [_around(town.houses, heart, radius=QUARTER) for heart in hearts]
    return {
        "market": _along(market, 9),
        "river": _either(
            0.6, _one_of(_points(banks, BAD_BANKS, rng=rng), 28), second=_along(banks, 12)
        ),
        "old_house": _either(0.75, _one_of(np.concatenate(old), 4), second=_one_of(town.houses, 4)),
        "hamlet": _one_of(town.houses, 9),
        "road": _along(union(town.roads, "road", "lane").intersection(inside), 3),
        "street": _along(union(town.roads, "street"), 4),
        "field": _one_of(_fields(town, rng), 60),
        "school": _one_of(_middle(town, "school"), 45),
        "park": _one_of(_middle(town, "park"), 90),
    }


def _fields(town: Township, rng: np.random.Generator) -> Floats:
    """Return points in the open country, in no hamlet and no water."""
    west, south, east, north = town.outline.bounds
    xy = rng.uniform((west, south), (east, north), (600, 2))
    built = [shape for _, shape in (*town.hamlets, *town.water)]
    open_country = shapely.difference(town.outline.buffer(-80), shapely.union_all(built))
    return np.asarray(xy[shapely.contains_xy(open_country, xy)])


def _middle(town: Township, kind: str) -> Floats:
    shapes = [unit.shape for unit in town.units if unit.kind == kind]
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(shapes)))


def _around(xy: Floats, heart: Floats, *, radius: float) -> Floats:
    return np.asarray(xy[np.hypot(*(xy - heart).T) < radius])


def _one_of(points: Floats, spread: float) -> Sampler:
    return lambda rng: points[int(rng.integers(len(points)))] + rng.normal(0, spread, 2)


def _along(lines: BaseGeometry, spread: float) -> Sampler:
    return lambda rng: _points(lines, 1, rng=rng)[0] + rng.normal(0, spread, 2)


def _either(chance: float, first: Sampler, *, second: Sampler) -> Sampler:
    return lambda rng: first(rng) if rng.random() < chance else second(rng)


def _points(lines: BaseGeometry, count: int, *, rng: np.random.Generator) -> Floats:
    """Return ``count`` points (n, 2) spread evenly at random along some lines."""
    pieces = shapely.get_parts(lines)
    ends = np.cumsum(shapely.length(pieces))
    at = rng.uniform(0, ends[-1], count)
    piece = np.searchsorted(ends, at)
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(pieces[piece], at - ends[piece]))
    )
