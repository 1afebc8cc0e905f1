"""The drawn land: water, ways, railway, hills and the rough outline of the township.

The control points are drawn by hand; curves and noise do the rest. Metres from
``lattice.ORIGIN``, x east and y north. Nothing is surveyed. The village names gave the idea:
a polder (圩) by the river, hills (山, 岗) in the south-east, an orchard by the lake.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.boundaries.generate.ground import curves

CANVAS = [
    (-5700, -2300), (-4300, -4700), (-300, -5000), (3700, -5100), (5600, -2900), (5350, 200),
    (5700, 3900), (2700, 5000), (-1500, 4700), (-5200, 4500), (-5500, 1300),
]  # fmt: skip
"""The drawn ground, larger than the township: roads and water go on. Its sides are oblique, so
that outlying fields do not all point north."""

CENTRE = (-250.0, 350.0)
"""The crossroads at the township's seat."""

OUTLINE = [
    (-3900, 1200), (-4040, 2060), (-3220, 2450), (-2930, 3220), (-1970, 3180), (-1590, 2790),
    (-1100, 2930), (-910, 3740), (190, 3990), (870, 3560), (1440, 3220), (2020, 3560),
    (2260, 4040), (3180, 3800), (3510, 2880), (4230, 2410), (3900, 1490), (4130, 870),
    (4860, 240), (4510, -670), (3800, -910), (4180, -1640), (4040, -2500), (3180, -2740),
    (2880, -3360), (2020, -3560), (1640, -4090), (630, -3850), (330, -3180), (-330, -3030),
    (-870, -3510), (-1730, -3460), (-2120, -2790), (-2930, -2980), (-3600, -2500),
    (-3800, -1640), (-4090, -870), (-3950, -100), (-4280, 490),
]  # fmt: skip
LAKE = [
    (-3950, 650), (-3600, 500), (-3480, 80), (-3680, -250), (-3330, -600), (-3280, -1050),
    (-3520, -1300), (-3420, -1750), (-3650, -2150), (-4050, -2250), (-4300, -1800),
    (-4250, -1300), (-4650, -900), (-4700, -250), (-4420, 150),
]  # fmt: skip
MIDLAKE = [
    [(-4100, 1600), (-4020, -400), (-3900, -1500), (-3800, -3300)],
    [(-3300, -640), (-4020, -640)],
]
"""Lines on the water that divide the lake between its shores."""

RIVER = [
    (5900, -900), (5200, -1250), (4300, -700), (3500, -950), (2700, -350), (1900, -600),
    (1150, -50), (450, -380), (-350, -250), (-1000, -650), (-1700, -250), (-2350, -600),
    (-2950, -300), (-3500, -720), (-3900, -700),
]  # fmt: skip
BROOKS = [
    [(2300, 5200), (2050, 4300), (2350, 3400), (1750, 2700), (1950, 1800), (1450, 1150),
     (1500, 450), (1150, -50)],
    [(900, -5300), (1250, -4300), (800, -3500), (1150, -2700), (700, -1900), (900, -1150),
     (450, -380)],
    [(-2600, 5200), (-2250, 4100), (-2550, 3100), (-2150, 2100), (-2400, 1100), (-2150, 350),
     (-2350, -600)],
    [(-3900, -1550), (-4800, -1750), (-5300, -1500), (-5900, -1700)],
]  # fmt: skip
RAILWAY = [
    (-5900, 4100), (-3800, 3000), (-1500, 2150), (1000, 1650), (3400, 900), (5900, -350),
]  # fmt: skip
ROADS = {
    "东西大道": [(-5900, 900), (-4300, 1150), (-2800, 750), (-1500, 500), (-250, 350),
                 (1300, 560), (2900, 280), (4300, 480), (5900, 300)],
    "南北大道": [(-900, 5200), (-700, 3700), (-420, 2300), (-300, 1200), (-250, 350),
                 (-80, -600), (-300, -1700), (-100, -3000), (-450, -5300)],
    "山前路": [(-80, -600), (900, -1500), (2000, -2000), (2900, -2700), (4200, -3300),
               (5900, -4300)],
    "湖滨路": [(-2800, 750), (-2750, -100), (-2500, -1100), (-2650, -2100), (-2300, -3100),
               (-2700, -5300)],
    "东北路": [(-420, 2300), (800, 2650), (2000, 3000), (3300, 2600), (4100, 3300),
               (5900, 4100)],
    "圩堤路": [(2900, 280), (3150, -500), (2900, -1300), (2000, -2000)],
    "西北路": [(-420, 2300), (-1500, 2750), (-2900, 2300), (-4000, 2500), (-5900, 2700)],
}  # fmt: skip
LANES = [
    [(-4300, 1150), (-3700, 2100), (-3000, 2900), (-2700, 4100), (-3100, 5200)],
    [(-700, 3700), (300, 3350), (1300, 3500), (2050, 4300)],
    [(3300, 2600), (3900, 1900), (4250, 1100), (4300, 480)],
    [(2000, 3000), (2900, 3600), (3400, 4400), (3200, 5400)],
    [(2900, -1300), (3700, -1450), (4500, -2000), (5900, -2300)],
    [(-100, -3000), (800, -3300), (1600, -3700), (2600, -3500), (2900, -2700)],
    [(-2650, -2100), (-1700, -2350), (-900, -2150), (-100, -2450)],
    [(-2300, -3100), (-1500, -3450), (-700, -3300), (-100, -3000)],
    [(-2650, -2100), (-3300, -2600), (-4100, -3000), (-5900, -3300)],
    [(-1500, 500), (-1250, 1300), (-1600, 2000), (-1500, 2750)],
    [(1300, 560), (1650, 1300), (1400, 2000), (800, 2650)],
    [(2900, 280), (2600, 1200), (3000, 1900), (3300, 2600)],
    [(-2500, -1100), (-1700, -1000), (-1000, -1350), (-200, -1150)],
    [(-5900, 3600), (-4600, 3000), (-3900, 3500), (-2700, 4100)],
    [(-3650, 1000), (-3800, 760), (-3900, 450)],
    [(-3850, -1950), (-3780, -2350), (-3550, -2680)],
]
STREETS = {
    "老街": [(-620, 690), (-560, 120), (-640, -60)],
    "北街": [(-1000, 415), (-960, 780), (-300, 840), (330, 760), (360, 420)],
    "东街": [(60, 385), (90, 795)],
    "南街": [(-1010, 430), (-1050, 60), (-560, 100), (-170, 60), (330, 120), (350, 400)],
}
MARKET_STREET = "老街"
HILLS = [
    [(1500, -2550), (2100, -2350), (2550, -2750), (2300, -3250), (1750, -3500), (1350, -3100)],
    [(3150, -1750), (3600, -1500), (3950, -1850), (3650, -2350), (3250, -2200)],
]
ORCHARD = [
    (-3150, -1050), (-2650, -1200), (-2620, -2050), (-2900, -2450), (-3400, -2350),
    (-3250, -1700),
]  # fmt: skip

RIVER_HALF_WIDTH, BROOK_HALF_WIDTH = 26.0, 9.0


class Line(NamedTuple):
    """A drawn line in metres. ``kind`` is one of ``parcels.KINDS``; most have no name."""

    kind: str
    name: str
    shape: LineString


@dataclass(frozen=True, slots=True)
class Landscape:
    """Everything drawn, in metres; ``lines`` are centre lines."""

    lines: list[Line]
    outline: Polygon
    lake: Polygon
    river: BaseGeometry
    brooks: BaseGeometry
    hills: list[Polygon]
    orchard: Polygon

    def of_kind(self, *kinds: str) -> BaseGeometry:
        """Return all lines of some kinds as one geometry."""
        return shapely.union_all([line.shape for line in self.lines if line.kind in kinds])


def draw(rng: np.random.Generator) -> Landscape:
    """Return the land, its natural wiggle drawn from ``rng``."""
    lake = Polygon(curves.loop(LAKE, 60, amplitude=18, rng=rng))
    water = [Line("river", "示例河", curves.line(RIVER, 45, amplitude=22, rng=rng))]
    water += [
        Line("brook", "", curves.line(points, 45, amplitude=26, rng=rng)) for points in BROOKS
    ]
    ways = [Line("railway", "示例铁路", curves.line(RAILWAY, 120, amplitude=0, rng=rng))]
    ways += [
        Line("road", name, curves.line(road, 60, amplitude=5, rng=rng))
        for name, road in ROADS.items()
    ]
    ways += [Line("lane", "", curves.line(points, 60, amplitude=14, rng=rng)) for points in LANES]
    ways += [Line("street", name, curves.line(points, 40, amplitude=2, rng=rng))
             for name, points in STREETS.items()]  # fmt: skip
    water, ways = _joined(water), _joined(ways)
    river, *brooks = (line.shape for line in water)
    bed = shapely.difference(river.buffer(RIVER_HALF_WIDTH), lake)
    beds = shapely.union_all([brook.buffer(BROOK_HALF_WIDTH) for brook in brooks])
    frame = [Line("shore", "", LineString(lake.exterior))]
    # A few metres into the water, or onto the shore: an end that only touches may miss.
    frame += [Line("midlake", "", _longest(LineString(points).intersection(lake.buffer(3))))
              for points in MIDLAKE]  # fmt: skip
    frame.append(Line("edge", "", LineString([*CANVAS, CANVAS[0]])))
    banks = [line._replace(shape=_longest(line.shape.difference(lake.buffer(-8))))
             for line in water]  # fmt: skip
    return Landscape(
        lines=[*banks, *ways, *frame],
        outline=Polygon(curves.loop(OUTLINE, 80, amplitude=30, rng=rng)),
        lake=lake,
        river=bed,
        brooks=shapely.difference(beds, shapely.union_all([lake, bed])),
        hills=[Polygon(curves.loop(points, 60, amplitude=25, rng=rng)) for points in HILLS],
        orchard=Polygon(curves.loop(ORCHARD, 60, amplitude=10, rng=rng)),
    )


def _joined(lines: list[Line]) -> list[Line]:
    shapes = curves.joined([line.shape for line in lines])
    return [line._replace(shape=shape) for line, shape in zip(lines, shapes, strict=True)]


def _longest(lines: BaseGeometry) -> LineString:
    return max(shapely.get_parts(lines), key=shapely.length)
