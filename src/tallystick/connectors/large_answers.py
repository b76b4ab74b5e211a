"""One large answer at a time in the whole process: what is larger than most must not come together."""

from typing import Final

import trio
from attrs import define, field

#: Stands for the owner while the place is on its way to the first of those who wait.
_NEXT: Final = object()


@define(eq=False)
class LargeAnswers:
    """The process's one place for an answer that grows past `above_bytes`.

    Who needs it stops reading until it is free: the provider waits meanwhile, not our memory. It is held
    until the page is on the disk or given up, so only an answer that nothing else must precede may take it,
    and each page is an owner of its own. It changes hands in the order of asking.
    """

    above_bytes: int = 4 * 1024 * 1024
    _owner: object | None = field(default=None, repr=False)
    _waiting: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, repr=False)

    async def take(self, owner: object) -> bool:
        """Wait for the place; an owner that has it keeps it. Returns whether it was taken just now.

        Cancelled while it waits, it has taken nothing.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._owner is owner:
            return False
        if self._owner is not None:
            await self._waiting.park()
        self._owner = owner
        try:
            await trio.lowlevel.checkpoint_if_cancelled()
        except trio.Cancelled:
            self.release(owner)
            raise
        return True

    def release(self, owner: object) -> None:
        """Let the place go, and let the next one have it. Nothing happens for who does not hold it."""
        if self._owner is owner:
            self._owner = _NEXT if self._waiting else None
            self._waiting.unpark()

    @property
    def waiting(self) -> int:
        """How many answers stand still for the place."""
        return len(self._waiting)
