"""Read everything that the planner's page shows."""

from sqlalchemy import Connection

from api.questions import Asked
from api.view import below, ground, named
from gis.cells import overview
from gis.cells import store as cells
from gis.cells.scope import scope_of as ground_of
from gis.deployment import get_deployment
from gis.hierarchy import Code
from gis.messages import NOTHING, say
from gis.patrols.watch import watch_over
from gis.people import register
from gis.people import store as people
from maps.plan.view import PlanView, Tool
from maps.view import Ask, LeaderView, scope_of


def gather(conn: Connection, tool: Tool, *, asked: Asked, own: Code | None = None) -> PlanView:
    """Return the page's content, as of the last day asked for.

    Parameters
    ----------
    asked
        ``cell`` is the place looked at; None is everything in sight.
    own
        The cell that bounds what the reader may see; None is the whole deployment.
    """
    day, place = asked.last, asked.cell or own
    tree = below(cells.tree_on(conn, day), own)
    scope = scope_of(tree, cell=place, level=asked.level)
    shapes = cells.cells_on(conn, day, within=own)
    deployment = get_deployment(conn)
    watch = watch_over(conn, ground_of(conn, cell=None, level=None, on=day), last=day, at=asked.at)
    seen = LeaderView(
        name=deployment.name,
        zone=asked.zone,
        ask=Ask.CELLS,
        scope=scope,
        at=asked.at,
        first=asked.first,
        last=day,
        shapes=shapes,
        holders=people.holders_on(conn, day),
        listed={},
        filled={},
        ground=ground(conn, shapes),
        named=named(conn, shapes),
        note=say("Illustrative borders, not surveyed") if deployment.illustrative else NOTHING,
    )
    inside = set(tree.within(scope.place)) if scope.place is not None else set(tree.cells)
    lowest = set(overview.lowest(tree, inside))
    tops = {scope.place} if scope.place is not None else set(tree.roots)
    return PlanView(
        seen=seen,
        tool=tool,
        today=day,
        origins=overview.origins_on(conn, day),
        posts=register.posts_on(conn, day),
        vacated=watch.vacated,
        started=watch.started,
        defects=cells.defects(conn, within=scope.place),
        filling=overview.filling(
            [shape for shape in shapes if shape.code in tops],
            [shape for shape in shapes if shape.code in lowest],
        ),
    )
