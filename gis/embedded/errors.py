"""The one refusal of set-up: a sentence, and the command that mends it."""

from gis.errors import GridError
from gis.messages import Message, say


class SetupError(GridError):
    """Set-up cannot go on."""

    code = "set_up"

    def __init__(self, reason: Message, command: str) -> None:
        super().__init__(reason, remedy=say("Mend it with: {command}", command=command))
        self.command = command
