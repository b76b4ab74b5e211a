"""Parallel streams draw 429s upon themselves, and the small ones end with nothing.

Here all lists of a tenant share one budget, in turns: each gets on in every minute.
"""

from collections import Counter
from datetime import UTC, datetime

import trio

from tallystick.connectors import Limits
from tallystick.connectors.budget import Budgets
from tallystick.telemetry import Telemetry


async def test_every_stream_makes_progress_each_minute(autojump_clock: trio.testing.MockClock) -> None:
    limits = Limits(calls_a_minute=60, calls_a_day=None, calls_in_flight=5)
    budget = Budgets(Telemetry(), lambda: datetime(2026, 3, 1, tzinfo=UTC)).tenant("xero", "amber", limits)
    began = trio.current_time()
    calls: Counter[tuple[int, int]] = Counter()  # by minute and stream
    most = 0

    async def stream(number: int) -> None:
        nonlocal most
        while True:
            async with budget.call():
                most = max(most, budget.in_flight)
                calls[int((trio.current_time() - began) // 60), number] += 1
                await trio.sleep(0.2)

    with trio.move_on_after(599):
        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(stream, number)
    assert most <= 5
    for minute in range(1, 9):
        assert all(calls[minute, number] for number in range(20)), minute
        assert sum(calls[minute, number] for number in range(20)) <= 60
