"""How many calls a client has left today.

Source: api-contract §1: 1000 x (1 + linked companies) a day, anew at 00:00 UTC; the 1000 is a setting.
Counted in memory: a restart gives the day's calls back.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

import trio
from attrs import define, field

from tallystick.http.problem import Problem
from tallystick.store import Clock, Stores, connections

_LOOK_AGAIN_S: Final = 60.0  #: how old the number of linked companies may be
#: `Retry-After` is never longer: urllib3 inside the SDKs sleeps all of it, so a caller would hang until
#: midnight without a word. `X-Rate-Limit-Reset` tells the truth.
_LONGEST_WAIT_S: Final = 60


@define
class _Day:
    ends: datetime
    limit: int
    used: int = 0
    looked: float = -_LOOK_AGAIN_S  #: trio's clock


@define(eq=False)
class Quota:
    """The calls of every client."""

    stores: Stores
    a_company: int = 1000  #: calls a day
    _days: dict[str, _Day] = field(factory=dict)

    async def take(self, client_id: str) -> Mapping[str, str]:
        """Count one call. Returns the headers that every answer carries.

        Cost: once a minute and client, a walk over its connections.
        Raises: `Problem` 429, with the same headers and `Retry-After`.
        """
        now = self.stores.clock()
        day = self._days.get(client_id)
        if day is None or now >= day.ends:
            day = self._days[client_id] = _Day(_next_midnight(self.stores.clock), self.a_company)
        if trio.current_time() - day.looked >= _LOOK_AGAIN_S:
            day.looked = trio.current_time()
            day.limit = self.a_company * (1 + await self._linked_companies(client_id))
        left = day.limit - day.used
        headers = {
            "x-rate-limit-limit": str(day.limit),
            "x-rate-limit-remaining": str(max(0, left - 1)),
            "x-rate-limit-reset": day.ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if left <= 0:
            wait = min(_LONGEST_WAIT_S, int((day.ends - now).total_seconds()) + 1)
            raise Problem(
                429,
                f"The quota of {day.limit} calls a day is spent.",
                headers={**headers, "retry-after": str(wait)},
            )
        day.used += 1
        return headers

    async def _linked_companies(self, client_id: str) -> int:
        async with self.stores.client(client_id) as store:
            rows = await store.read(connections.all_of_client)
        return len({row.company_id for row in rows if row.status == "Linked"})


def _next_midnight(clock: Clock) -> datetime:
    return datetime.combine(clock().astimezone(UTC).date() + timedelta(days=1), time(), UTC)
