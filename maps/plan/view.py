"""What the planner's page is made of, and what is done on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gis.cells.defects import Defect
from gis.cells.overview import Filling, Origin
from gis.hierarchy import Code
from gis.people.register import Held
from maps.view import LeaderView


class Tool(StrEnum):
    """What a planner does; the words of ``/plan?show=``."""

    CELLS = "cells"
    DEFECTS = "defects"
    POSTS = "posts"
    IMPORT = "import"
    REDRAW = "redraw"


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything the page shows.

    Attributes
    ----------
    seen
        The place, its cells and the ground, as the map of the leader has them.
    origins, posts
        By cell.
    vacated
        The day from which each cell was last without anybody, where somebody was.
    started
        First day of service: a cell that nobody ever held is vacant since then.
    defects
        Of the place, the largest first.
    filling
        How the lowest cells fill the place.
    """

    seen: LeaderView
    tool: Tool
    today: date
    origins: Mapping[Code, Origin]
    posts: Mapping[Code, Sequence[Held]]
    vacated: Mapping[Code, date]
    started: date
    defects: Sequence[Defect]
    filling: Filling
