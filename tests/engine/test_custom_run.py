"""A custom data type: read when somebody asks, under the same laws as the books, and never beside them."""

from typing import Any

import pytest
import trio
from attrs import evolve
from tests.engine.conftest import House
from tests.engine.own_lists import ScriptedLists, told

from tallystick.engine import (
    ConnectionMoved,
    DatasetFinished,
    PageRefused,
    PageStored,
    SyncFinished,
    SyncStoodStill,
)
from tallystick.engine.custom_config import MOST_TYPES, CustomConfig, TypesTooMany, faults_of, write_type
from tallystick.errors import (
    AlreadySyncing,
    ListMoved,
    NeedsReauthorisation,
    PageUnreadable,
    PermissionMissing,
    ProviderUnavailable,
    RequestRefused,
)
from tallystick.store import ConnectionRow, Dataset, custom_types, datasets, issues
from tallystick.store.custom_types import as_data_type

RATES = as_data_type("rates")
CONFIG = CustomConfig(data_source="/Rates", required_data={"name": "$.Name", "rate": "Rate"}, key_by=["$.Id"])


def a_row(key: int, rate: str = "1.50", name: str = "Standard") -> str:
    return f'{{"Id":{key},"Name":"{name}","Rate":{rate}}}'


@pytest.fixture
async def house(house: House) -> House:
    await house.read_every(0)
    house.hear(SyncFinished, DatasetFinished, PageStored, PageRefused, ConnectionMoved, SyncStoodStill)
    house.provider.lists = ScriptedLists()
    async with house.stores.client(house.client_id) as store:
        await write_type(store, "xero", "rates", CONFIG)
    return house


async def pages(house: House, *content: list[str] | Exception) -> None:
    house.provider.lists.pages_of["/Rates"] = list(content)


async def queue(house: House, row: ConnectionRow) -> Dataset:
    (dataset,) = await house.engine.sync(house.client_id, row.id, [RATES], "test")
    return dataset


async def read(house: House, row: ConnectionRow) -> Dataset:
    """Ask for it, and wait for its end."""
    before = sum(isinstance(event, SyncFinished) for event in house.events)
    dataset = await queue(house, row)
    await house.until(SyncFinished, before + 1)
    async with house.stores.client(house.client_id) as store:
        found = await store.read(datasets.find, dataset.id)
    assert found is not None
    return found


async def records(house: House, row: ConnectionRow) -> dict[str, Any]:
    async with house.stores.client(house.client_id) as store:
        _, found = await store.read(custom_types.page, row.number, "rates", limit=1000, offset=0)
    return {record["id"]: dict(record) for record in map(told, found)}


async def test_every_page_becomes_records_with_their_digits(house: House) -> None:
    await pages(house, [a_row(1, "1.50"), a_row(2, "20")], [a_row(3, "0.10")])
    row = await house.linked()
    dataset = await read(house, row)
    assert (dataset.status, dataset.data_type, dataset.progress) == ("Complete", "custom/rates", 100)
    assert (dataset.fetched, dataset.created, dataset.accounted) == (3, 3, 3)
    found = await records(house, row)
    assert found["1"]["content"] == {"name": "Standard", "rate": "1.50"}
    assert found["3"]["content"]["rate"] == "0.10"
    assert set(found["1"]) == {"id", "content", "modifiedDate"}


async def test_only_what_changed_moves_its_date(house: House) -> None:
    await pages(house, [a_row(1), a_row(2)])
    row = await house.linked()
    await read(house, row)
    before = await records(house, row)
    await pages(house, [a_row(1), a_row(2, "3.00"), a_row(3)])
    dataset = await read(house, row)
    after = await records(house, row)
    assert after["1"] == before["1"]
    assert after["2"]["modifiedDate"]["modifiedDate"] > before["2"]["modifiedDate"]["modifiedDate"]
    assert (dataset.created, dataset.updated, dataset.unchanged, dataset.accounted) == (1, 1, 1, 3)


async def test_a_record_goes_once_two_whole_readings_in_a_row_have_missed_it(house: House) -> None:
    await pages(house, [a_row(n) for n in range(20)])
    row = await house.linked()
    await read(house, row)
    await pages(house, [a_row(n) for n in range(19)])
    await read(house, row)
    assert len(await records(house, row)) == 20, "rows may have moved while it was read"
    dataset = await read(house, row)
    assert len(await records(house, row)) == 19
    assert dataset.deleted == 1


@pytest.mark.parametrize("told_total", [None, 50], ids=["an empty answer", "an answer short of its total"])
async def test_what_is_no_whole_list_makes_no_record_go(house: House, told_total: int | None) -> None:
    await pages(house, [a_row(1), a_row(2)])
    row = await house.linked()
    await read(house, row)
    await pages(house, [a_row(1)] if told_total else [])
    if told_total:
        house.provider.lists.totals["/Rates"] = told_total
    for _ in range(3):
        dataset = await read(house, row)
    assert set(await records(house, row)) == {"1", "2"}
    assert dataset.status == ("FetchError" if told_total else "Complete")


async def test_too_many_that_are_gone_are_not_believed(house: House) -> None:
    await pages(house, [a_row(n) for n in range(40)])
    row = await house.linked()
    await read(house, row)
    await pages(house, [a_row(1)])
    for _ in range(3):
        dataset = await read(house, row)
    assert len(await records(house, row)) == 40
    async with house.stores.client(house.client_id) as store:
        (doubt,) = await store.read(issues.of_dataset, dataset.id)
    assert "39 records" in doubt.message


async def test_a_row_without_an_id_is_told_and_the_others_are_stored(house: House) -> None:
    await pages(house, [a_row(1), '{"Name":"x"}', '{"Id":true}', '{"Id":""}', "7"])
    row = await house.linked()
    dataset = await read(house, row)
    assert (dataset.status, dataset.rejected, dataset.fetched, dataset.accounted) == ("MapError", 4, 5, 5)
    assert "$.Id" in (dataset.error_message or "")
    assert set(await records(house, row)) == {"1"}
    async with house.stores.client(house.client_id) as store:
        found = await store.read(issues.of_dataset, dataset.id)
    assert {(issue.severity, issue.path) for issue in found} == {("rejected", "$.Id")}


async def test_an_id_may_have_several_parts_and_a_date_may_tell_a_change(house: House) -> None:
    config = CustomConfig(data_source="/Rates", key_by=["Id", "$.Name"], source_modified_date=["At"])
    async with house.stores.client(house.client_id) as store:
        await write_type(store, "xero", "rates", config)
    await pages(house, ['{"Id":1.10,"Name":"a","At":1}', '{"Id":1.10,"Name":"b","At":1}'])
    row = await house.linked()
    await read(house, row)
    assert set(await records(house, row)) == {"1.10|a", "1.10|b"}
    await pages(house, ['{"Id":1.10,"Name":"a","At":2}', '{"Id":1.10,"Name":"b","At":1}'])
    assert (await read(house, row)).updated == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProviderUnavailable(platform="xero", reason="no answer"), "FetchError"),
        (PermissionMissing(platform="xero", resource="Rates"), "PermissionsError"),
        (RequestRefused(platform="xero", resource="Rates", status=404), "FetchError"),
        (ListMoved(platform="xero", resource="Rates"), "FetchError"),
        (PageUnreadable(platform="xero", resource="Rates", reason="HTML", raw=b"<html>"), "FetchError"),
    ],
    ids=["down", "forbidden", "absent", "moving", "unreadable"],
)
async def test_a_failure_ends_the_dataset_and_nothing_else(
    house: House, error: Exception, status: str
) -> None:
    """What was read before it stays, and the connection rests as it did: the books are none the worse."""
    await pages(house, [a_row(1)], error)
    row = await house.linked()
    dataset = await read(house, row)
    assert dataset.status == status
    assert str(error) in (dataset.error_message or "")
    assert set(await records(house, row)) == {"1"}
    moves = [event.now for event in house.events if isinstance(event, ConnectionMoved)]
    assert moves[-1] == "Linked"
    assert any(isinstance(event, PageRefused) for event in house.events) == isinstance(error, PageUnreadable)


async def test_a_list_that_moved_once_is_read_from_its_beginning(house: House) -> None:
    await pages(house, [a_row(1)], [a_row(2)])
    house.provider.lists.fails_once["/Rates:2"] = ListMoved(platform="xero", resource="Rates")
    row = await house.linked()
    dataset = await read(house, row)
    assert dataset.status == "Complete"
    assert [at for _, at in house.provider.lists.asked] == [None, "2", None, "2"]
    assert set(await records(house, row)) == {"1", "2"}


async def test_one_that_stands_still_is_stopped_and_told_as_stalled(house: House) -> None:
    house.engine.roster.settings = evolve(house.engine.settings, sync_deadline=0.3, call_deadline=0.2)
    house.provider.lists.hold_before["/Rates:2"] = trio.Event()
    await pages(house, [a_row(1)], [a_row(2)])
    row = await house.linked()
    dataset = await read(house, row)
    assert dataset.status == "FetchError"
    assert "stopped" in (dataset.error_message or "")
    assert any(isinstance(event, SyncStoodStill) for event in house.events)
    assert [e.outcome for e in house.events if isinstance(e, SyncFinished)] == ["stalled"]
    assert set(await records(house, row)) == {"1"}


@pytest.mark.parametrize("kind", ["circle", "repeats"])
async def test_paging_without_end_is_seen(house: House, kind: str) -> None:
    await pages(house, [a_row(1)], [a_row(2)])
    setattr(house.provider.lists, kind, True)
    row = await house.linked()
    dataset = await read(house, row)
    assert dataset.status == "FetchError"
    assert len(house.provider.lists.asked) < 10


async def test_a_consent_that_is_gone_is_asked_for_again(house: House) -> None:
    await pages(house, NeedsReauthorisation(platform="xero", reason="revoked"))
    row = await house.linked()
    dataset = await read(house, row)
    assert dataset.status == "AuthError"
    with trio.fail_after(10):
        while (await house.row(row)).status != "Deauthorized":
            await trio.sleep(0.005)


async def test_it_never_runs_beside_a_sync_of_the_books_and_is_asked_for_once(house: House) -> None:
    held = house.provider.lists.hold_before["/Rates:1"] = trio.Event()
    await pages(house, [a_row(1)])
    row = await house.linked()
    dataset = await queue(house, row)
    with pytest.raises(AlreadySyncing) as refused:
        await queue(house, row)
    assert (refused.value.data_type, refused.value.dataset_id) == ("custom/rates", dataset.id)
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    assert house.provider.client.asked == []
    held.set()
    await house.until(SyncFinished, 2)
    ended = [event.data_type for event in house.events if isinstance(event, DatasetFinished)]
    assert ended == ["custom/rates", "items"]


async def test_unlinking_stops_it_and_ends_its_dataset(house: House) -> None:
    house.provider.lists.hold_before["/Rates:1"] = trio.Event()
    row = await house.linked()
    dataset = await queue(house, row)
    with trio.fail_after(10):
        while not house.provider.lists.asked:
            await trio.sleep(0.005)
    await house.engine.unlink(house.client_id, row.id)
    async with house.stores.client(house.client_id) as store:
        found = await store.read(datasets.find, dataset.id)
    assert found is not None
    assert found.status == "Cancelled"


async def test_a_dataset_that_a_stop_left_behind_is_taken_up(house: House) -> None:
    """As the next start finds it: queued in the file, with nobody at work on it."""
    await pages(house, [a_row(1)])
    row = await house.linked()
    left = Dataset(
        id="left-behind",
        sync_id="s",
        connection_id=row.id,
        company_id=row.company_id,
        data_type=RATES,
        status="Queued",
        progress=0,
        requested_at=house.clock.now,
    )
    async with house.stores.client(house.client_id) as store:
        await store.write(datasets.queue, [left])
    house.engine.roster.connection(house.client_id, row)
    house.engine.schedule.note(row.id, house.clock.now)
    await house.until(DatasetFinished)
    assert [e.status for e in house.events if isinstance(e, DatasetFinished)] == ["Complete"]
    assert set(await records(house, row)) == {"1"}


async def test_a_change_of_the_configuration_while_it_is_read_begins_it_anew(house: House) -> None:
    held = house.provider.lists.hold_before["/Rates:2"] = trio.Event()
    await pages(house, [a_row(1)], [a_row(2)])
    row = await house.linked()
    await queue(house, row)
    await house.until(PageStored)
    changed = CustomConfig(data_source="/Rates", required_data={"n": "Name"}, key_by=["Name", "Id"])
    async with house.stores.client(house.client_id) as store:
        await write_type(store, "xero", "rates", changed)
    assert await records(house, row) == {}, "their ids would mean other things now"
    held.set()
    await house.until(SyncFinished)
    found = await records(house, row)
    assert {name: record["content"] for name, record in found.items()} == {
        "Standard|1": {"n": "Standard"},
        "Standard|2": {"n": "Standard"},
    }


async def test_records_stay_when_only_their_values_are_to_be_others(house: House) -> None:
    await pages(house, [a_row(1)])
    row = await house.linked()
    await read(house, row)
    async with house.stores.client(house.client_id) as store:
        config = CustomConfig(data_source="/Rates", required_data={"x": "Rate"}, key_by=["$.Id"])
        await write_type(store, "xero", "rates", config)
    assert set(await records(house, row)) == {"1"}
    await read(house, row)
    assert (await records(house, row))["1"]["content"] == {"x": "1.50"}


async def test_it_is_not_read_with_the_books_or_by_itself(house: House) -> None:
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    assert house.provider.lists.asked == []
    await pages(house, [a_row(1)])
    await read(house, row)
    async with house.stores.client(house.client_id) as store:
        planned = await store.read(lambda c: c.execute("select distinct data_type from refreshes").fetchall())
    assert ("custom/rates",) not in planned


async def test_a_platform_has_so_many_and_no_more(house: House) -> None:
    async with house.stores.client(house.client_id) as store:
        for number in range(1, MOST_TYPES):
            await write_type(store, "xero", f"t{number}", CONFIG)
        with pytest.raises(TypesTooMany):
            await write_type(store, "xero", "one-more", CONFIG)
        await write_type(store, "xero", "rates", CONFIG)


def test_everything_that_is_wrong_is_told_with_its_field() -> None:
    config = CustomConfig(data_source="/Rates", required_data={"": "a", "b": "$["}, key_by=["ok", "$.."])
    assert {fault.field for fault in faults_of(config, ScriptedLists())} == {
        "requiredData.",
        "requiredData.b",
        "keyBy[1]",
    }
    config = CustomConfig(data_source="http://x", key_by=[], source_modified_date=["a"] * 6)
    assert {fault.field for fault in faults_of(config, ScriptedLists())} == {
        "dataSource",
        "keyBy",
        "sourceModifiedDate",
    }


async def test_a_connection_that_is_removed_takes_its_records_with_it(house: House) -> None:
    await pages(house, [a_row(1)])
    row = await house.linked()
    await read(house, row)
    await house.engine.remove_connection(house.client_id, row.id)
    async with house.stores.client(house.client_id) as store:
        left = await store.read(lambda c: c.execute("select count(*) from custom_records").fetchone())
    assert left == (0,)
