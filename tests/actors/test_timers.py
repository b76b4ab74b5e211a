"""What the shared timer heap promises."""

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
