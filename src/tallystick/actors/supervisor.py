"""Runs children and restarts the one that crashes (`one_for_one`), as their specs say.

A child is one task. A message that crashes its handler goes to the dead letters and is not tried again;
the mailbox with all the other messages survives the restart. Past the intensity a child is parked or
the supervisor fails, which is the next one's crash.
"""

import traceback
from collections import deque
from typing import Any, Literal

import trio
from attrs import define, field, frozen

from tallystick.actors.address import Address
from tallystick.actors.events import ActorParked, ActorRestarted, DeadLettered
from tallystick.actors.mailbox import Envelope, Mailbox, MailboxClosed
from tallystick.actors.promise import Promise
from tallystick.actors.spec import Actor, Birth, ChildSpec, Intensity, Service
from tallystick.actors.tasks import TaskCrashed, Tasks
from tallystick.errors import ActorUnavailable, TallystickError
from tallystick.telemetry import Telemetry

_DEAD_LETTERS_KEPT = 100


@frozen(kw_only=True)
class ActorState:
    """What one actor is doing, read while it runs."""

    id: str
    kind: str
    state: Literal["running", "restarting", "parked", "stopped"]
    mailbox_depth: int
    oldest_message_s: float  #: how long the first message in line has waited
    restarts: int  #: since it was added
    doing: str | None  #: the class of the message in hand
    since_s: float  #: how long it has been at it, or idle
    reason: str | None  #: of the last crash


@frozen(kw_only=True)
class DeadLetter:
    """A message that was given up, with the reason; can be sent again."""

    actor: str
    message: object
    reason: str


class TooManyRestarts(Exception):
    """A child crashed more often than its supervisor bears."""


@define(eq=False)
class _Child:
    spec: ChildSpec
    address: Address[Any]
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    ended: trio.Event = field(factory=trio.Event)
    resumed: trio.Event = field(factory=trio.Event)
    state: Literal["running", "restarting", "parked", "stopped"] = "running"
    stopping: bool = False
    crashes: deque[float] = field(factory=deque)
    restarts: int = 0
    doing: str | None = None
    since: float = field(factory=trio.current_time)
    reason: str | None = None
    made: Actor | Service | None = None
    promises: list[Promise[Any]] = field(factory=list)  #: answers that are to come from this life


@define(eq=False)
class Supervisor:
    """A supervisor for children that come and go. It is a `Service`, so it can be a child itself."""

    name: str
    telemetry: Telemetry
    intensity: Intensity = field(factory=Intensity)
    children: tuple[ChildSpec, ...] = ()  #: started in this order, stopped in reverse
    dead_letters: deque[DeadLetter] = field(factory=lambda: deque(maxlen=_DEAD_LETTERS_KEPT))
    running: trio.Event = field(factory=trio.Event, init=False, repr=False)  #: set once children can be added
    _present: dict[str, _Child] = field(factory=dict, init=False, repr=False)
    _nursery: trio.Nursery | None = field(default=None, init=False, repr=False)
    _stopped: trio.Event = field(factory=trio.Event, init=False, repr=False)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run until `stop` (in order, messages in hand end) or cancelled (at once).

        Raises: `TooManyRestarts` when a child fails upwards.
        """
        self._stopped = trio.Event()
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            for spec in self.children:
                self.add(spec)
            self.running.set()
            task_status.started()
            try:
                await self._stopped.wait()
            finally:
                self._nursery = None

    async def stop(self) -> None:
        """Stop every child within its `shutdown`; then `run` returns.

        Those that were added later know no order and stop side by side; those of the spec stop after
        them, last first.
        """
        static = {spec.id for spec in self.children}
        async with trio.open_nursery() as stopping:
            for child in list(self._present.values()):
                if child.spec.id not in static:
                    stopping.start_soon(self._stop, child)
        for child in reversed(list(self._present.values())):
            await self._stop(child)
        self._stopped.set()

    def add(self, spec: ChildSpec) -> Address[Any]:
        """Start a child and return its address; the one that is there already under this id."""
        present = self._present.get(spec.id)
        if present is not None:
            return present.address
        if self._nursery is None:
            raise ActorUnavailable(actor=spec.id, reason=f"cannot start: {self.name} is not running")
        child = _Child(spec, Address(spec.id, Mailbox(spec.mailbox)))
        self._present[spec.id] = child
        self._nursery.start_soon(self._live, child, name=spec.id)
        return child.address

    def find(self, child_id: str) -> Address[Any] | None:
        """A child's address; None where there is none."""
        child = self._present.get(child_id)
        return None if child is None else child.address

    async def remove(self, child_id: str) -> None:
        """Stop a child for good, within its `shutdown`; what is in its mailbox becomes dead letters."""
        child = self._present.get(child_id)
        if child is not None:
            await self._stop(child)

    def resume(self, child_id: str) -> None:
        """Let a parked child try again, with a clean slate."""
        child = self._present[child_id]
        child.crashes.clear()
        child.resumed.set()

    def states(self) -> list[ActorState]:
        """What every child is doing."""
        now = trio.current_time()
        return [
            ActorState(
                id=child.spec.id,
                kind=child.spec.kind,
                state=child.state,
                mailbox_depth=len(child.address.mailbox),
                oldest_message_s=_since(child.address.mailbox.oldest, now),
                restarts=child.restarts,
                doing=child.doing,
                since_s=now - child.since,
                reason=child.reason,
            )
            for child in self._present.values()
        ]

    async def _stop(self, child: _Child) -> None:
        child.stopping = True
        for envelope in child.address.mailbox.close():
            self._bury(child, envelope, "stopped before it was handled")
        child.resumed.set()
        with trio.move_on_after(child.spec.shutdown) as patience:
            if isinstance(child.made, Supervisor):
                await child.made.stop()
            elif child.doing is None:
                child.scope.cancel()
            await child.ended.wait()
        if patience.cancelled_caught:
            child.scope.cancel()
            await child.ended.wait()
        self._present.pop(child.spec.id, None)

    async def _live(self, child: _Child) -> None:
        try:
            with child.scope:
                while True:
                    crash = await self._run_once(child)
                    if child.stopping or not self._again(child, crash):
                        return
                    await self._recover(child, crash)
        finally:
            child.state = "stopped"
            for envelope in child.address.mailbox.close():
                self._bury(child, envelope, "its actor has stopped")
            if not child.stopping:
                self._present.pop(child.spec.id, None)
            child.ended.set()

    async def _run_once(self, child: _Child) -> Exception | None:
        """One life of a child: how it ended, None for a normal end. Cancellation always passes."""
        child.state = "running"
        assert self._nursery is not None
        tasks = Tasks(child.address, self._nursery)
        try:
            child.made = child.spec.make(Birth(address=child.address, tasks=tasks, restarts=child.restarts))
            match child.made:
                case Service():
                    await child.made.run()
                case actor:
                    await actor.started()
                    await self._serve(child, actor)
        except Exception as crash:  # noqa: BLE001 - this is the supervisor: its work is to see crashes
            return crash
        finally:
            child.doing = None
            child.since = trio.current_time()
            with trio.CancelScope(shield=True):
                await tasks.end()
            child.address.mailbox.discard(TaskCrashed)  # a second crash of the same life is the same crash
            self._break_promises(child)
        return None

    async def _serve(self, child: _Child, actor: Actor) -> None:
        while True:
            try:
                envelope = await child.address.mailbox.take()
            except MailboxClosed:
                return
            if isinstance(envelope.message, TaskCrashed):
                raise envelope.message.error
            child.doing = type(envelope.message).__name__
            child.since = trio.current_time()
            try:
                answer = await actor.handle(envelope.message)
            except TallystickError as refusal:
                if envelope.reply is None:
                    self._bury(child, envelope, str(refusal))
                else:
                    envelope.reply.break_(refusal)
            except Exception as crash:
                self._bury(child, envelope, _leaf(crash))
                raise
            else:
                if isinstance(answer, Promise):
                    child.promises = [p for p in child.promises if not p.settled]
                    child.promises.append(answer)
                if envelope.reply is not None:
                    envelope.reply.keep(answer)
            child.doing = None
            child.since = trio.current_time()

    def _break_promises(self, child: _Child) -> None:
        """Nobody will keep them any more: whoever asked need not wait for the deadline."""
        for promise in child.promises:
            promise.break_(ActorUnavailable(actor=child.spec.id, reason="ended before it could answer"))
        child.promises.clear()

    def _again(self, child: _Child, crash: Exception | None) -> bool:
        match child.spec.restart:
            case "permanent":
                return True
            case "transient":
                return crash is not None
            case "temporary":
                return False

    async def _recover(self, child: _Child, crash: Exception | None) -> None:
        """Wait a growing moment, or park, or fail upwards."""
        now = trio.current_time()
        child.reason = "returned" if crash is None else _leaf(crash)
        child.crashes.append(now)
        while child.crashes and now - child.crashes[0] > self.intensity.period:
            child.crashes.popleft()
        if len(child.crashes) > self.intensity.restarts:
            if self.intensity.too_many == "fail":
                raise TooManyRestarts(f"{child.spec.id}: {child.reason}") from crash
            await self._park(child)
        child.restarts += 1
        child.state = "restarting"
        self.telemetry.emit(
            ActorRestarted(
                kind=child.spec.kind,
                actor=child.spec.id,
                reason=child.reason,
                traceback="" if crash is None else "".join(traceback.format_exception(crash)),
            )
        )
        await trio.sleep(self.intensity.delay * 2 ** max(0, len(child.crashes) - 1))

    async def _park(self, child: _Child) -> None:
        child.state = "parked"
        child.since = trio.current_time()
        child.resumed = trio.Event()
        self.telemetry.emit(ActorParked(kind=child.spec.kind, actor=child.spec.id, reason=child.reason or ""))
        await child.resumed.wait()

    def _bury(self, child: _Child, envelope: Envelope[Any], reason: str) -> None:
        self.dead_letters.append(DeadLetter(actor=child.spec.id, message=envelope.message, reason=reason))
        self.telemetry.emit(
            DeadLettered(
                kind=child.spec.kind,
                actor=child.spec.id,
                message=type(envelope.message).__name__,
                reason=reason,
            )
        )
        if envelope.reply is not None:
            envelope.reply.break_(ActorUnavailable(actor=child.spec.id, reason=f"gave up: {reason}"))


def _since(moment: float | None, now: float) -> float:
    return 0.0 if moment is None else now - moment


def _leaf(crash: BaseException) -> str:
    """The innermost error of a group: what really happened."""
    while isinstance(crash, BaseExceptionGroup) and len(crash.exceptions) == 1:
        crash = crash.exceptions[0]
    return f"{type(crash).__name__}: {crash}"[:500]
