"""A child as its supervisor keeps it, and what others may read of it while it runs."""

import traceback
from typing import Any, Literal

import trio
from attrs import define, field, frozen

from tallystick.actors.address import Address
from tallystick.actors.mailbox import Context
from tallystick.actors.promise import Promise
from tallystick.actors.spec import Actor, ChildSpec, Service
from tallystick.actors.tasks import Tasks
from tallystick.errors import ActorUnavailable

Stage = Literal["running", "restarting", "parked", "stopped"]
_TRACEBACK_CHARACTERS = 20_000


@frozen(kw_only=True)
class ActorState:
    """What one actor is doing, read while it runs."""

    id: str
    kind: str
    state: Stage
    mailbox_depth: int
    mailbox_limit: int  #: messages
    mailbox_bytes: int  #: that the waiting messages hold on to
    mailbox_limit_bytes: int
    oldest_message_s: float  #: how long the first message in line has waited
    restarts: int  #: since it was added
    crashes: int  #: that count against it now; a resumed child begins anew
    doing: str | None  #: the class of the message in hand
    tasks: tuple[str, ...]  #: its long work, by the names of the functions
    since_s: float  #: how long it has been at the message in hand, idle, parked or restarting
    reason: str | None  #: what keeps it from its work now, by its own words; else of the last crash


@frozen
class Crash:
    """How a life of a child ended, when it did not end well."""

    error: Exception
    context: Context

    @property
    def reason(self) -> str:
        """The innermost error of a group: what really happened."""
        return reason_of(self.error)

    @property
    def traceback(self) -> str:
        """All of it, as Python tells it."""
        return traceback_of(self.error)


@define(eq=False)
class Child:
    """One child over all its lives."""

    spec: ChildSpec
    address: Address[Any]
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    ended: trio.Event = field(factory=trio.Event)
    resumed: trio.Event | None = None  #: while it is parked
    state: Stage = "running"
    stopping: bool = False
    crashes: list[float] = field(factory=list)  #: when, by trio's clock; those within the intensity's period
    restarts: int = 0
    doing: str | None = None
    since: float = field(factory=trio.current_time)
    reason: str | None = None
    made: Actor | Service | None = None
    tasks: Tasks | None = None
    promises: list[Promise[Any]] = field(factory=list)  #: answers that are to come from this life

    def enter(self, state: Stage) -> None:
        """Go to a state, from now on."""
        self.state = state
        self.since = trio.current_time()

    def take_up(self, doing: str | None, context: Context) -> None:
        """Have a message in hand; None for none."""
        self.doing = doing
        self.since = trio.current_time()
        if self.tasks is not None:
            self.tasks.in_hand = context

    def promised(self, answer: Promise[Any]) -> None:
        """Remember an answer that is to come."""
        self.promises = [promise for promise in self.promises if not promise.settled]
        self.promises.append(answer)

    def break_promises(self) -> None:
        """Nobody will keep them any more: whoever asked need not wait for the deadline."""
        for promise in self.promises:
            promise.break_(ActorUnavailable(actor=self.spec.id, reason="ended before it could answer"))
        self.promises.clear()

    def read(self, now: float) -> ActorState:
        """What it is doing; `now` by trio's clock."""
        mailbox, tasks = self.address.mailbox, self.tasks
        return ActorState(
            id=self.spec.id,
            kind=self.spec.kind,
            state=self.state,
            mailbox_depth=len(mailbox),
            mailbox_limit=mailbox.limit,
            mailbox_bytes=mailbox.bytes,
            mailbox_limit_bytes=mailbox.limit_bytes,
            oldest_message_s=0.0 if mailbox.oldest is None else now - mailbox.oldest,
            restarts=self.restarts,
            crashes=len(self.crashes),
            doing=self.doing,
            tasks=() if tasks is None else tasks.names,
            since_s=now - self.since,
            reason=self.reason if tasks is None or tasks.trouble is None else tasks.trouble,
        )


def reason_of(crash: BaseException) -> str:
    """Class and words of an error; of a group with one member, of that one."""
    while isinstance(crash, BaseExceptionGroup) and len(crash.exceptions) == 1:
        crash = crash.exceptions[0]
    return f"{type(crash).__name__}: {crash}"[:500]


def traceback_of(crash: BaseException) -> str:
    """As Python tells it; of a very long one the end, where the crash is."""
    return "".join(traceback.format_exception(crash))[-_TRACEBACK_CHARACTERS:]
