"""The remaps of a running engine: one at a time, so that clients' own work hardly notices.

remaps (supervisor)
└ remap      the actor that runs them; a mapping that crashes is its crash, and parks it past its intensity
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.actors import Address, Birth, ChildSpec, Intensity, Supervisor
from tallystick.connectors import Connector
from tallystick.engine.fairness import Fairness
from tallystick.engine.load import Load
from tallystick.engine.remap_request import NothingThere, RemapRequest, RemapScope, State, remap_all, targets
from tallystick.errors import ActorUnavailable
from tallystick.store import Stores
from tallystick.telemetry import Telemetry

ACTOR: Final = "remap"
_WAITING: Final = 8
_REMEMBERED: Final = 50
_PATIENCE_S: Final = 4.5
_BORNE: Final = Intensity(restarts=3, period=600.0, delay=0.5, too_many="park")


@frozen
class Look:
    """To the actor: take up what waits, if nothing runs. Safe to repeat."""


@define(eq=False, kw_only=True)
class Remaps:
    """Takes requests and remembers the latest of them. Run its `supervisor` as a child."""

    stores: Stores
    connectors: Mapping[str, Connector]
    telemetry: Telemetry
    fairness: Fairness
    load: Load
    supervisor: Supervisor = field(init=False)
    waiting: deque[RemapRequest] = field(factory=deque, init=False)
    running: RemapRequest | None = field(default=None, init=False)
    _known: dict[str, RemapRequest] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        spec = ChildSpec(id=ACTOR, kind="remap", make=self._born, accepts=(Look,))
        self.supervisor = Supervisor("remaps", self.telemetry, _BORNE, (spec,))

    async def ask(self, scope: RemapScope, *, dry_run: bool, samples: int = 0) -> RemapRequest:
        """Put a remap in line. Returns at once; `find` tells how far it is.

        Raises: `NothingThere` for what is not here, `ActorUnavailable` when too many wait or the actor is
        parked.
        """
        await targets(self.stores, scope)
        state, address = self.supervisor.state(ACTOR), self.supervisor.find(ACTOR)
        if address is None or state is None or state.state == "parked":
            why = "is not running" if state is None else f"is parked ({state.reason})"
            raise ActorUnavailable(actor=ACTOR, reason=why)
        if len(self.waiting) >= _WAITING:
            raise ActorUnavailable(actor=ACTOR, reason=f"has {_WAITING} remaps waiting")
        now = self.stores.clock()
        request = RemapRequest(scope=scope, dry_run=dry_run, samples=samples, requested_at=now)
        self.waiting.append(request)
        self._known[request.id] = request
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        await address.tell(Look())
        return request

    def find(self, request_id: str) -> RemapRequest:
        """One of the latest. Raises: `KeyError`."""
        return self._known[request_id]

    def cancel(self, request_id: str) -> RemapRequest:
        """Stop one, or take it out of the line; what it has done stands. Raises: `KeyError`."""
        request = self._known[request_id]
        if request in self.waiting:
            self.waiting.remove(request)
            request.state = "cancelled"
        request.cancelling.cancel()
        return request

    def _born(self, birth: Birth) -> "Remapper":
        return Remapper(remaps=self, me=birth.address, birth=birth)


@define(eq=False, kw_only=True)
class Remapper:
    """The actor: runs what waits, one after the other."""

    remaps: Remaps
    me: Address[Look]
    birth: Birth

    async def started(self) -> None:
        """Go on with those that waited when an earlier life crashed."""
        self._next()

    async def handle(self, _: Look) -> None:
        """Take up what waits."""
        self._next()

    def _next(self) -> None:
        if self.remaps.running is None and self.remaps.waiting:
            request = self.remaps.running = self.remaps.waiting.popleft()
            request.state = "running"
            self.birth.tasks.start(self._remap, request)

    async def _remap(self, request: RemapRequest) -> None:
        remaps = self.remaps
        try:
            with request.cancelling:
                await remap_all(
                    request,
                    stores=remaps.stores,
                    connectors=remaps.connectors,
                    telemetry=remaps.telemetry,
                    turns=remaps.fairness.cpu.turn,
                    load=remaps.load,
                )
            request.state = "cancelled" if request.cancelling.cancelled_caught else _end_of(request)
        except NothingThere as error:  # removed while it waited
            request.state, request.reason = "failed", str(error)
        finally:
            if request.state == "running":
                request.state = "failed"
                request.reason = "it was stopped, or crashed: `tallystick actors` shows which"
            remaps.running = None
        with trio.move_on_after(_PATIENCE_S):
            await self.me.tell(Look())


def _end_of(request: RemapRequest) -> State:
    return "failed" if request.failures else "done"
