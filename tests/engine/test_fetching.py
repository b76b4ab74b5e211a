"""How the pages of one list are asked for, and in which order they are handed on."""

import math
from collections.abc import Callable

import pytest
import trio
from attrs import define, field

from tallystick.connectors import Page
from tallystick.engine.fetching import Fetched, Fetcher, Left
from tallystick.engine.places import Place, Places
from tallystick.errors import ListMoved, PageUnreadable, ProviderUnavailable, TallystickError


@define
class List:
    """A provider's list in pages of `size`; it may change whenever a page is answered."""

    rows: list[str]
    size: int = 2
    latency_s: float = 1.0
    told: bool = True  #: how many pages and rows there are
    slow: dict[str, float] = field(factory=dict)  #: seconds, by page
    before_answer: Callable[[str], None] = field(default=lambda at: None)
    failures: dict[str, TallystickError] = field(factory=dict)
    large: str | None = None  #: a page that can only be read as the first in line
    asked: list[tuple[str, bool]] = field(factory=list)
    out: int = 0
    most_out: int = 0

    async def ask(self, at: str | None, first: bool, place: Place) -> Page:
        number = int(at or 1)
        self.asked.append((str(number), first))
        self.out += 1
        self.most_out = max(self.most_out, self.out)
        try:
            await trio.sleep(self.slow.get(str(number), self.latency_s))
        finally:
            self.out -= 1
        self.before_answer(str(number))
        if at == self.large and not first:
            raise PageUnreadable(platform="xero", resource="Invoices", reason="too large")
        if str(number) in self.failures:
            raise self.failures[str(number)]
        found = self.rows[(number - 1) * self.size : number * self.size]
        last = math.ceil(len(self.rows) / self.size)
        following = tuple(str(n) for n in range(number + 1, min(last, number + 16) + 1))
        raw = ",".join(found).encode()
        return Page(
            raw=raw,
            records=found,  # type: ignore[arg-type]  # the fetcher counts them only
            next=following[0] if following else None,
            ahead=following[1:] if self.told else (),
            total=len(self.rows) if self.told else None,
            fingerprint=hash(raw) if found else None,
        )


async def read(
    of: List,
    *,
    places: Places | None = None,
    ahead: int = 5,
    left: Left | None = None,
) -> tuple[list[str], TallystickError | None]:
    """Every row that was handed on, in order, and what ended the reading early."""
    places = places or Places(100, 10**9)
    fetcher = Fetcher(
        platform="xero",
        resource="Invoices",
        left=left,
        ask=of.ask,
        places=places,
        most_ahead=ahead,
    )
    send, receive = trio.open_memory_channel[Fetched | TallystickError](0)
    rows: list[str] = []
    error: TallystickError | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fetcher.run, send)
        async with receive:
            async for fetched in receive:
                if isinstance(fetched, TallystickError):
                    error = fetched
                    continue
                rows += fetched.page.raw.decode().split(",") if fetched.page.raw else []
                fetched.place.release()
    assert places.pages == 0, "every place is given back"
    return rows, error


def rows(count: int) -> list[str]:
    return [f"r{n:03}" for n in range(count)]


async def test_pages_that_are_known_to_follow_are_asked_for_at_once_and_handed_on_in_order(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(40), slow={"3": 7.0, "5": 4.0})
    began = trio.current_time()
    assert await read(of) == (rows(40), None)
    assert trio.current_time() - began < 13, "20 pages of a second, one of 7"
    assert of.most_out == 5


async def test_where_a_list_does_not_tell_its_length_pages_come_one_after_the_other(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Nobody could see a row move between two answers that were under way together."""
    of = List(rows(10), told=False)
    assert await read(of) == (rows(10), None)
    assert of.most_out == 1


async def test_no_more_pages_are_out_than_there_are_places(autojump_clock: trio.testing.MockClock) -> None:
    of = List(rows(40))
    assert await read(of, places=Places(3, 10**9)) == (rows(40), None)
    assert of.most_out <= 3


async def test_one_place_is_enough(autojump_clock: trio.testing.MockClock) -> None:
    assert await read(List(rows(9)), places=Places(1, 1)) == (rows(9), None)


async def test_rows_that_are_new_in_front_are_no_loss(autojump_clock: trio.testing.MockClock) -> None:
    of = List(rows(20))

    def grow(at: str) -> None:
        if at == "4":
            of.rows.insert(0, "new")

    of.before_answer = grow
    found, error = await read(of)
    assert error is None
    assert set(rows(20)) <= set(found)


@pytest.mark.parametrize("ahead", [0, 5], ids=["one after the other", "ahead"])
@pytest.mark.parametrize("gone", [1, 2, 5])
async def test_rows_that_move_to_pages_already_read_when_others_are_deleted_are_read_all_the_same(
    autojump_clock: trio.testing.MockClock, gone: int, ahead: int
) -> None:
    """Peers' pain: rows missed when pages shift under a reading."""
    of = List(rows(40))

    def shrink(at: str) -> None:
        if at == "6" and len(of.rows) == 40:
            del of.rows[:gone]

    of.before_answer = shrink
    found, error = await read(of, ahead=ahead)
    assert error is None
    assert set(rows(40)[gone:]) <= set(found)


async def test_rows_pushed_over_an_edge_by_an_answer_that_came_late_are_read_all_the_same(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Page 3 is answered before a row is new in front, page 2 after it: what was last on page 2 is on neither."""
    of = List(rows(20), slow={"2": 5.0})

    def grow(at: str) -> None:
        if at == "2" and "new" not in of.rows:
            of.rows.insert(0, "new")

    of.before_answer = grow
    found, error = await read(of)
    assert error is None
    assert set(rows(20)) <= set(found)


async def test_a_reading_taken_up_on_a_list_that_has_shrunk_meanwhile_begins_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(20))
    _, error = await read(of, left=Left("6", total=21))
    assert isinstance(error, ListMoved)
    assert await read(of, left=Left("6", total=20)) == (rows(20)[10:], None)


async def test_a_reading_taken_up_begins_with_the_page_after_which_it_was_left(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Where one row went and another one came the totals are equal; the page itself shows it."""
    assert await read(List(rows(20)), left=Left("6", total=20, page="5", known=True)) == (rows(20)[8:], None)
    assert await read(List(rows(20)), left=Left("6", total=21, page="5", known=True)) == (
        rows(20)[8:],
        None,
    ), "who stores it looks whether it moved by less than a page"
    _, error = await read(List(rows(9)), left=Left("6", page="5", known=True))
    assert isinstance(error, ListMoved), "the list ends before the page that was to come"


async def test_a_list_that_shrinks_while_its_pages_are_read_again_loses_no_row(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(40))

    def shrink(at: str) -> None:
        count = [at for at, _ in of.asked].count(at)
        if (at == "6" and count == 1) or (at == "5" and count == 2) or (at == "4" and count == 2):
            del of.rows[:3]

    of.before_answer = shrink
    found, error = await read(of, ahead=0)
    assert error is None
    assert set(rows(40)[9:]) <= set(found)


async def test_a_list_that_keeps_shrinking_is_begun_anew_and_never_read_past_a_gap(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(60))

    def shrink(at: str) -> None:
        if int(at) > 2:
            del of.rows[:1]

    of.before_answer = shrink
    _, error = await read(of, ahead=0)
    assert isinstance(error, ListMoved)


async def test_a_long_list_may_shrink_more_often(autojump_clock: trio.testing.MockClock) -> None:
    of = List(rows(400), size=2)

    def shrink(at: str) -> None:
        if int(at) % 20 == 0 and len(of.rows) > 400 - int(at) // 20:
            del of.rows[:1]

    of.before_answer = shrink
    found, error = await read(of, ahead=0)
    assert error is None
    assert set(of.rows) <= set(found)


async def test_a_list_that_shrinks_by_more_pages_than_can_be_gone_back_is_begun_anew(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(60))

    def shrink(at: str) -> None:
        if at == "15" and len(of.rows) == 60:
            del of.rows[:20]

    of.before_answer = shrink
    _, error = await read(of, ahead=0)
    assert isinstance(error, ListMoved)


async def test_pages_that_come_again_in_turns_end_the_reading_by_name(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """A, B, A, B, … under ever new page numbers and without a total would never end."""
    of = List(["a", "b", "c", "d"] * 50, told=False)
    found, error = await read(of)
    assert found == ["a", "b", "c", "d"]
    assert isinstance(error, PageUnreadable)
    assert "repeats an earlier page" in str(error)


async def test_the_same_page_twice_ends_the_reading_within_two_pages_by_name(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(["a", "b"] * 9)
    found, error = await read(of)
    assert found == ["a", "b"]
    assert isinstance(error, PageUnreadable)
    assert "repeats" in str(error)


async def test_paging_in_a_circle_ends_by_name(autojump_clock: trio.testing.MockClock) -> None:
    count = 0

    async def ask(at: str | None, first: bool, place: Place) -> Page:
        nonlocal count
        count += 1
        here = int(at or 1)
        return Page(raw=b"x", records=(), next=str(here % 3 + 1), fingerprint=count)

    fetcher = Fetcher(
        platform="xero",
        resource="Invoices",
        left=None,
        ask=ask,
        places=Places(9, 999),
        most_ahead=5,
    )
    send, receive = trio.open_memory_channel[Fetched | TallystickError](9)
    await fetcher.run(send)
    *pages, error = [item async for item in receive]
    assert len(pages) == 4, "the first one, 2, 3, and 1, which is named 2 next"
    assert isinstance(error, PageUnreadable)
    assert "circle" in str(error)


async def test_a_failure_comes_after_the_pages_before_it(autojump_clock: trio.testing.MockClock) -> None:
    down = ProviderUnavailable(platform="xero", reason="down")
    of = List(rows(20), failures={"4": down}, slow={"4": 0.1})
    assert await read(of) == (rows(6), down)


async def test_a_page_too_large_to_be_read_ahead_is_read_when_it_is_first_in_line(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of = List(rows(12), large="4")
    assert await read(of) == (rows(12), None)
    assert ("4", True) in of.asked


async def test_cancelled_a_fetcher_gives_up_every_call_and_every_place(
    autojump_clock: trio.testing.MockClock,
) -> None:
    of, places = List(rows(40)), Places(9, 10**9)
    with trio.move_on_after(2.5):
        await read(of, places=places)
    places.release_all()
    assert (of.out, places.pages, places.bytes) == (0, 0, 0)
