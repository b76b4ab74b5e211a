"""The sandbox's clock: real time, plus what `POST /_control/clock` has added."""

from datetime import UTC, datetime, timedelta

from attrs import define


@define
class Clock:
    """Aware UTC. Tokens, limits and `UpdatedDateUTC` all go by it, so that time can be advanced."""

    offset_s: float = 0.0  #: seconds ahead of real time

    def now(self) -> datetime:
        """The sandbox's present."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.offset_s += seconds
