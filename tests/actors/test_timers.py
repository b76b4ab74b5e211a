"""What the shared timer heap promises."""

import pytest
import trio
from trio.testing import MockClock

from tallystick.actors import Timers


async def test_calls_come_in_the_order_in_which_they_are_due(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    timers, called = Timers(), []
    nursery.start_soon(timers.run)
    timers.after(2.0, lambda: called.append("late"))
    timers.after(1.0, lambda: called.append("soon"))
    await trio.sleep(0.5)
    timers.after(0.1, lambda: called.append("first"))
    await trio.sleep(5)
    assert called == ["first", "soon", "late"]
    nursery.cancel_scope.cancel()


async def test_a_cancelled_timer_is_never_called(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    timers, called = Timers(), []
    nursery.start_soon(timers.run)
    timers.after(1.0, lambda: called.append("never")).cancel()
    await trio.sleep(5)
    assert called == []
    assert len(timers) == 0
    nursery.cancel_scope.cancel()


async def test_an_idle_heap_never_wakes_the_loop(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    timers = Timers()
    nursery.start_soon(timers.run)
    await trio.sleep(3600)
    before = trio.current_time()
    await trio.sleep(3600)
    assert trio.current_time() - before == 3600
    nursery.cancel_scope.cancel()


async def test_cancelled_timers_do_not_pile_up(autojump_clock: MockClock) -> None:
    """An actor that sets a deadline and cancels it in time, a million times, keeps no room for them."""
    timers, called = Timers(), []
    for number in range(100):
        timers.after(1000 + number, lambda: called.append("due"))
    for number in range(10_000):
        timers.after(500 + number, lambda: called.append("never")).cancel()
        assert len(timers) <= 300
    async with trio.open_nursery() as nursery:
        nursery.start_soon(timers.run)
        await trio.sleep(20_000)
        nursery.cancel_scope.cancel()
    assert called == ["due"] * 100


async def test_a_timer_cancelled_twice_or_after_its_call_takes_no_other_with_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    timers, called = Timers(), []
    nursery.start_soon(timers.run)
    first = timers.after(1, lambda: called.append("first"))
    await trio.sleep(2)
    others = [timers.after(100, lambda: called.append("other")) for _ in range(100)]
    for _ in range(200):
        first.cancel()
    for _ in range(3):
        others[0].cancel()
    await trio.sleep(200)
    assert called == ["first"] + ["other"] * 99
    assert len(timers) == 0
    nursery.cancel_scope.cancel()


async def test_a_call_that_fails_is_seen_and_the_others_are_called_when_run_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    timers, called = Timers(), []

    def fail() -> None:
        called.append("bad")
        raise RuntimeError("its mailbox is full")

    timers.after(1, fail)
    timers.after(1, lambda: called.append("same time"))
    timers.after(2, lambda: called.append("later"))
    with pytest.raises(RuntimeError, match="mailbox"):
        await timers.run()
    nursery.start_soon(timers.run)
    await trio.sleep(5)
    assert called == ["bad", "same time", "later"]
    nursery.cancel_scope.cancel()


async def test_a_call_may_set_and_cancel_timers(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    timers, called = Timers(), []
    nursery.start_soon(timers.run)
    doomed = timers.after(1.0, lambda: called.append("never"))

    def act() -> None:
        doomed.cancel()
        timers.after(1, lambda: called.append("again"))

    timers.after(0.9, act)
    await trio.sleep(10)
    assert called == ["again"]
    nursery.cancel_scope.cancel()
