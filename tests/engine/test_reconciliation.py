"""What a whole reading says of records that it does not meet, and when it is not believed."""

import json
from datetime import timedelta
from typing import Any

import pytest
import trio
from tests.engine.conftest import House

from tallystick.engine import CountsDiffer, DeletionsHeld, ListReconciled, PageStored, SyncFinished
from tallystick.errors import ProviderUnavailable
from tallystick.store import ConnectionRow, Cursor, audit, control, cursors

A_WEEK = timedelta(days=8)


def invoices(*numbers: int) -> list[tuple[str, str]]:
    return [(f"i{n}", "10.00") for n in numbers]


async def read(house: House, row: ConnectionRow) -> None:
    before = sum(isinstance(event, SyncFinished) for event in house.hear(SyncFinished))
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(SyncFinished, before + 1)


async def records(house: House) -> dict[str, dict[str, Any]]:
    async with house.stores.client(house.client_id) as store:
        found = await store.read(
            lambda c: c.execute("select body from records where data_type = 15").fetchall()
        )
    return {body["id"]: body for body in (json.loads(raw) for (raw,) in found)}


async def gone(house: House) -> set[str]:
    return {i for i, body in (await records(house)).items() if body["metadata"]["isDeleted"]}


@pytest.fixture
async def house(house: House) -> House:
    await house.read_every(0)  # what these tests ask for is all that is read
    return house


@pytest.fixture
async def row(house: House) -> ConnectionRow:
    """A connection with 20 invoices, read once, a week ago."""
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 20))]
    row = await house.linked()
    await read(house, row)
    house.clock.now += A_WEEK
    house.provider.client.provider_time = house.clock.now
    return row


async def test_what_a_whole_reading_does_not_meet_is_marked_as_gone_and_announced_by_its_date(
    house: House, row: ConnectionRow
) -> None:
    events = house.hear(ListReconciled)
    before = await records(house)
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 19))]
    await read(house, row)
    assert await gone(house) == {"i19"}
    after = await records(house)
    assert after["i19"]["modifiedDate"] > before["i19"]["modifiedDate"]
    assert after["i19"]["totalAmount"] == before["i19"]["totalAmount"]
    assert after["i18"] == before["i18"]
    assert (await house.datasets(row))["invoices"].deleted == 1
    (told,) = [e for e in events if isinstance(e, ListReconciled)]
    assert (told.live, told.missing, told.deleted, told.by_type) == (20, 1, 1, (("invoices", 1),))


async def test_what_comes_back_is_an_ordinary_change(house: House, row: ConnectionRow) -> None:
    pages = house.provider.client.pages_of
    pages["Invoices"] = [invoices(*range(19))]
    await read(house, row)
    assert await gone(house) == {"i19"}
    pages["Invoices"] = [invoices(19)]
    await read(house, row)
    assert await gone(house) == set()
    assert (await house.datasets(row))["invoices"].updated == 1


async def test_reading_by_changes_deletes_nothing(house: House, row: ConnectionRow) -> None:
    house.clock.now -= A_WEEK
    house.provider.client.pages_of["Invoices"] = [invoices(3)]
    await read(house, row)
    assert house.provider.client.asked[-1][1] is not None, "it asked for changes"
    assert await gone(house) == set()


async def test_what_the_provider_says_is_no_more_is_marked_as_gone_with_all_its_figures_kept(
    house: House, row: ConnectionRow
) -> None:
    before = await records(house)
    house.provider.client.pages_of["Invoices"] = [[("i3", "gone"), ("i4", "11.00"), ("never-seen", "gone")]]
    house.clock.now -= timedelta(days=7)  # no whole reading is due
    house.provider.client.provider_time = house.clock.now
    await read(house, row)
    assert await gone(house) == {"i3"}
    after = await records(house)
    assert after["i3"]["modifiedDate"] > before["i3"]["modifiedDate"]
    assert after["i3"]["totalAmount"] == before["i3"]["totalAmount"]
    dataset = (await house.datasets(row))["invoices"]
    assert (dataset.status, dataset.updated, dataset.deleted) == ("Complete", 1, 1)
    await read(house, row)
    assert (await house.datasets(row))["invoices"].deleted == 0, "it was gone already"


async def test_a_whole_reading_whose_answer_leaves_something_out_deletes_nothing(
    house: House, row: ConnectionRow
) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 19))]
    house.provider.client.partial = True
    await read(house, row)
    assert await gone(house) == set()
    assert (await house.datasets(row))["invoices"].status == "Complete"
    house.provider.client.partial = False
    house.clock.now += A_WEEK
    house.provider.client.provider_time = house.clock.now
    await read(house, row)
    assert await gone(house) == {"i19"}


async def test_an_empty_answer_deletes_nothing_and_asks_a_person(house: House, row: ConnectionRow) -> None:
    """Peers' pain 15: a provider that says 200 with an empty list once."""
    events = house.hear(DeletionsHeld)
    house.provider.client.pages_of["Invoices"] = [[]]
    await read(house, row)
    assert await gone(house) == set()
    (held,) = [e for e in events if isinstance(e, DeletionsHeld)]
    assert (held.resource, held.missing, held.live) == ("Invoices", 20, 20)
    (waiting,) = await house.held_lists(1)
    assert (waiting.connection_id, waiting.held.missing) == (row.id, 20)
    house.provider.client.pages_of["Invoices"] = [invoices(*range(20))]
    await read(house, row)
    assert await house.held_lists(0) == [], "the list is back: there is nothing to decide any more"


async def test_half_a_list_deletes_nothing_until_a_person_says_yes(house: House, row: ConnectionRow) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    await read(house, row)
    await read(house, row)
    assert await gone(house) == set()
    (waiting,) = await house.held_lists(1)
    assert waiting.held.missing == 10
    assert await house.engine.decide(row.id, "Invoices", apply=True, by="ann") == 10
    assert await gone(house) == {f"i{n}" for n in range(10, 20)}
    assert await house.held_lists(0) == []
    async with house.stores.client(house.client_id) as store:
        entries = await store.read(audit.entries)
    assert (entries[-1].entry.actor, entries[-1].entry.act) == ("ann", "deletions.apply")
    with pytest.raises(KeyError):
        await house.engine.decide(row.id, "Invoices", apply=True, by="ann")


async def test_a_no_lets_the_records_stand(house: House, row: ConnectionRow) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    await read(house, row)
    assert await house.engine.decide(row.id, "Invoices", apply=False, by="ann") == 0
    assert await gone(house) == set()
    (entry,) = await house.stores.control.read(control.directory)
    assert not entry.held


async def test_a_yes_spares_what_was_read_again_meanwhile(house: House, row: ConnectionRow) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    await read(house, row)
    house.clock.now += timedelta(minutes=5)
    house.provider.client.pages_of["Invoices"] = [[("i15", "99.00")]]
    await read(house, row)
    assert await house.engine.decide(row.id, "Invoices", apply=True, by="ann") == 9
    assert "i15" not in await gone(house)


async def test_a_yes_spares_what_the_provider_has_shown_again_unchanged(
    house: House, row: ConnectionRow
) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    await read(house, row)
    house.clock.now += timedelta(minutes=5)
    house.provider.client.pages_of["Invoices"] = [invoices(*range(5, 18))]
    await read(house, row)
    (waiting,) = await house.held_lists(1)
    assert waiting.held.missing == 2
    assert await house.engine.decide(row.id, "Invoices", apply=True, by="ann") == 2
    assert await gone(house) == {"i18", "i19"}


async def test_a_list_that_has_shown_all_that_was_missing_waits_for_nobody(
    house: House, row: ConnectionRow
) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    await read(house, row)
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10, 20))]
    await read(house, row)
    assert await house.held_lists(0) == []


async def test_a_few_deletions_of_a_short_list_are_believed(house: House, row: ConnectionRow) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(15))]
    await read(house, row)
    assert len(await gone(house)) == 5


async def test_a_row_that_cannot_be_mapped_stands_and_keeps_no_other_from_being_deleted(
    house: House, row: ConnectionRow
) -> None:
    house.provider.client.pages_of["Invoices"] = [[*invoices(*range(18)), ("i18", "spoilt")]]
    await read(house, row)
    assert await gone(house) == {"i19"}


async def test_a_reading_that_had_to_leave_a_row_out_without_its_name_deletes_nothing(
    house: House, row: ConnectionRow
) -> None:
    house.provider.client.pages_of["Invoices"] = [[*invoices(*range(18)), ("", "spoilt")]]
    await read(house, row)
    assert await gone(house) == set()


async def test_what_a_reading_of_several_pages_misses_is_looked_for_once_more(
    house: House, row: ConnectionRow
) -> None:
    """One row goes and another one comes while the list is read: the totals are equal, and one slips through."""
    client = house.provider.client
    client.tells_total = True
    rows = [*range(10), *range(10, 20)]
    client.pages_of["Invoices"] = [invoices(*rows[:10]), invoices(*rows[10:])]
    events, hold = house.hear(ListReconciled, PageStored), trio.Event()
    client.hold_before["Invoices:2"] = hold
    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, house, row)
        await house.until(PageStored)
        later = [n for n in [*rows, 20] if n != 3]  # row 10 is on page 1 now
        client.pages_of["Invoices"][:] = [invoices(*later[:10]), invoices(*later[10:])]
        hold.set()
    assert await gone(house) == set(), "row 10 stands, and row 3 was met before it went: the next one tells"
    assert set(await records(house)) == {f"i{n}" for n in range(21)}
    assert client.served[-2:] == ["Invoices:1", "Invoices:2"]
    (told,) = [e for e in events if isinstance(e, ListReconciled)]
    assert (told.live, told.missing, told.deleted) == (21, 0, 0)
    found = (await house.datasets(row))["invoices"]
    assert (found.status, found.fetched, found.created, found.unchanged, found.deleted) == (
        "Complete",
        20,
        1,
        19,
        0,
    ), "what was read twice is counted once"


async def test_a_whole_reading_that_was_interrupted_does_not_take_rows_that_moved_for_gone(
    house: House, row: ConnectionRow
) -> None:
    client = house.provider.client
    client.tells_total, client.total_off = True, 10
    down = ProviderUnavailable(platform="xero", reason="down")
    client.pages_of["Invoices"] = [invoices(*range(10)), down]
    await read(house, row)
    client.total_off = 0
    later = [n for n in range(21) if n != 3]
    client.pages_of["Invoices"] = [invoices(*later[:10]), invoices(*later[10:])]
    await read(house, row)
    assert await gone(house) == set(), "row 3 was met before it went: the next one tells"
    assert set(await records(house)) == {f"i{n}" for n in range(21)}


async def test_a_first_reading_that_was_interrupted_misses_no_row_that_moved(house: House) -> None:
    client = house.provider.client
    client.tells_total, client.total_off = True, 10
    down = ProviderUnavailable(platform="xero", reason="down")
    client.pages_of["Invoices"] = [invoices(*range(10)), down]
    row = await house.linked()
    await read(house, row)
    client.total_off = 0
    later = [n for n in range(21) if n != 3]
    client.pages_of["Invoices"] = [invoices(*later[:10]), invoices(*later[10:])]
    await read(house, row)
    assert set(await records(house)) == {f"i{n}" for n in range(21)}


async def test_a_whole_reading_of_a_list_of_which_nothing_stands_is_taken_up_as_a_whole_one(
    house: House, row: ConnectionRow
) -> None:
    pages = house.provider.client.pages_of
    async with house.stores.client(house.client_id) as store:
        await store.write(lambda c: c.execute("update records set deleted = 1"))
    pages["Invoices"] = [invoices(1), ProviderUnavailable(platform="xero", reason="down")]
    await read(house, row)
    pages["Invoices"] = [invoices(1), invoices(2)]
    before = len(house.provider.client.asked)
    await read(house, row)
    assert {since for _, since, _ in house.provider.client.asked[before:]} == {None}


async def test_a_failed_reading_deletes_nothing_and_is_taken_up_as_a_whole_one(
    house: House, row: ConnectionRow
) -> None:
    pages = house.provider.client.pages_of
    down = ProviderUnavailable(platform="xero", reason="down")
    pages["Invoices"] = [invoices(*range(10)), down]
    await read(house, row)
    assert await gone(house) == set()
    pages["Invoices"] = [invoices(*range(10)), invoices(*range(10, 19))]
    await read(house, row)
    assert await gone(house) == {"i19"}, "what the first half met counts"


async def test_the_next_readings_go_by_changes_until_a_week_is_over(house: House, row: ConnectionRow) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(20))]
    await read(house, row)
    await read(house, row)
    asked = [since for name, since, _ in house.provider.client.asked if name == "Invoices"][-2:]
    assert asked[0] is None
    assert asked[1] is not None


async def test_a_list_that_comes_short_of_its_count_is_not_complete_and_is_read_again(house: House) -> None:
    """Peers' pain 11: only a part is stored, and reported as success."""
    events = house.hear(CountsDiffer)
    client = house.provider.client
    client.tells_total, client.total_off = True, 1
    client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 20))]
    row = await house.linked()
    await read(house, row)
    found = (await house.datasets(row))["invoices"]
    assert found.status == "FetchError"
    assert "21 rows" in (found.error_message or "")
    assert "gave 20" in (found.error_message or "")
    assert len(await records(house)) == 20, "what was read can be used"
    for hours in range(4):
        house.clock.now += timedelta(hours=1)
        client.provider_time = house.clock.now
        if hours == 2:
            client.pages_of["Invoices"] = [invoices(1, 2)]
        await read(house, row)
        assert (await house.datasets(row))["invoices"].status == "Complete", "its count is off, always"
        assert (await house.row(row)).state is None, "that is no reason to complain for ever"
    assert client.asked[-1][1] is not None, "it is read by its changes again"
    assert sum(isinstance(e, CountsDiffer) for e in events) == 5


async def test_what_is_missing_of_a_list_whose_count_is_off_waits_for_a_person(
    house: House, row: ConnectionRow
) -> None:
    """Its total says that they stand."""
    client = house.provider.client
    client.tells_total, client.total_off = True, 1
    client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 19))]
    await read(house, row)
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "Complete"
    assert await gone(house) == set()
    (waiting,) = await house.held_lists(1)
    assert waiting.held.missing == 1


async def test_a_second_look_that_is_shorter_than_the_first_one_confirms_nothing(
    house: House, row: ConnectionRow
) -> None:
    """Of a list that tells no total the second answer may end after its first page."""
    client, events = house.provider.client, house.hear(PageStored)
    client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 19))]
    hold = client.hold_before["Invoices:2"] = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, house, row)
        await house.until(PageStored)
        client.hold_before["Invoices:1"] = again = trio.Event()
        hold.set()
        await house.until(PageStored, 2)
        client.pages_of["Invoices"][:] = [invoices(*range(10))]
        again.set()
    assert len([e for e in events if isinstance(e, PageStored)]) == 3
    assert await gone(house) == set()
    await house.held_lists(1)


async def test_a_reading_that_was_interrupted_goes_on_though_its_list_has_grown(house: House) -> None:
    """New rows in front push others to later pages, where they are read."""
    client = house.provider.client
    client.tells_total = True
    down = ProviderUnavailable(platform="xero", reason="down")
    rows, stored = [*range(100, 140)], []
    row = await house.linked()
    for day in range(4):
        pages = [invoices(*rows[n : n + 10]) for n in range(0, len(rows), 10)]
        client.total_off = 10 if day < 3 else 0
        client.pages_of["Invoices"] = [*pages[: day + 1], down, *pages[day + 2 :]] if day < 3 else pages
        before = len(client.served)
        await read(house, row)
        stored.append(client.served[before:])
        rows = [day, *rows]
    assert all("Invoices:1" not in served or n < 2 for n, served in enumerate(stored)), stored
    assert (await house.datasets(row))["invoices"].status == "Complete"
    assert {f"i{n}" for n in range(100, 140)} <= set(await records(house))


async def test_a_list_of_which_the_only_record_could_not_be_mapped_is_complete_when_that_is_gone(
    house: House,
) -> None:
    client = house.provider.client
    client.pages_of["Invoices"] = [[("bad", "spoilt")]]
    row = await house.linked()
    await read(house, row)
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "MapError"
    client.pages_of["Invoices"] = [[]]
    house.clock.now += timedelta(days=2)
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "MapError", "one empty answer may be a fault"
    house.clock.now += timedelta(days=2)
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "Complete"


async def test_what_cannot_be_mapped_on_a_page_that_comes_again_is_not_passed_over(house: House) -> None:
    """While a reading was interrupted a row went, and a bad one slid onto the page that had been read."""
    client = house.provider.client
    down = ProviderUnavailable(platform="xero", reason="down")
    client.pages_of["Invoices"] = [invoices(1, 2), invoices(3, 4), down]
    row = await house.linked()
    await read(house, row)
    client.pages_of["Invoices"] = [invoices(2, 3), [*invoices(4), ("bad", "spoilt")], invoices(6, 7)]
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "MapError"
    client.pages_of["Invoices"][1] = [*invoices(4), ("bad", "12.00")]
    await read(house, row)
    assert client.asked[-3:] == [("Invoices", None, at) for at in (None, "2", "3")]
    assert (await house.datasets(row))["invoices"].status == "Complete"
    assert "bad" in await records(house), "what a passing fault spoilt is read again"


async def test_ever_new_records_that_cannot_be_mapped_do_not_make_every_reading_a_whole_one(
    house: House,
) -> None:
    client = house.provider.client
    row = await house.linked()
    for hour in range(6):
        client.pages_of["Invoices"] = [[*invoices(1), *((f"bad{n}", "spoilt") for n in range(hour + 1))]]
        client.provider_time = house.clock.now
        await read(house, row)
        house.clock.now += timedelta(hours=1)
    assert (await house.datasets(row))["invoices"].status == "MapError"
    since = [since for name, since, _ in client.asked if name == "Invoices"]
    assert since[:2] == [None, None], "what may be a passing fault is read once more"
    assert all(since[2:])
    assert since[2:] == sorted(since[2:])


async def test_a_yes_counts_also_after_a_clock_was_far_ahead(house: House, row: ConnectionRow) -> None:
    client = house.provider.client
    house.clock.now += timedelta(days=365)
    client.pages_of["Invoices"] = [[(f"i{n}", "11.00") for n in range(20)]]
    await read(house, row)
    house.clock.now -= timedelta(days=365)
    client.provider_time = house.clock.now
    client.pages_of["Invoices"] = [[(f"i{n}", "11.00") for n in range(8)]]
    await read(house, row)
    await house.held_lists(1)
    assert await house.engine.decide(row.id, "Invoices", apply=True, by="test") == 12
    assert len(await gone(house)) == 12


async def test_empty_pages_and_the_same_one_in_turns_end_the_reading(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [
        [("i1", str(page))] if page % 2 else [] for page in range(500)
    ]
    row = await house.linked()
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "FetchError"
    assert len(house.provider.client.served) < 20


async def test_the_same_records_for_ever_under_other_bytes_end_the_reading(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [
        [(f"i{n}", str(page)) for n in range(3)] for page in range(500)
    ]
    row = await house.linked()
    await read(house, row)
    found = (await house.datasets(row))["invoices"]
    assert found.status == "FetchError"
    assert "page after page brings nothing new" in (found.error_message or "")
    assert len(house.provider.client.served) < 15


async def test_pages_without_records_are_borne_since_a_resource_may_be_several_lists(house: House) -> None:
    empty: list[tuple[str, str]] = []
    house.provider.client.pages_of["Invoices"] = [empty] * 20 + [invoices(1)]
    row = await house.linked()
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "Complete"
    house.provider.client.pages_of["Invoices"] = [empty] * 500
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "FetchError"


async def test_a_list_that_came_short_once_is_complete_when_it_is_whole_again(house: House) -> None:
    client = house.provider.client
    client.tells_total, client.total_off = True, 3
    client.pages_of["Invoices"] = [invoices(*range(10))]
    row = await house.linked()
    await read(house, row)
    client.total_off = 0
    client.pages_of["Invoices"] = [invoices(*range(13))]
    await read(house, row)
    assert (await house.datasets(row))["invoices"].status == "Complete"
    async with house.stores.client(house.client_id) as store:
        cursor = await store.read(cursors.load, row.number, "Invoices")
    assert cursor == Cursor(since=cursor.since, reconciled=house.clock.now)
