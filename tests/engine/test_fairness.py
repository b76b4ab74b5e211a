"""One client that floods and fails slowly leaves the others' syncs as quick as they were."""

import random
from functools import partial

import pytest
import trio
import trio.testing
from attrs import define, evolve, field

from tallystick.actors import FairQueue, Flow
from tallystick.engine.fairness import FIRST_SYNC, MANUAL, SCHEDULED, Fairness

_SLOTS = 16


@define
class Syncs:
    """Syncs as the engine runs them, in virtual time: a slot, and for each page an answer, a map, a commit."""

    fairness: Fairness
    rng: random.Random = field(factory=lambda: random.Random(7))
    seconds: list[float] = field(factory=list)  #: from asking for a slot to the end, of the calm client

    async def page(self, flow: Flow, answer_s: float) -> None:
        await trio.sleep(answer_s)
        for _ in range(10):  # 500 rows
            async with self.fairness.cpu.turn(flow):
                await trio.sleep(0.002)
        async with self.fairness.writers.turn(Flow(flow.client, "")):
            await trio.sleep(0.02)

    async def calm(self, company: str) -> None:
        asked, flow = trio.current_time(), Flow("calm", company)
        async with self.fairness.slots.turn(flow, SCHEDULED):
            for _ in range(10):
                await self.page(flow, self.rng.uniform(0.2, 0.6))
        self.seconds.append(trio.current_time() - asked)

    async def flood(self, company: str) -> None:
        """A page or two, and then an answer that does not come until the deadline; at once again."""
        flow = Flow("flood", company)
        while True:
            async with self.fairness.slots.turn(flow, self.rng.choice((MANUAL, SCHEDULED, FIRST_SYNC))):
                for _ in range(self.rng.randint(0, 2)):
                    await self.page(flow, 0.05)
                await trio.sleep(110)

    async def hour(self, flooding: int) -> None:
        """The calm client's companies come round every two minutes or so, for an hour."""

        async def company(name: str) -> None:
            while True:
                await trio.sleep(self.rng.expovariate(1 / 120))
                await self.calm(name)

        with trio.move_on_after(3600):
            async with trio.open_nursery() as nursery:
                for number in range(flooding):
                    nursery.start_soon(self.flood, f"flood {number}")
                for number in range(20):
                    nursery.start_soon(company, f"calm {number}")


def p95(fairness: Fairness, *, flooding: int) -> float:
    """Of the calm client's syncs, in seconds."""
    syncs = Syncs(fairness)
    clock = trio.testing.MockClock(autojump_threshold=0)
    trio.run(partial(syncs.hour, flooding), clock=clock)
    assert len(syncs.seconds) > 200
    return sorted(syncs.seconds)[int(len(syncs.seconds) * 0.95)]


def test_a_flood_that_fails_slowly_moves_another_clients_p95_by_less_than_a_tenth() -> None:
    alone = p95(Fairness.of(_SLOTS), flooding=0)
    beside = p95(Fairness.of(_SLOTS), flooding=500)
    assert beside < 1.1 * alone, f"{alone:.2f} s alone, {beside:.2f} s beside the flood"


def test_fair_turns_alone_would_not_do_since_slow_syncs_hold_every_slot() -> None:
    """Why a client may hold half: this model shows a difference where there is one."""
    unlimited = evolve(Fairness.of(_SLOTS), slots=FairQueue(_SLOTS))
    assert p95(unlimited, flooding=500) > 1.5 * p95(Fairness.of(_SLOTS), flooding=0)


@pytest.mark.parametrize("syncs_at_once", [1, 2, 3, 16], ids=lambda n: f"{n} slots")
async def test_first_syncs_and_single_clients_leave_room_wherever_there_are_two_slots(
    autojump_clock: trio.testing.MockClock, syncs_at_once: int
) -> None:
    slots = Fairness.of(syncs_at_once).slots

    async def hold(flow: Flow, rank: int) -> None:
        async with slots.turn(flow, rank):
            await trio.sleep(100)

    async with trio.open_nursery() as nursery:
        for number in range(40):
            nursery.start_soon(hold, Flow(f"client {number}", "x"), FIRST_SYNC)
        await trio.sleep(1)
        assert slots.held == max(1, syncs_at_once // 2)
        began = trio.current_time()
        async with slots.turn(Flow("somebody", "x"), MANUAL):
            waited = trio.current_time() - began
        assert waited == (0 if syncs_at_once > 1 else 99)
        nursery.cancel_scope.cancel()
