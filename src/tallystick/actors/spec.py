"""What a supervisor is told of a child, as data: a tree of these can be printed, tested and read."""

from collections.abc import Callable
from typing import Any, Literal, Protocol, runtime_checkable

from attrs import field, frozen, validators

from tallystick.actors.address import Address
from tallystick.actors.mailbox import Context
from tallystick.actors.tasks import Tasks

Restart = Literal["permanent", "transient", "temporary"]


class Actor(Protocol):
    """One class, one message at a time, state that nobody else touches."""

    async def started(self) -> None:
        """Before the first message, of a restarted one too. A crash here is a crash."""

    async def handle(self, message: Any) -> object:
        """Act on one message and return at once; long work is a task that reports back.

        What it returns is the asker's answer (a `Promise` for one that comes later). A `TallystickError`
        is an answer too; any other exception is a crash: the message goes to the dead letters and the
        next one is handled by a new object.
        """


@runtime_checkable
class Service(Protocol):
    """A child without messages: a listener, a loop."""

    async def run(self) -> None:
        """Work until cancelled; returning is a normal end."""


@frozen(kw_only=True)
class Birth:
    """What a new child is given by its supervisor."""

    address: Address[Any]
    tasks: Tasks  #: for its long work: they end before another one takes its place
    restarts: int  #: 0 for the first one
    crashes: int = 0  #: that count against it now; 0 after it was parked and resumed

    def context(self) -> Context:
        """Whose work is done now: the context of the message in hand, to be sent on with what it causes.

        In a task: of the message that was in hand when the task was started.
        """
        return self.tasks.context()


@frozen(kw_only=True)
class ChildSpec:
    """How one child is made and restarted. The words are Erlang/OTP's and mean what they mean there."""

    id: str
    kind: str  #: the class of actor: the metric label
    make: Callable[[Birth], Actor | Service]  #: a restart makes a new object: old state is gone
    restart: Restart = "permanent"
    shutdown: float = field(default=5.0, validator=validators.ge(0))  #: seconds to end what is in hand
    drain: bool = False  #: a stop handles what waits in the mailbox first, within `shutdown`
    mailbox: int = field(default=64, validator=validators.gt(0))  #: messages
    mailbox_bytes: int = field(default=16 * 1024 * 1024, validator=validators.gt(0))  #: that they hold on to
    accepts: tuple[type, ...] | None = None
    """Classes of message that it takes; None for any. Another one is a dead letter, and no crash."""
    parked: Callable[[str, str], None] | None = None
    """Called with reason and traceback when the child is parked. Must not wait."""
    resumed: Callable[[], None] | None = None  #: called when a person lets it go on. Must not wait


@frozen(kw_only=True)
class Intensity:
    """Restarts that are borne: `restarts` in `period` seconds; one more is too many."""

    restarts: int = 3
    period: float = 60.0
    delay: float = 0.1  #: seconds before the first restart; doubles with each one in the period
    too_many: Literal["park", "fail"] = "fail"
    """fail: the supervisor stops and its own supervisor decides. park: only this child stops and keeps
    its mailbox and a reason, its neighbours never notice; a departure from OTP, for connections."""
