"""That large answers come one at a time, in the order of asking."""

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tallystick.connectors import LargeAnswers


async def test_one_has_the_place_and_the_others_get_it_in_their_order(autojump_clock: MockClock) -> None:
    large, order = LargeAnswers(), list[str]()

    async def read(owner: str) -> None:
        assert await large.take(owner)
        order.append(owner)
        await trio.sleep(1)
        large.release(owner)

    async with trio.open_nursery() as nursery:
        for owner in ("amber", "birch", "cedar"):
            nursery.start_soon(read, owner)
            await wait_all_tasks_blocked()
        assert large.waiting == 2
    assert order == ["amber", "birch", "cedar"]
    assert trio.current_time() == 3


async def test_who_comes_while_it_changes_hands_does_not_overtake(autojump_clock: MockClock) -> None:
    large, order = LargeAnswers(), list[str]()
    await large.take("amber")

    async def read(owner: str) -> None:
        await large.take(owner)
        order.append(owner)
        large.release(owner)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, "birch")
        await wait_all_tasks_blocked()
        large.release("amber")
        await read("cedar")
    assert order == ["birch", "cedar"]


async def test_who_is_cancelled_just_when_it_becomes_theirs_hands_it_on(autojump_clock: MockClock) -> None:
    large, had = LargeAnswers(), list[str]()
    await large.take("amber")

    async def read(owner: str, scope: trio.CancelScope) -> None:
        with scope:
            await large.take(owner)
            had.append(owner)

    birch = trio.CancelScope()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, "birch", birch)
        await wait_all_tasks_blocked()
        nursery.start_soon(read, "cedar", trio.CancelScope())
        await wait_all_tasks_blocked()
        large.release("amber")
        birch.cancel()
    assert had == ["cedar"]


async def test_an_owner_keeps_it_and_only_its_release_counts(autojump_clock: MockClock) -> None:
    large = LargeAnswers()
    assert await large.take("amber")
    assert not await large.take("amber")
    large.release("birch")
    with trio.move_on_after(1) as waited:
        await large.take("birch")
    assert waited.cancelled_caught
    large.release("amber")
    large.release("amber")
    assert await large.take("birch")


async def test_who_gives_up_waiting_holds_nobody_up(autojump_clock: MockClock) -> None:
    large, had = LargeAnswers(), list[str]()
    await large.take("amber")

    async def read(owner: str, patience: float) -> None:
        with trio.move_on_after(patience):
            await large.take(owner)
            had.append(owner)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, "birch", 1)
        await wait_all_tasks_blocked()
        nursery.start_soon(read, "cedar", 60)
        await trio.sleep(2)
        large.release("amber")
    assert had == ["cedar"]
