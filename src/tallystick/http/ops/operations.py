"""What operators may see and do, over the supervisors of a running process."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final, Protocol

import trio
from attrs import frozen

from tallystick.actors import ActorState, DeadLetter, Supervisor
from tallystick.engine import Engine, HeldList
from tallystick.engine.remap_request import RemapRequest, RemapScope
from tallystick.engine.remap_row import Explanation, explain_stored
from tallystick.errors import ActorUnavailable
from tallystick.standard import DataType
from tallystick.store import Stores, audit

_AT_ONCE: Final = 200  #: actors that are looked at in one turn of the loop


class Operations(Protocol):
    """The acts behind the operators' door."""

    def states(self) -> AsyncGenerator[ActorState, None]:
        """What every actor is doing, a few hundred in a turn of the loop."""

    def dead_letters(self) -> Sequence[DeadLetter]:
        """Messages that nobody handled, oldest first."""

    async def resend(self, letter_id: str, correlation_id: str) -> DeadLetter:
        """Put a dead letter into its actor's mailbox again.

        Raises: `KeyError` for no such letter, `ActorUnavailable` when its actor cannot take it.
        """

    async def resume(self, actor_id: str, correlation_id: str) -> ActorState:
        """Let a parked actor go on.

        One that runs, though what is stored of it says Parked since an earlier process, looks for work.
        Raises: `KeyError` for no such actor, `ActorUnavailable` when it is not parked.
        """

    async def held_deletions(self) -> Sequence[HeldList]:
        """Deletions that were too many to be believed and wait for a person."""

    async def decide(self, connection_id: str, resource: str, *, apply: bool) -> int:
        """A person's yes or no to them. Returns how many records are deleted now.

        Raises: `KeyError` where nothing is held.
        """

    async def remap(
        self, scope: RemapScope, *, dry_run: bool, samples: int, correlation_id: str
    ) -> RemapRequest:
        """Put a remap in line.

        Raises: `NothingThere` for what is not here, `ActorUnavailable` when too many wait.
        """

    def find_remap(self, remap_id: str) -> RemapRequest:
        """One of the latest remaps. Raises: `KeyError`."""

    def cancel_remap(self, remap_id: str) -> RemapRequest:
        """Stop a remap, or take it out of the line. Raises: `KeyError`."""

    async def explain(
        self, where: str, data_type: DataType, record_id: str, correlation_id: str
    ) -> Explanation:
        """A record of a connection or a company beside its row. Raises: `NothingThere`."""


@frozen(kw_only=True)
class SupervisedOperations:
    """`Operations` over supervisors and the engine; every act is in an audit log."""

    supervisors: Callable[[], Sequence[Supervisor]]
    stores: Stores
    engine: Engine

    async def states(self) -> AsyncGenerator[ActorState, None]:
        """See `Operations`. An actor that ends meanwhile is left out."""
        for supervisor in self.supervisors():
            for place, child_id in enumerate(supervisor.ids()):
                state = supervisor.state(child_id)
                if state is not None:
                    yield state
                if place % _AT_ONCE == _AT_ONCE - 1:
                    await trio.lowlevel.checkpoint()

    def dead_letters(self) -> Sequence[DeadLetter]:
        """See `Operations`."""
        return [letter for supervisor in self.supervisors() for letter in supervisor.dead_letters]

    async def resend(self, letter_id: str, correlation_id: str) -> DeadLetter:
        """See `Operations`."""
        for supervisor in self.supervisors():
            for letter in supervisor.dead_letters:
                if letter.id == letter_id:
                    await self._note("dead_letter.resend", letter_id, correlation_id, actor=letter.actor)
                    return supervisor.resend(letter_id)
        raise KeyError(letter_id)

    async def resume(self, actor_id: str, correlation_id: str) -> ActorState:
        """See `Operations`."""
        for supervisor in self.supervisors():
            state = supervisor.state(actor_id)
            if state is not None:
                rests = state.state != "parked" and await self.engine.rests_parked(actor_id)
                if state.state != "parked" and not rests:
                    raise ActorUnavailable(actor=actor_id, reason=f"is {state.state}, not parked")
                await self._note("actor.resume", actor_id, correlation_id, reason=state.reason)
                if rests:
                    self.engine.resume(actor_id)
                else:
                    supervisor.resume(actor_id)
                return state
        raise KeyError(actor_id)

    async def held_deletions(self) -> Sequence[HeldList]:
        """See `Operations`."""
        return await self.engine.held_lists()

    async def decide(self, connection_id: str, resource: str, *, apply: bool) -> int:
        """See `Operations`."""
        return await self.engine.decide(connection_id, resource, apply=apply, by="operator")

    async def remap(
        self, scope: RemapScope, *, dry_run: bool, samples: int, correlation_id: str
    ) -> RemapRequest:
        """See `Operations`."""
        subject = scope.connection_id or scope.company_id or scope.client_id or "all"
        await self._note(
            "remap.begin",
            subject,
            correlation_id,
            dataType=scope.data_type,
            dryRun="yes" if dry_run else "no",
        )
        return await self.engine.remaps.ask(scope, dry_run=dry_run, samples=samples)

    def find_remap(self, remap_id: str) -> RemapRequest:
        """See `Operations`."""
        return self.engine.remaps.find(remap_id)

    def cancel_remap(self, remap_id: str) -> RemapRequest:
        """See `Operations`."""
        return self.engine.remaps.cancel(remap_id)

    async def explain(
        self, where: str, data_type: DataType, record_id: str, correlation_id: str
    ) -> Explanation:
        """See `Operations`."""
        await self._note("record.explain", record_id, correlation_id, where=where, dataType=data_type)
        return await explain_stored(self.stores, self.engine.connectors, where, data_type, record_id)

    async def _note(self, act: audit.Act, subject: str, correlation_id: str, **detail: str | None) -> None:
        entry = audit.Entry(
            at=self.stores.clock(),
            actor="operator",
            act=act,
            subject=subject,
            detail=detail,
            correlation_id=correlation_id,
        )
        await self.stores.control.write(audit.append, entry)


async def some(
    operations: Operations, *, kind: str | None, state: str | None, actor_id: str | None
) -> list[ActorState]:
    """Those that fit; None fits all."""
    async with aclosing(operations.states()) as states:
        return [
            found
            async for found in states
            if kind in {None, found.kind} and state in {None, found.state} and actor_id in {None, found.id}
        ]
