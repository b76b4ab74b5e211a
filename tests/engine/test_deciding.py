"""A person's yes or no to deletions that were held: who hears of it."""

import json
from datetime import timedelta

import pytest
import trio
from tests.engine.conftest import House
from tests.engine.lives import Lives, lives, read_completed
from trio.testing import MockClock

from tallystick.engine import DeletionsHeld, SyncFinished
from tallystick.store import ConnectionRow

__all__ = ["lives"]  # the fixture


async def with_deletions_held(lives: Lives, house: House) -> ConnectionRow:
    """Of 40 items the provider shows 5 after a while: too many deletions to be believed."""
    items = [(f"i{number}", str(number)) for number in range(40)]
    lives.provider.client.pages_of["Items"] = [items]
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    await house.until(SyncFinished)
    lives.clock.moved += timedelta(days=8)
    lives.provider.client.pages_of["Items"] = [items[:5]]
    await trio.sleep(1)
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    await house.until(DeletionsHeld)
    await trio.sleep(10)
    return row


@pytest.mark.parametrize(("apply", "told"), [(True, [35]), (False, [])])
async def test_a_yes_announces_the_records_that_it_changes_and_a_no_announces_nothing(
    lives: Lives, autojump_clock: MockClock, apply: bool, told: list[int]
) -> None:
    async with lives.life(SyncFinished, DeletionsHeld) as house:
        row = await with_deletions_held(lives, house)
        before = await read_completed(house, row)
        await house.engine.decide(row.id, "Items", apply=apply, by="ann")
        announced = [json.loads(body) for body in (await read_completed(house, row))[len(before) :]]
        assert announced == [
            {"dataType": "items", "status": "Complete", "recordsModified": number} for number in told
        ]
