"""Messages that nobody handled, kept for a person to look at and to send again."""

from typing import Any, Final

from attrs import define, field, frozen

from tallystick.actors.mailbox import Context, Envelope

_KEPT: Final = 100
_KEPT_BYTES: Final = 16 * 1024 * 1024


@frozen(kw_only=True)
class DeadLetter:
    """A message that was given up, with the reason; `Supervisor.resend` sends it again."""

    id: str  #: `SUPERVISOR-NUMBER`, one's own in this process
    kind: str  #: of its actor
    actor: str
    message: object
    context: Context
    reason: str
    traceback: str  #: empty when nothing crashed
    arrived_s: float  #: when it reached the mailbox, by trio's clock
    size: int  #: bytes that the message holds on to


@define(eq=False)
class DeadLetters:
    """The last ones of a supervisor, bounded by count and by bytes: the oldest make room."""

    name: str
    _letters: dict[str, DeadLetter] = field(factory=dict, repr=False)
    _bytes: int = 0
    _number: int = 0

    def add(
        self, kind: str, actor: str, envelope: Envelope[Any], reason: str, traceback: str = ""
    ) -> DeadLetter:
        """Keep a message."""
        self._number += 1
        letter = DeadLetter(
            id=f"{self.name}-{self._number}",
            kind=kind,
            actor=actor,
            message=envelope.message,
            context=envelope.context,
            reason=reason,
            traceback=traceback,
            arrived_s=envelope.arrived,
            size=envelope.size,
        )
        self._letters[letter.id] = letter
        self._bytes += letter.size
        while len(self._letters) > _KEPT or (self._bytes > _KEPT_BYTES and len(self._letters) > 1):
            self.take(next(iter(self._letters)))
        return letter

    def find(self, letter_id: str) -> DeadLetter:
        """One of them. Raises: `KeyError`."""
        return self._letters[letter_id]

    def take(self, letter_id: str) -> DeadLetter:
        """Take one out. Raises: `KeyError`."""
        letter = self._letters.pop(letter_id)
        self._bytes -= letter.size
        return letter

    def all(self) -> tuple[DeadLetter, ...]:
        """What is kept, oldest first."""
        return tuple(self._letters.values())
