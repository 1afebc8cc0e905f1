"""An issue as a map shows it: a place, a state, and whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gis.hierarchy import Code
from gis.issues.lifecycle import Severity, Status


@dataclass(frozen=True, slots=True)
class Pin:
    """One issue on the map.

    Attributes
    ----------
    lon, lat
        EPSG:4326; a point on the surface of a line or an area.
    overdue
        Open and past its due time.
    escalated
        In the hands of a level above the one that it came to first.
    owner, owner_name
        The cell in whose inbox it is; empty in the centre's queue.
    holders
        Who answers for that cell now, by name; empty where nobody does.
    due
        None where it has no deadline.
    """

    id: UUID
    lon: float
    lat: float
    status: Status
    category: str
    text: str
    severity: Severity
    overdue: bool
    escalated: bool
    owner: Code
    owner_name: str
    holders: Sequence[str]
    due: datetime | None
    reported_at: datetime
