"""What holds of every plan of turns: shares within bounds, nothing idle, nobody starved, lost or overtaken."""

import math
from collections import defaultdict
from itertools import pairwise

import trio
import trio.testing
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.actors import FairQueue, Flow
from tallystick.actors.shares import Shares


@frozen
class Plan:
    """Somebody asks for a turn at a time, for so many seconds, and gives up after some."""

    client: str
    company: str
    rank: int
    at: int
    seconds: int
    patience: float


plans = st.lists(
    st.builds(
        Plan,
        client=st.sampled_from("abcd"),
        company=st.sampled_from("xyz"),
        rank=st.integers(0, 2),
        at=st.integers(0, 30),
        seconds=st.integers(1, 20),
        patience=st.sampled_from([0.0, 3.0, 25.0, math.inf, math.inf]),
    ),
    min_size=1,
    max_size=60,
)


@define
class Run:
    """A plan that was run: for each of its turns when it was asked for, begun and ended."""

    queue: FairQueue
    asked: dict[int, float] = field(factory=dict)
    began: dict[int, float] = field(factory=dict)
    ended: dict[int, float] = field(factory=dict)
    idle: list[float] = field(factory=list)  #: when a turn was free and somebody waited

    async def one(self, place: int, plan: Plan) -> None:
        await trio.sleep(plan.at + place / 1000)  # the order of asking is the plan's
        with trio.move_on_after(plan.patience):
            self.asked[place] = trio.current_time()
            async with self.queue.turn(Flow(plan.client, plan.company), plan.rank):
                self.began[place] = trio.current_time()
                try:
                    await trio.sleep(plan.seconds)
                finally:
                    self.ended[place] = trio.current_time()

    async def watch(self) -> None:
        while True:
            if self.queue.waiting and self.queue.held < self.queue.capacity:
                self.idle.append(trio.current_time())
            await trio.sleep(0.5)

    async def all(self, plan: list[Plan]) -> None:
        async with trio.open_nursery() as watching:
            watching.start_soon(self.watch)
            async with trio.open_nursery() as nursery:
                for place, one in enumerate(plan):
                    nursery.start_soon(self.one, place, one)
            watching.cancel_scope.cancel()


def ran(queue: FairQueue, plan: list[Plan]) -> Run:
    run = Run(queue)
    trio.run(run.all, plan, clock=trio.testing.MockClock(autojump_threshold=0))
    return run


thorough = settings(deadline=None, max_examples=100)


@thorough
@given(plans, st.integers(1, 5))
def test_no_turn_is_free_while_another_waits_and_none_is_lost(plan: list[Plan], capacity: int) -> None:
    run = ran(FairQueue(capacity), plan)
    assert run.idle == []
    patient = {place for place, one in enumerate(plan) if one.patience == math.inf}
    assert patient <= run.ended.keys()
    assert (run.queue.held, run.queue.waiting) == (0, 0)


@thorough
@given(plans, st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))
def test_limits_hold_at_every_moment(plan: list[Plan], capacity: int, one: int, first: int) -> None:
    run = ran(FairQueue(capacity, most_of_one=one, most_of_rank={2: first}), plan)
    patient = {place for place, asked in enumerate(plan) if asked.patience == math.inf}
    assert patient <= run.ended.keys()
    for moment in run.began.values():
        held = [plan[p] for p, at in run.began.items() if at <= moment < run.ended[p]]
        assert len(held) <= capacity
        assert sum(turn.rank == 2 for turn in held) <= first
        assert all(sum(turn.client == client for turn in held) <= one for client in "abcd")


@thorough
@given(plans, st.integers(1, 5))
def test_turns_of_one_flow_and_rank_come_in_the_order_of_asking(plan: list[Plan], capacity: int) -> None:
    run = ran(FairQueue(capacity), plan)
    flows: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for place in sorted(run.began, key=lambda place: run.asked[place]):
        flows[plan[place].client, plan[place].company, plan[place].rank].append(place)
    for places in flows.values():
        assert all(run.began[one] <= run.began[other] for one, other in pairwise(places))


@thorough
@given(plans)
def test_inside_a_client_nothing_overtakes_a_lower_rank_that_waits(plan: list[Plan]) -> None:
    run = ran(FairQueue(1), plan)
    for late, began in run.began.items():
        for early, asked in run.asked.items():
            waited = asked < began < min(run.began.get(early, math.inf), plan[early].patience + asked)
            if waited and plan[early].client == plan[late].client and run.asked[late] < began:
                assert plan[late].rank <= plan[early].rank


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0.25, 8), min_size=2, max_size=5),
    st.lists(st.floats(0.5, 10), min_size=5, max_size=5),
    st.integers(1, 4),
)
def test_clients_that_always_ask_get_their_weights_part(
    weights: list[float], seconds: list[float], capacity: int
) -> None:
    """Within the longest turn of each, whatever the lengths: the bound of start-time fair queueing."""
    names = [f"client {n}" for n in range(len(weights))]
    queue = FairQueue(capacity, weights=dict(zip(names, weights, strict=True)))
    held: dict[str, float] = dict.fromkeys(names, 0.0)

    async def ask(name: str, length: float) -> None:
        while True:
            async with queue.turn(Flow(name, "x")):
                began = trio.current_time()
                try:
                    await trio.sleep(length)
                finally:
                    held[name] += trio.current_time() - began

    async def everybody() -> None:
        async with trio.open_nursery() as nursery:
            for name, length in zip(names, seconds, strict=False):
                for _ in range(capacity + 1):  # so that one of it always waits
                    nursery.start_soon(ask, name, length)
            await trio.sleep(2000)
            nursery.cancel_scope.cancel()

    trio.run(everybody, clock=trio.testing.MockClock(autojump_threshold=0))
    longest = max(seconds)
    normal = {name: held[name] / weight for name, weight in zip(names, weights, strict=True)}
    bound = 2 * capacity * longest / min(weights)
    assert max(normal.values()) - min(normal.values()) <= bound
    assert sum(held.values()) >= 2000 * capacity - longest


@settings(deadline=None, max_examples=100)
@given(plans, st.data())
def test_cancelled_anywhere_a_turn_is_neither_kept_nor_lost(plan: list[Plan], data: st.DataObject) -> None:
    """Every moment of giving up: before, in line, just when it is given, and while it is held."""
    queue = FairQueue(2)
    scopes: list[trio.CancelScope] = []

    async def one(asked: Plan, scope: trio.CancelScope) -> None:
        with scope:
            async with queue.turn(Flow(asked.client, asked.company), asked.rank):
                await trio.sleep(asked.seconds)

    async def everybody() -> None:
        async with trio.open_nursery() as nursery:
            for asked in plan:
                scopes.append(trio.CancelScope())
                nursery.start_soon(one, asked, scopes[-1])
            for _ in range(data.draw(st.integers(0, 2 * len(plan)))):
                for _ in range(data.draw(st.integers(0, 3))):
                    await trio.lowlevel.checkpoint()
                data.draw(st.sampled_from(scopes)).cancel()
                await trio.sleep(data.draw(st.sampled_from([0, 1, 5])))
        assert (queue.held, queue.waiting, queue.oldest_s) == (0, 0, 0.0)
        with trio.fail_after(1):
            async with queue.turn(Flow("a", "x")), queue.turn(Flow("b", "x")):
                assert queue.held == 2

    trio.run(everybody, clock=trio.testing.MockClock(autojump_threshold=0))


def test_shares_that_came_once_are_not_remembered() -> None:
    shares = Shares()
    for number in range(10_000):
        share = shares.share(f"client {number}", 1.0, float(number))
        shares.start(share, float(number))
        shares.end(share, float(number), number + 0.5)
    assert len(shares) < 600
