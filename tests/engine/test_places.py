"""How many pages are between the provider and the disk."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from tallystick.connectors import LargeAnswers
from tallystick.engine.places import Places


async def test_a_page_waits_until_another_has_given_its_place_back() -> None:
    places = Places(2, 1000)
    first, _ = await places.take(1), await places.take(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(places.take, 1)
        await wait_all_tasks_blocked()
        assert places.pages == 2
        first.release()
        await wait_all_tasks_blocked()
        assert places.pages == 2
        nursery.cancel_scope.cancel()


async def test_bytes_count_as_they_turn_out_to_be() -> None:
    places = Places(9, 1000)
    (await places.take(10)).weigh(995)
    assert places.take_nowait(10) is None
    assert places.take_nowait(5) is not None


async def test_one_page_is_always_let_in_however_large() -> None:
    places = Places(1, 10)
    assert (await places.take(10**9)).size == 10**9


async def test_places_inside_others_count_in_both() -> None:
    outer = Places(2, 1000)
    one, two = Places(5, 1000, outer), Places(5, 1000, outer)
    await one.take(1)
    held = await two.take(1)
    assert one.take_nowait(1) is None, "the outer ones are taken"
    held.release()
    assert one.take_nowait(1) is not None
    one.release_all()
    two.release_all()
    assert (outer.pages, outer.bytes) == (0, 0)


async def test_what_a_part_still_holds_at_its_end_is_given_back_everywhere() -> None:
    outer = Places(9, 1000)
    whole = Places(3, 1000, outer)
    with pytest.raises(ZeroDivisionError), whole.part() as part:
        await part.take(10)
        (await part.take(10)).weigh(500)
        assert (part.pages, whole.pages, outer.pages, outer.bytes) == (2, 2, 2, 510)
        1 / 0  # noqa: B018 - however it ends
    assert (whole.pages, whole.bytes, outer.pages, outer.bytes) == (0, 0, 0, 0)


async def test_parts_share_what_the_whole_has_room_for() -> None:
    whole = Places(3, 1000)
    with whole.part() as one, whole.part() as other:
        assert one.take_nowait(1) is not None
        assert one.take_nowait(1) is not None
        assert other.take_nowait(1) is not None
        assert other.take_nowait(1) is None


async def test_the_large_place_goes_with_the_place_of_its_page_and_not_before() -> None:
    """Two pages of one list are two owners: what one holds is not free because the other is stored."""
    large = LargeAnswers()
    with trio.fail_after(5), Places(9, 10**9, large=large).part() as part:
        first, second = await part.take(1), await part.take(1)
        await large.take(first)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(large.take, second)
            await wait_all_tasks_blocked()
            assert large.waiting == 1
            first.release()
        other = await part.take(1)
        first.release()
        with trio.move_on_after(0.001) as scope:
            await large.take(other)
        assert scope.cancelled_caught, "the second page still has it"
    assert await large.take("anybody"), "the list has ended"


async def test_a_cancelled_wait_leaves_nothing_taken() -> None:
    outer = Places(9, 1000)
    inner = Places(1, 1000, outer)
    await inner.take(1)
    with trio.move_on_after(0.001) as scope:
        await inner.take(1)
    assert scope.cancelled_caught
    assert (inner.pages, outer.pages) == (1, 1)
