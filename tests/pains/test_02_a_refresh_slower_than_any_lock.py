"""A lock expires while the provider is slow, and a second worker spends the rotated token.

Here nothing expires: a refresh that takes half a minute is still the only one.
"""

import trio
from tests.engine.conftest import House
from trio.testing import wait_all_tasks_blocked

from tallystick.engine.grant import GiveToken


async def test_a_slow_token_endpoint_still_sees_one_refresh_and_no_grant_is_lost(house: House) -> None:
    hold = house.provider.auth.hold = trio.Event()
    row = await house.linked()
    address = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    given: list[str] = []

    async def call() -> None:
        given.append(await address.ask(GiveToken(refused="access-0"), deadline=60))

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(call)
            await wait_all_tasks_blocked(0.01)
        hold.set()
    assert house.provider.auth.refreshes == 1
    assert given == ["access-1"] * 3
    assert (await house.row(row)).status == "Linked"
