"""Calls go out as fast as they can, and the provider answers 429 to a good part of them.

Here a full sync of twenty lists under Xero's limits uses at least nine tenths of the minute, is hardly ever
refused, and never has more than five calls in flight: played on the budget's own scene.
"""

from tests.connectors.test_budget_under_limits import (
    test_a_full_sync_uses_nine_tenths_of_the_minute_and_is_hardly_ever_refused,
)

__all__ = ["test_a_full_sync_uses_nine_tenths_of_the_minute_and_is_hardly_ever_refused"]
