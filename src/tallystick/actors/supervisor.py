"""Runs children and restarts the one that crashes (`one_for_one`), as their specs say.

A child is one task. A message that crashes its handler goes to the dead letters and is not tried again;
the mailbox with all the other messages survives the restart. Past the intensity a child is parked or
the supervisor fails, which is the next one's crash.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import trio
from attrs import define, field

from tallystick.actors.address import NOBODY, Address
from tallystick.actors.child import ActorState, Child, Crash, reason_of, traceback_of
from tallystick.actors.dead_letters import DeadLetter, DeadLetters
from tallystick.actors.events import ActorEnded, ActorParked, ActorRestarted, ActorResumed, DeadLettered
from tallystick.actors.mailbox import Envelope, Mailbox, MailboxClosed
from tallystick.actors.promise import Promise
from tallystick.actors.spec import Actor, Birth, ChildSpec, Intensity, Service
from tallystick.actors.tasks import TaskCrashed, Tasks
from tallystick.errors import ActorUnavailable, TallystickError
from tallystick.telemetry import Telemetry


class TooManyRestarts(Exception):
    """A child crashed more often than its supervisor bears."""


class _TaskFailed(Exception):
    """A task of the actor crashed: its life is over."""

    def __init__(self, crash: TaskCrashed) -> None:
        self.crash = crash


@define(eq=False)
class Supervisor:
    """A supervisor for children that come and go. It is a `Service`, so it can be a child itself."""

    name: str
    telemetry: Telemetry
    intensity: Intensity = field(factory=Intensity)
    children: tuple[ChildSpec, ...] = ()  #: started in this order, stopped in reverse
    running: trio.Event = field(factory=trio.Event, init=False, repr=False)  #: set once children can be added
    _letters: DeadLetters = field(init=False, repr=False)
    _present: dict[str, Child] = field(factory=dict, init=False, repr=False)
    _nursery: trio.Nursery | None = field(default=None, init=False, repr=False)
    _stopped: trio.Event = field(factory=trio.Event, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._letters = DeadLetters(self.name)

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
        child = Child(spec, Address(spec.id, Mailbox(spec.mailbox, spec.mailbox_bytes)))
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
        """Let a parked child try again, with a clean slate. Safe to repeat. Raises: `KeyError`."""
        child = self._present[child_id]
        if child.resumed is not None:
            child.crashes.clear()
            child.resumed.set()

    @property
    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Messages that nobody handled, oldest first; the last hundred."""
        return self._letters.all()

    def resend(self, letter_id: str) -> DeadLetter:
        """Put a dead letter's message into its actor's mailbox again, and take the letter out.

        Nobody waits for its answer any more. A parked actor handles it once it is resumed.
        Raises: `KeyError` for no such letter; `ActorUnavailable`, and the letter stays, when its actor is
        gone or its mailbox is full.
        """
        letter = self._letters.find(letter_id)
        address = self.find(letter.actor)
        if address is None:
            raise ActorUnavailable(actor=letter.actor, reason="is gone: nobody can handle its message")
        address.tell_nowait(letter.message, letter.context)
        return self._letters.take(letter_id)

    def states(self) -> list[ActorState]:
        """What every child is doing."""
        now = trio.current_time()
        return [child.read(now) for child in self._present.values()]

    def ids(self) -> list[str]:
        """Who is there, in the order in which they came."""
        return list(self._present)

    def state(self, child_id: str) -> ActorState | None:
        """What one child is doing; None where there is none."""
        child = self._present.get(child_id)
        return None if child is None else child.read(trio.current_time())

    async def _stop(self, child: Child) -> None:
        child.stopping = True
        drains = child.spec.drain and child.state == "running" and not isinstance(child.made, Service)
        if drains:
            child.address.mailbox.refuse()
        else:
            self._bury_rest(child, "stopped before it was handled")
        if child.resumed is not None:
            child.resumed.set()
        with trio.move_on_after(child.spec.shutdown) as patience:
            if isinstance(child.made, Supervisor):
                await child.made.stop()
            elif child.doing is None and not drains:
                child.scope.cancel()
            await child.ended.wait()
        if patience.cancelled_caught:
            child.scope.cancel()
            await child.ended.wait()
        self._present.pop(child.spec.id, None)

    async def _live(self, child: Child) -> None:
        try:
            with child.scope:
                while True:
                    crash = await self._run_once(child)
                    if child.stopping or not self._again(child, crash):
                        self._note_end(child, crash)
                        return
                    await self._recover(child, crash)
        finally:
            child.enter("stopped")
            self._bury_rest(child, "its actor has stopped")
            if not child.stopping:
                self._present.pop(child.spec.id, None)
            child.ended.set()

    async def _run_once(self, child: Child) -> Crash | None:
        """One life of a child: how it ended, None for a normal end. Cancellation always passes."""
        child.enter("running")
        assert self._nursery is not None
        tasks = child.tasks = Tasks(child.address, self._nursery)
        try:
            birth = Birth(
                address=child.address, tasks=tasks, restarts=child.restarts, crashes=len(child.crashes)
            )
            child.made = child.spec.make(birth)
            match child.made:
                case Service():
                    await child.made.run()
                case actor:
                    await actor.started()
                    await self._serve(child, actor)
        except _TaskFailed as failure:
            return Crash(failure.crash.error, failure.crash.context)
        except Exception as crash:  # noqa: BLE001 - this is the supervisor: its work is to see crashes
            return Crash(crash, tasks.in_hand)
        finally:
            child.take_up(None, NOBODY)
            with trio.CancelScope(shield=True):
                await tasks.end()
            if tasks.unheard is not None:
                self._note_end(child, Crash(tasks.unheard.error, tasks.unheard.context))
            child.address.mailbox.discard(TaskCrashed)  # a second crash of the same life is the same crash
            child.break_promises()
        return None

    async def _serve(self, child: Child, actor: Actor) -> None:
        while True:
            try:
                envelope = await child.address.mailbox.take()
            except MailboxClosed:
                return
            if isinstance(envelope.message, TaskCrashed):
                raise _TaskFailed(envelope.message)
            child.take_up(type(envelope.message).__name__, envelope.context)
            await self._handle(child, actor, envelope)
            child.take_up(None, NOBODY)

    async def _handle(self, child: Child, actor: Actor, envelope: Envelope[Any]) -> None:
        accepts = child.spec.accepts
        if accepts is not None and not isinstance(envelope.message, accepts):
            self._bury(child, envelope, f"a {child.spec.kind} takes no {type(envelope.message).__name__}")
            return
        try:
            answer = await actor.handle(envelope.message)
        except TallystickError as refusal:
            if envelope.reply is None:
                self._bury(child, envelope, str(refusal))
            else:
                envelope.reply.break_(refusal)
        except Exception as crash:
            self._bury(child, envelope, reason_of(crash), traceback_of(crash))
            raise
        else:
            if isinstance(answer, Promise):
                child.promised(answer)
            if envelope.reply is not None:
                envelope.reply.keep(answer)

    def _again(self, child: Child, crash: Crash | None) -> bool:
        match child.spec.restart:
            case "permanent":
                return True
            case "transient":
                return crash is not None
            case "temporary":
                return False

    async def _recover(self, child: Child, crash: Crash | None) -> None:
        """Wait a growing moment, or park, or fail upwards."""
        now = trio.current_time()
        child.reason = "returned" if crash is None else crash.reason
        trace = "" if crash is None else crash.traceback
        child.crashes = [at for at in child.crashes if now - at <= self.intensity.period]
        child.crashes.append(now)
        if len(child.crashes) > self.intensity.restarts:
            if self.intensity.too_many == "fail":
                cause = None if crash is None else crash.error
                raise TooManyRestarts(f"{child.spec.id}: {child.reason}") from cause
            await self._park(child, trace)
            if child.stopping:
                return
        child.restarts += 1
        child.enter("restarting")
        self.telemetry.emit(
            ActorRestarted(
                kind=child.spec.kind,
                actor=child.spec.id,
                reason=child.reason,
                traceback=trace,
                context=NOBODY if crash is None else crash.context,
            )
        )
        await trio.sleep(self.intensity.delay * 2 ** max(0, len(child.crashes) - 1))

    async def _park(self, child: Child, trace: str) -> None:
        child.enter("parked")
        child.resumed = trio.Event()
        kind, actor, reason = child.spec.kind, child.spec.id, child.reason or ""
        self.telemetry.emit(ActorParked(kind=kind, actor=actor, reason=reason, traceback=trace))
        if child.spec.parked is not None:
            self._call(child, partial(child.spec.parked, reason, trace))
        await child.resumed.wait()
        child.resumed = None
        if child.stopping:
            return
        self.telemetry.emit(ActorResumed(kind=kind, actor=actor))
        if child.spec.resumed is not None:
            self._call(child, child.spec.resumed)

    def _call(self, child: Child, told: Callable[[], None]) -> None:
        """Tell whoever the spec names; their crash is noted, and nobody's end."""
        try:
            told()
        except Exception as crash:  # noqa: BLE001 - a part of the supervisor: a neighbour's bug ends nobody
            self._note_end(child, Crash(crash, NOBODY))

    def _note_end(self, child: Child, crash: Crash | None) -> None:
        if crash is not None:
            child.reason = crash.reason
            self.telemetry.emit(
                ActorEnded(
                    kind=child.spec.kind,
                    actor=child.spec.id,
                    reason=crash.reason,
                    traceback=crash.traceback,
                    context=crash.context,
                )
            )

    def _bury_rest(self, child: Child, reason: str) -> None:
        for envelope in child.address.mailbox.close():
            if not isinstance(envelope.message, TaskCrashed):
                self._bury(child, envelope, reason)

    def _bury(self, child: Child, envelope: Envelope[Any], reason: str, trace: str = "") -> None:
        letter = self._letters.add(child.spec.kind, child.spec.id, envelope, reason, trace)
        self.telemetry.emit(
            DeadLettered(
                kind=letter.kind,
                actor=letter.actor,
                letter=letter.id,
                message=type(envelope.message).__name__,
                reason=reason,
                context=letter.context,
            )
        )
        if envelope.reply is not None:
            envelope.reply.break_(ActorUnavailable(actor=child.spec.id, reason=f"gave up: {reason}"))
