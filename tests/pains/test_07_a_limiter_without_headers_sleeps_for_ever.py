"""A provider sends no header on its limits, and the limiter waits for a window that never ends.

Here the minute slides by our own count: the 501st call of 500 a minute waits a minute at most.
"""

from datetime import UTC, datetime

import trio

from tallystick.connectors import Limits
from tallystick.connectors.budget import Budgets
from tallystick.telemetry import Telemetry


async def test_the_call_after_the_limit_waits_a_minute_at_most(
    autojump_clock: trio.testing.MockClock,
) -> None:
    limits = Limits(calls_a_minute=500, calls_a_day=None, calls_in_flight=10)
    budget = Budgets(Telemetry(), lambda: datetime(2026, 3, 1, tzinfo=UTC)).tenant("xero", "amber", limits)
    began = trio.current_time()
    for _ in range(500):
        async with budget.call():
            pass
    assert trio.current_time() == began
    async with budget.call():
        pass
    assert 0 < trio.current_time() - began <= 60.5
