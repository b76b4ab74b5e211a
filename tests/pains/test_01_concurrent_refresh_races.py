"""Many workers refresh one token at once, and all but one of them end with a dead grant.

Here one actor owns the grant: a thousand callers at expiry cause one refresh, and all of them succeed.
"""

import trio
from tests.engine.conftest import House

from tallystick.engine.grant import GiveToken


async def test_a_thousand_calls_at_expiry_cause_one_refresh(house: House) -> None:
    row = await house.linked()
    address = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    given: list[str] = []

    async def call() -> None:
        given.append(await address.ask(GiveToken(refused="access-0"), deadline=30))

    async with trio.open_nursery() as nursery:
        for _ in range(1000):
            nursery.start_soon(call)
    assert house.provider.auth.refreshes == 1
    assert given == ["access-1"] * 1000
