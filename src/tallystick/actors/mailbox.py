"""Where an actor's messages wait: bounded by count and by bytes, so that a full one makes senders wait."""

from collections import deque
from typing import Any, Generic, TypeVar

import trio
from attrs import define, field, frozen

from tallystick.actors.promise import Promise

M = TypeVar("M")


class MailboxFull(Exception):
    """No room now; only `put_nowait` says so."""


class MailboxClosed(Exception):
    """Its actor has stopped for good."""


@frozen(kw_only=True)
class Context:
    """What a message carries beside itself: whose work it is, and the trace that it belongs to."""

    client_id: str | None = None
    trace: str | None = None


@frozen(kw_only=True)
class Envelope(Generic[M]):
    """A message on its way."""

    message: M
    context: Context
    reply: Promise[Any] | None  #: None for a message that wants no answer
    arrived: float  #: trio's clock, seconds
    size: int  #: bytes that the message holds on to


@define(eq=False)
class Mailbox(Generic[M]):
    """First in, first out; one actor takes, anybody puts.

    Bounds: `limit` messages and `limit_bytes` held by them. One message larger than all the bytes is
    still taken when the mailbox is empty, or it could never be delivered.
    """

    limit: int = 64
    limit_bytes: int = 16 * 1024 * 1024
    _waiting: deque[Envelope[M]] = field(factory=deque, repr=False)
    _bytes: int = 0
    _senders: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, repr=False)
    _taker: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, repr=False)
    _closed: bool = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """What the waiting messages hold on to."""
        return self._bytes

    @property
    def oldest(self) -> float | None:
        """When the first message in line arrived, by trio's clock."""
        return self._waiting[0].arrived if self._waiting else None

    async def put(self, envelope: Envelope[M]) -> None:
        """Wait for room, then put. Raises: `MailboxClosed`."""
        await trio.lowlevel.checkpoint()
        while True:
            try:
                self.put_nowait(envelope)
            except MailboxFull:
                await self._senders.park()
            else:
                if self._senders and self._has_room(0):  # what was taken may have left room for several
                    self._senders.unpark()
                return

    def put_nowait(self, envelope: Envelope[M]) -> None:
        """Put without waiting. Raises: `MailboxFull`, `MailboxClosed`."""
        if self._closed:
            raise MailboxClosed
        if self._waiting and not self._has_room(envelope.size):
            raise MailboxFull
        self._waiting.append(envelope)
        self._bytes += envelope.size
        self._taker.unpark()

    def _has_room(self, size: int) -> bool:
        return len(self._waiting) < self.limit and self._bytes + size <= self.limit_bytes

    def put_first(self, message: Any) -> bool:
        """Put before all others and beyond every bound; for the kernel's own messages only.

        Returns False, and nothing is put, when it is closed.
        """
        if self._closed:
            return False
        envelope: Envelope[Any] = Envelope(
            message=message, context=Context(), reply=None, arrived=trio.current_time(), size=0
        )
        self._waiting.appendleft(envelope)
        self._taker.unpark()
        return True

    def discard(self, kind: type) -> None:
        """Drop messages of a class; for the kernel's own messages only."""
        self._waiting = deque(e for e in self._waiting if not isinstance(e.message, kind))

    async def take(self) -> Envelope[M]:
        """The next message, waiting for one. Raises: `MailboxClosed` when closed and empty."""
        while not self._waiting:
            if self._closed:
                raise MailboxClosed
            await self._taker.park()
        await trio.lowlevel.checkpoint()
        envelope = self._waiting.popleft()
        self._bytes -= envelope.size
        self._senders.unpark()
        return envelope

    def refuse(self) -> None:
        """Take nothing more from senders; what waits is still given out."""
        self._closed = True
        self._senders.unpark_all()
        self._taker.unpark_all()

    def close(self) -> list[Envelope[M]]:
        """Take nothing more; returns what nobody will handle."""
        self.refuse()
        left = list(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        return left
