"""How many pages are between the provider and the disk."""

import gc
from random import Random

import pytest
import trio
import trio.testing
from trio.testing import wait_all_tasks_blocked

from tallystick.connectors import LargeAnswers
from tallystick.engine.places import Places
from tallystick.engine.progress import Progress


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


async def test_small_pages_do_not_pass_by_a_large_one_that_waits() -> None:
    places, come = Places(9, 1000), trio.Event()

    async def large() -> None:
        await places.take(600)
        come.set()

    async def small() -> None:
        await places.take(1)

    first, second = await places.take(400), await places.take(400)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(large)
        await wait_all_tasks_blocked()
        assert places.take_nowait(1) is None, "there is room, but not for whoever has waited longer"
        nursery.start_soon(small)
        await wait_all_tasks_blocked()
        assert (places.pages, come.is_set()) == (2, False)
        first.release()
        await come.wait()
        await wait_all_tasks_blocked()
        assert places.pages == 2, "the small one is next, and there is no room for it"
        second.release()


@pytest.mark.parametrize("neighbour", ["Acme", "another"])
async def test_a_neighbour_that_never_pauses_does_not_starve_a_list_of_large_pages(
    neighbour: str, autojump_clock: trio.testing.MockClock
) -> None:
    process = Places(9, 1000)
    busy, large = Places(9, 1000, process.share(neighbour)), Places(9, 1000, process.share("Acme"))

    async def goes_on_for_ever() -> None:
        while True:
            place = await busy.take(100)
            await trio.sleep(random.uniform(0.5, 1.5))
            place.release()

    random = Random(7)
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(goes_on_for_ever)
        await trio.sleep(5)
        for _ in range(10):
            with trio.fail_after(10):
                place = await large.take(400)
            place.weigh(950)
            await trio.sleep(3)
            place.release()
        nursery.cancel_scope.cancel()


async def test_who_waits_for_its_own_places_holds_none_of_the_others() -> None:
    process = Places(2, 1000)
    narrow, other = Places(1, 1000, process), Places(1, 1000, process)
    await narrow.take(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(narrow.take, 1)
        await wait_all_tasks_blocked()
        assert process.pages == 1
        assert other.take_nowait(1) is not None
        nursery.cancel_scope.cancel()


async def test_the_next_in_line_is_let_in_when_the_first_gives_up() -> None:
    places = Places(9, 1000)
    await places.take(900)
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            giving_up = trio.CancelScope()

            async def large() -> None:
                with giving_up:
                    await places.take(500)

            nursery.start_soon(large)
            await wait_all_tasks_blocked()
            nursery.start_soon(places.take, 100)
            await wait_all_tasks_blocked()
            assert places.pages == 1
            giving_up.cancel()
    assert (places.pages, places.bytes) == (2, 1000)


async def test_a_place_that_comes_together_with_the_cancellation_is_given_back() -> None:
    process = Places(1, 1000)
    inner = Places(9, 1000, process)
    held = await process.take(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(inner.take, 1)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        held.release()
    assert (process.pages, process.bytes, inner.pages, inner.bytes) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("clients", "each"), [(1, 48), (2, 32), (3, 24)], ids=["alone", "of two", "of three"]
)
async def test_clients_leave_as_many_places_free_as_each_of_them_has(clients: int, each: int) -> None:
    process = Places(96, 10**9)
    slow = [Places(99, 10**9, process.share(f"client {number}")) for number in range(clients)]
    for _ in range(100):
        for places in slow:
            places.take_nowait(1)
    assert [places.pages for places in slow] == [each] * clients
    new = Places(99, 10**9, process.share("somebody new"))
    assert sum(new.take_nowait(1) is not None for _ in range(100)) == each // 2
    slow[0].release_all()
    assert sum(new.take_nowait(1) is not None for _ in range(100)) >= each // 2, "and the rest of its share"


async def test_what_a_client_leaves_free_counts_in_bytes_too() -> None:
    process = Places(99, 1000)
    slow, new = Places(99, 1000, process.share("slow")), Places(99, 1000, process.share("new"))
    while slow.take_nowait(50):
        pass
    assert process.bytes == 500
    assert new.take_nowait(250) is not None


async def test_a_client_whose_share_is_used_up_goes_on_when_another_one_gives_places_back() -> None:
    process = Places(8, 1000)
    one, other = Places(9, 1000, process.share("one")), Places(9, 1000, process.share("other"))
    held = [await other.take(1) for _ in range(4)]
    assert one.take_nowait(1) is not None
    assert one.take_nowait(1) is not None
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one.take, 1)
            await wait_all_tasks_blocked()
            assert process.pages == 6
            for place in held:
                place.release()
    assert process.pages == 3


async def test_all_syncs_of_a_client_are_in_one_share_which_ends_with_the_last_of_them() -> None:
    process = Places(8, 1000)
    one, two = Places(9, 1000, process.share("Acme")), Places(9, 1000, process.share("Acme"))
    assert one.outer is two.outer
    for _ in range(3):
        await one.take(1)
    assert two.take_nowait(1) is not None
    assert two.take_nowait(1) is None
    one.release_all()
    two.release_all()
    del one, two
    gc.collect()
    assert process.unshared() == (8, 1000)


async def test_to_wait_for_others_is_no_standstill_for_a_deadline_and_then_it_is(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Whoever stands still on a place is stopped within a deadline; after that it cannot be the others."""
    process, progress, work = Places(1, 1000), Progress(10.0), trio.CancelScope()
    await process.take(1)
    asked = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(progress.watch, work)
        with work:
            await Places(9, 1000, process, progress=progress).take(1)
        nursery.cancel_scope.cancel()
    assert progress.stalled
    assert trio.current_time() - asked == pytest.approx(20, abs=0.1)


async def test_to_wait_for_the_syncs_own_places_is_a_standstill(
    autojump_clock: trio.testing.MockClock,
) -> None:
    progress, work = Progress(10.0), trio.CancelScope()
    own = Places(1, 1000, Places(9, 1000), progress=progress)
    await own.take(1)
    asked = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(progress.watch, work)
        with work:
            await own.take(1)
        nursery.cancel_scope.cancel()
    assert trio.current_time() - asked == pytest.approx(10, abs=0.1)
