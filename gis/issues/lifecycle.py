"""The words of an issue's life: where it stands, what is written of it, how grave it is."""

from enum import StrEnum


class Severity(StrEnum):
    """How grave an issue is."""

    ORDINARY = "ordinary"  # 一般
    SERIOUS = "serious"  # 较大
    MAJOR = "major"  # 重大


class Status(StrEnum):
    """Where an issue stands."""

    REPORTED = "reported"  # 上报
    ACCEPTED = "accepted"  # 受理
    RESOLVED = "resolved"  # 办结
    CLOSED = "closed"  # 核查结案
    REJECTED = "rejected"  # 不予受理
    SUSPENDED = "suspended"  # 挂账

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self not in {Status.CLOSED, Status.REJECTED}


class Kind(StrEnum):
    """A line of the ledger: an act of a person, or a step of the clock."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXTENDED = "extended"  # granted
    SUSPENDED = "suspended"  # 挂账, granted
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    WARNED = "warned"
    ESCALATED = "escalated"
    OVERDUE = "overdue"  # past the limit, and nobody above to take over
    YELLOW = "yellow"
    RED = "red"


STATUS_AFTER: dict[Kind, Status] = {
    Kind.REPORTED: Status.REPORTED,
    Kind.ESCALATED: Status.REPORTED,
    Kind.ACCEPTED: Status.ACCEPTED,
    Kind.REJECTED: Status.REJECTED,
    Kind.SUSPENDED: Status.SUSPENDED,
    Kind.RESUMED: Status.ACCEPTED,
    Kind.RESOLVED: Status.RESOLVED,
    Kind.REOPENED: Status.ACCEPTED,
    Kind.CLOSED: Status.CLOSED,
}
"""Where an issue stands after a line; kinds that are not here leave it where it was."""
