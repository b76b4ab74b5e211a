"""Turns are shared by who asks, not by how often: bounds, order, and nobody lost on the way."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial

import pytest
import trio
import trio.testing
from attrs import define, field

from tallystick.actors import FairQueue, Flow


@define
class Work:
    """Holds turns, and keeps who had them when."""

    queue: FairQueue
    began: list[tuple[float, Flow, object]] = field(factory=list)
    ended: list[tuple[float, Flow, object]] = field(factory=list)
    used: defaultdict[str, float] = field(factory=lambda: defaultdict(float))  #: seconds, by client

    async def hold(self, flow: Flow, seconds: float, *, rank: int = 0, name: object = None) -> None:
        async with self.queue.turn(flow, rank):
            self.began.append((trio.current_time(), flow, name))
            await trio.sleep(seconds)
        self.used[flow.client] += seconds
        self.ended.append((trio.current_time(), flow, name))

    async def flood(self, flow: Flow, seconds: float, turns: int) -> None:
        async with trio.open_nursery() as nursery:
            for _ in range(turns):
                nursery.start_soon(self.hold, flow, seconds)


async def asked(
    nursery: trio.Nursery, work: Work, flow: Flow, seconds: float, *, rank: int = 0, name: object = None
) -> None:
    """Start a turn, and return when it is held or in line: the order of asking is then certain."""
    before = work.queue.held + work.queue.waiting
    nursery.start_soon(partial(work.hold, flow, seconds, rank=rank, name=name))
    while work.queue.held + work.queue.waiting == before:
        await trio.lowlevel.checkpoint()


async def test_a_flood_of_a_thousand_turns_delays_one_of_another_client_by_one_turn(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(4))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work.flood, Flow("flood", "x"), 10.0, 1000)
        await trio.sleep(25)
        assert work.queue.waiting > 900
        asked_at = trio.current_time()
        await work.hold(Flow("calm", "y"), 1.0, name="calm")
        began = next(at for at, _, name in work.began if name == "calm")
        assert began - asked_at <= 10.0
        nursery.cancel_scope.cancel()


async def test_a_client_that_may_hold_half_leaves_the_other_half_free_at_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(4, most_of_one=2))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work.flood, Flow("flood", "x"), 1000.0, 50)
        await trio.sleep(1)
        assert (work.queue.held, work.queue.waiting) == (2, 48)
        asked_at = trio.current_time()
        await work.hold(Flow("calm", "y"), 1.0, name="calm")
        assert work.began[-1][0] == asked_at
        nursery.cancel_scope.cancel()


async def test_companies_of_one_client_share_its_part_alike(autojump_clock: trio.testing.MockClock) -> None:
    work = Work(FairQueue(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work.flood, Flow("client", "busy"), 1.0, 100)
        nursery.start_soon(work.flood, Flow("client", "other"), 1.0, 10)
        await trio.sleep(19.5)
        had = Counter(flow.company for _, flow, _ in work.began)
        assert abs(had["busy"] - had["other"]) <= 1
        nursery.cancel_scope.cancel()


async def test_a_company_more_is_no_greater_part_for_its_client(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(1))
    async with trio.open_nursery() as nursery:
        for company in range(9):
            nursery.start_soon(work.flood, Flow("many", str(company)), 1.0, 50)
        nursery.start_soon(work.flood, Flow("one", "only"), 1.0, 50)
        await trio.sleep(40.5)
        assert abs(work.used["many"] - work.used["one"]) <= 1
        nursery.cancel_scope.cancel()


async def test_a_lower_rank_goes_first_inside_a_client_and_is_no_advantage_over_another_client(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(1))
    async with trio.open_nursery() as nursery:
        await asked(nursery, work, Flow("a", "x"), 1.0)
        for name in ("first", "first again"):
            await asked(nursery, work, Flow("a", "x"), 1.0, rank=2, name=name)
        await asked(nursery, work, Flow("b", "z"), 1.0, rank=2, name="other client")
        await asked(nursery, work, Flow("a", "y"), 1.0, rank=0, name="manual")
    assert [name for _, _, name in work.began] == [
        None, "other client", "manual", "first", "first again",
    ]  # fmt: skip


async def test_a_rank_with_a_limit_leaves_the_rest_of_the_turns_to_others(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(4, most_of_rank={2: 2}))
    async with trio.open_nursery() as nursery:
        for client in "abcdef":
            await asked(nursery, work, Flow(client, "x"), 100.0, rank=2)
        assert (work.queue.held, work.queue.waiting) == (2, 4)
        await asked(nursery, work, Flow("g", "x"), 1.0, rank=0, name="manual")
        assert work.began[-1][2] == "manual"
        assert work.queue.held == 3


async def test_resting_saves_nothing_up(autojump_clock: trio.testing.MockClock) -> None:
    work = Work(FairQueue(1))
    async with trio.open_nursery() as nursery:
        await work.hold(Flow("rester", "x"), 1.0)
        nursery.start_soon(work.flood, Flow("worker", "x"), 1.0, 1000)
        await trio.sleep(500.5)
        before = dict(work.used)
        nursery.start_soon(work.flood, Flow("rester", "x"), 1.0, 1000)
        await trio.sleep(20)
        since = {client: work.used[client] - before[client] for client in before}
        assert abs(since["rester"] - since["worker"]) <= 2
        nursery.cancel_scope.cancel()


async def test_having_used_much_while_nobody_else_asked_costs_nothing_later(
    autojump_clock: trio.testing.MockClock,
) -> None:
    work = Work(FairQueue(1))
    async with trio.open_nursery() as nursery:
        for _ in range(100):
            await work.hold(Flow("early", "x"), 1.0)
        nursery.start_soon(work.flood, Flow("late", "x"), 1.0, 1000)
        nursery.start_soon(work.flood, Flow("early", "x"), 1.0, 1000)
        before = work.used["early"]
        await trio.sleep(20.5)
        assert abs(work.used["early"] - before - work.used["late"]) <= 2
        nursery.cancel_scope.cancel()


async def test_a_turn_that_ends_with_an_error_is_given_back(autojump_clock: trio.testing.MockClock) -> None:
    queue = FairQueue(1)
    with pytest.raises(ZeroDivisionError):
        async with queue.turn(Flow("a", "x")):
            raise ZeroDivisionError
    assert queue.held == 0
    with trio.fail_after(1):
        async with queue.turn(Flow("b", "x")):
            assert queue.held == 1


async def test_who_waits_and_for_how_long_can_be_read(autojump_clock: trio.testing.MockClock) -> None:
    work = Work(FairQueue(1))
    assert work.queue.oldest_s == 0
    async with trio.open_nursery() as nursery:
        await asked(nursery, work, Flow("a", "x"), 5.0)
        await asked(nursery, work, Flow("a", "x"), 5.0)
        await trio.sleep(2)
        assert (work.queue.held, work.queue.waiting, work.queue.oldest_s) == (1, 1, 2.0)
    assert (work.queue.held, work.queue.waiting, work.queue.oldest_s) == (0, 0, 0.0)


@pytest.mark.parametrize(
    "made",
    [
        lambda: FairQueue(0),
        lambda: FairQueue(1, most_of_one=0),
        lambda: FairQueue(1, most_of_rank={2: 0}),
        lambda: FairQueue(1, weights={"a": 0.0}),
    ],
    ids=["no turns", "none for a client", "none for a rank", "no weight"],
)
def test_a_queue_in_which_somebody_would_wait_for_ever_is_refused(made: Callable[[], FairQueue]) -> None:
    with pytest.raises(ValueError, match=r"capacity|wait for ever"):
        made()
