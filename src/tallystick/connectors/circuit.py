"""Whether a provider is worth a call: it is left alone while it fails for many tenants at once.

One tenant's failures never open the circuit, however many they are: its books may be what fails. Only
5xx answers, deadlines and the network count; what the provider refuses (4xx, 429) shows that it is well.
"""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, Literal

import trio
from attrs import define, field, frozen

from tallystick.errors import ProviderDown, ProviderUnavailable, TallystickError
from tallystick.telemetry import Telemetry

CircuitState = Literal["closed", "open", "half_open"]

#: Calls are judged over the last one to two spans.
_SPAN_S: Final = 30.0
_LEAST_CALLS: Final = 6
#: Tenants that must fail; all of them where fewer are active, but never one alone.
_TENANTS: Final = 3
#: The share of failures, as the mean over the active tenants: a busy one counts no more than others.
_SHARE: Final = 0.5
_FIRST_OPEN_S: Final = 15.0  #: doubles with each probe that fails
_LONGEST_OPEN_S: Final = 300.0
_PROBES_AT_ONCE: Final = 2
_PROBES_TO_CLOSE: Final = 2
#: Those whose probe failed last let others probe first, for so long: else a sick tenant keeps it open.
_YIELD_S: Final = 10.0
#: When to ask again while others probe.
_ASK_AGAIN_S: Final = 5.0


@frozen(kw_only=True)
class CircuitMoved:
    """A provider's circuit has opened, tries again, or has closed."""

    platform: str
    was: CircuitState
    now: CircuitState
    reason: str


@frozen
class Admission:
    """A call that was let through; its outcome counts only while the circuit is where it was then."""

    tenant_id: str
    move: int


@define(eq=False)
class _Tally:
    calls: int = 0
    failures: int = 0


@define(eq=False)
class Circuit:
    """One provider's circuit. Every call to it passes here, of whatever tenant."""

    platform: str
    telemetry: Telemetry
    state: CircuitState = "closed"
    _moves: int = 0
    _moved_at: float = -math.inf
    _open_s: float = _FIRST_OPEN_S
    _tallies: dict[str, _Tally] = field(factory=dict, repr=False)
    _tallies_before: dict[str, _Tally] = field(factory=dict, repr=False)
    _turns_at: float = -math.inf
    _probing: int = 0
    _probed_well: int = 0
    _failed_last: set[str] = field(factory=set, repr=False)

    @asynccontextmanager
    async def call(self, tenant_id: str) -> AsyncGenerator[None, None]:
        """Hold one call. `ProviderUnavailable` is a failure, every other error or end of it is none.

        Cancelled, it says nothing about the provider. Raises: `ProviderDown` while the circuit is open.
        """
        admission = self.admit(tenant_id)
        failed: bool | None = None
        try:
            yield
            failed = False
        except ProviderUnavailable:
            failed = True
            raise
        except TallystickError:
            failed = False
            raise
        finally:
            self.note(admission, failed=failed)

    def check(self) -> None:
        """For who is about to wait for something else first. Raises: `ProviderDown` while it is open."""
        left = self._open_for()
        if left > 0:
            raise ProviderDown(platform=self.platform, retry_after=left)

    def admit(self, tenant_id: str) -> Admission:
        """Let a call through; `note` must follow. Raises: `ProviderDown` while the circuit is open."""
        self.check()
        if self.state == "open":
            self._move("half_open", f"{self._open_s:g} s are over")
        if self.state == "half_open":
            yields = tenant_id in self._failed_last and trio.current_time() < self._moved_at + _YIELD_S
            if yields or self._probing >= _PROBES_AT_ONCE:
                raise ProviderDown(platform=self.platform, retry_after=_YIELD_S if yields else _ASK_AGAIN_S)
            self._probing += 1
        return Admission(tenant_id, self._moves)

    def note(self, admission: Admission, *, failed: bool | None) -> None:
        """How a call went that was let through; None when nothing is known of it."""
        if admission.move != self._moves:
            return
        if self.state == "half_open":
            self._probed(admission.tenant_id, failed)
        elif failed is not None:
            self._count(admission.tenant_id, failed)

    def _probed(self, tenant_id: str, failed: bool | None) -> None:
        self._probing -= 1
        if failed is None:
            return
        if failed:
            self._failed_last.add(tenant_id)
            self._open_s = min(2 * self._open_s, _LONGEST_OPEN_S)
            self._move("open", "a probe failed")
            return
        self._probed_well += 1
        if self._probed_well >= _PROBES_TO_CLOSE:
            self._open_s = _FIRST_OPEN_S
            self._failed_last.clear()
            self._move("closed", f"{_PROBES_TO_CLOSE} probes were answered")

    def _count(self, tenant_id: str, failed: bool) -> None:
        self._turn_spans()
        tally = self._tallies.setdefault(tenant_id, _Tally())
        tally.calls += 1
        tally.failures += failed
        if not failed:
            return
        active = self._tallies_before.keys() | self._tallies.keys()
        shares = [self._share(tenant) for tenant in active]
        calls = sum(t.calls for each in (self._tallies, self._tallies_before) for t in each.values())
        failing = sum(share >= _SHARE for share in shares)
        enough = failing >= max(2, min(_TENANTS, len(active)))
        if enough and calls >= _LEAST_CALLS and sum(shares) / len(shares) >= _SHARE:
            self._failed_last.clear()
            self._move("open", f"{failing} of {len(active)} tenants get no answers")

    def _share(self, tenant_id: str) -> float:
        tallies = (self._tallies.get(tenant_id), self._tallies_before.get(tenant_id))
        calls = sum(tally.calls for tally in tallies if tally is not None)
        return sum(tally.failures for tally in tallies if tally is not None) / calls

    def _turn_spans(self) -> None:
        now = trio.current_time()
        if now < self._turns_at:
            return
        gap = now >= self._turns_at + _SPAN_S
        self._tallies_before = {} if gap else self._tallies
        self._tallies = {}
        self._turns_at = now + _SPAN_S

    def _open_for(self) -> float:
        """Seconds that no call goes out."""
        return self._moved_at + self._open_s - trio.current_time() if self.state == "open" else 0.0

    def _move(self, to: CircuitState, reason: str) -> None:
        was, self.state = self.state, to
        self._moves += 1
        self._moved_at = trio.current_time()
        self._probing = self._probed_well = 0
        self._tallies, self._tallies_before = {}, {}
        self.telemetry.emit(CircuitMoved(platform=self.platform, was=was, now=to, reason=reason))
