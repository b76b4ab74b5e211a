"""What a sync promises about pages, cursors and datasets."""

import json
from datetime import timedelta
from typing import Any

import pytest
import trio
from attrs import evolve
from tests.engine.conftest import MANIFEST, NOW, House
from trio.testing import wait_all_tasks_blocked

from tallystick.connectors import Resource
from tallystick.engine import DatasetFinished, PageRefused, PageStored, SyncFinished, SyncStoodStill
from tallystick.errors import (
    AlreadySyncing,
    NeedsReauthorisation,
    NotSupported,
    PageUnreadable,
    ProviderUnavailable,
    RateLimited,
)
from tallystick.store import ConnectionRow, Cursor, cursors, outbox, records, refreshes


@pytest.fixture
async def house(house: House) -> House:
    await house.read_every(0)  # what these tests ask for is all that is read
    return house


async def synced(house: House, row: ConnectionRow, *data_types: str) -> None:
    """Run one sync to its end."""
    before = sum(isinstance(event, SyncFinished) for event in house.hear(SyncFinished))
    await house.engine.sync(house.client_id, row.id, list(data_types) or None, "test")  # type: ignore[arg-type]
    await house.until(SyncFinished, before + 1)


async def stored(house: House, row: ConnectionRow) -> dict[str, Any]:
    async with house.stores.client(house.client_id) as store:
        rows = await store.read(
            lambda c: c.execute("select body from records where data_type = 15").fetchall()
        )
    return {record["id"]: record["totalAmount"] for record in (json.loads(body) for (body,) in rows)}


async def cursor_of(house: House, row: ConnectionRow, resource: str = "Invoices") -> Cursor:
    async with house.stores.client(house.client_id) as store:
        return await store.read(cursors.load, row.number, resource)


async def test_every_page_is_stored_and_the_datasets_are_complete(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [[("a", "1"), ("b", "2")], [("c", "3")]]
    row = await house.linked()
    await synced(house, row)
    assert await stored(house, row) == {"a": 1, "b": 2, "c": 3}
    found = await house.datasets(row)
    assert {name: d.status for name, d in found.items()} == dict.fromkeys(
        ("items", "invoices", "bills"), "Complete"
    )
    assert (found["invoices"].fetched, found["invoices"].created) == (3, 3)
    assert found["invoices"].progress == 100


def asked_first(house: House) -> list[tuple[str, Any, str | None]]:
    """How each reading began or went on."""
    asked = house.provider.client.asked
    return [
        ask
        for before, ask in zip([None, *asked], asked, strict=False)
        if before is None or ask[0] != before[0]
    ]


async def test_resources_are_read_in_the_order_of_the_manifest(house: House) -> None:
    row = await house.linked()
    await synced(house, row)
    assert [name for name, _, _ in house.provider.client.asked] == ["Items", "Invoices"]


async def test_what_shares_a_resource_is_read_and_reported_together(house: House) -> None:
    """A cursor is a resource's: asking for invoices refreshes bills, and says so."""
    row = await house.linked()
    queued = await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    assert [dataset.data_type for dataset in queued] == ["invoices"]
    house.hear(SyncFinished)
    await house.until(SyncFinished)
    assert set(await house.datasets(row)) == {"invoices", "bills"}


async def test_the_next_reading_begins_where_this_one_began_less_the_overlap(house: House) -> None:
    """By the provider's clock, and never at the newest record."""
    house.provider.client.provider_time = NOW - timedelta(seconds=7)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await synced(house, row)
    cursor = await cursor_of(house, row)
    assert cursor == Cursor(since=NOW - timedelta(seconds=127), reconciled=NOW)
    await synced(house, row)
    assert house.provider.client.asked[-1] == ("Invoices", NOW - timedelta(seconds=127), None)


async def test_a_provider_clock_that_is_ahead_does_not_move_the_cursor_into_the_future(
    house: House,
) -> None:
    house.provider.client.provider_time = NOW + timedelta(days=30)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await synced(house, row)
    assert (await cursor_of(house, row)).since == NOW - timedelta(seconds=120)


async def test_a_second_sync_without_changes_writes_nothing_new(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await synced(house, row)
    async with house.stores.client(house.client_id) as store:
        before = await store.read(lambda c: c.execute("select number, modified_at from records").fetchall())
    house.clock.now = NOW + timedelta(hours=1)
    await synced(house, row)
    async with house.stores.client(house.client_id) as store:
        after = await store.read(lambda c: c.execute("select number, modified_at from records").fetchall())
    assert before == after
    assert (await house.datasets(row))["invoices"].unchanged == 1


async def test_a_page_in_the_middle_that_fails_leaves_what_came_before_and_the_next_sync_goes_on_there(
    house: House,
) -> None:
    pages = house.provider.client.pages_of
    pages["Invoices"] = [
        [("a", "1")],
        ProviderUnavailable(platform="xero", reason="HTTP 500"),
        [("c", "3")],
    ]
    row = await house.linked()
    await synced(house, row)
    assert await stored(house, row) == {"a": 1}
    assert (await cursor_of(house, row)).next == "2"
    found = (await house.datasets(row))["invoices"]
    assert found.status == "FetchError"
    assert "HTTP 500" in (found.error_message or "")
    pages["Invoices"][1] = [("b", "2")]
    await synced(house, row)
    assert await stored(house, row) == {"a": 1, "b": 2, "c": 3}
    assert house.provider.client.asked[-3:] == [("Invoices", None, at) for at in (None, "2", "3")], (
        "the page before it comes first, to be compared"
    )


@pytest.mark.parametrize(
    ("error", "status", "fault"),
    [
        (RateLimited(platform="xero", scope="day", retry_after=5000.0), "RateLimitError", "throttled"),
        (ProviderUnavailable(platform="xero", reason="it is down"), "FetchError", "transient"),
        (NotSupported(platform="xero", data_type="invoices"), "NotSupported", "not_supported"),
    ],
    ids=["the day's limit", "an outage", "no such thing"],
)
async def test_a_failed_resource_ends_its_datasets_in_the_right_state_and_the_others_go_on(
    house: House, error: Exception, status: str, fault: str
) -> None:
    house.hear(DatasetFinished)
    house.provider.client.pages_of["Items"] = [error]
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await synced(house, row)
    found = await house.datasets(row)
    assert found["items"].status == status
    assert found["items"].error_message
    assert found["invoices"].status == "Complete"
    (finished,) = [event for event in house.events if isinstance(event, SyncFinished)]
    assert finished.outcome == "partial"
    ends = [event for event in house.events if isinstance(event, DatasetFinished)]
    assert {event.fault for event in ends if event.data_type == "items"} == {fault}
    assert {event.fault for event in ends if event.data_type != "items"} == {None}


async def test_an_answer_that_cannot_be_read_is_kept_raw_with_the_reason(house: House) -> None:
    house.hear(PageRefused)
    house.provider.client.pages_of["Invoices"] = [
        [("a", "1")],
        PageUnreadable(platform="xero", resource="Invoices", reason="cut short", raw=b'{"Invo'),
    ]
    row = await house.linked()
    await synced(house, row)
    async with house.stores.client(house.client_id) as store:
        kept = await store.read(
            lambda c: c.execute("select problem, size from raw_pages where problem not null").fetchall()
        )
    assert kept == [("cut short", 6)]
    assert any(isinstance(event, PageRefused) for event in house.events)
    assert (await house.datasets(row))["invoices"].status == "FetchError"
    assert await stored(house, row) == {"a": 1}


async def test_a_rejected_record_is_counted_told_and_never_dropped_in_silence(house: House) -> None:
    """fetched = created + updated + unchanged + rejected, always; and the dataset is not complete."""
    house.provider.client.pages_of["Invoices"] = [[("a", "1"), ("bad", "not a number"), ("b", "2")]]
    row = await house.linked()
    await synced(house, row)
    assert await stored(house, row) == {"a": 1, "b": 2}
    found = (await house.datasets(row))["invoices"]
    assert (found.fetched, found.created, found.rejected) == (3, 2, 1)
    assert found.status == "MapError"
    assert "1 record" in (found.error_message or "")
    assert "$.total no number, record bad" in (found.error_message or "")
    assert (await house.datasets(row))["bills"].status == "Complete"
    async with house.stores.client(house.client_id) as store:
        issues = await store.read(lambda c: c.execute("select record_id, path from issues").fetchall())
        kept = await store.read(lambda c: c.execute("select problem from raw_pages").fetchall())
    assert issues == [("bad", "$.total")]
    assert kept == [("1 rejected",)]


async def test_a_record_that_a_passing_fault_spoilt_is_read_again_by_the_next_sync(house: House) -> None:
    """Also when a crash or a failure came between the spoilt page and the last one."""
    pages = house.provider.client.pages_of
    pages["Invoices"] = [[("a", "spoilt")], ProviderUnavailable(platform="xero", reason="down"), [("c", "3")]]
    row = await house.linked()
    await synced(house, row)
    pages["Invoices"] = [[("a", "1")], [("b", "2")], [("c", "3")]]
    await synced(house, row)
    assert (await house.datasets(row))["invoices"].status == "MapError", "page 1 was spoilt"
    assert (await cursor_of(house, row)).since is None, "so the next reading begins where this one did"
    await synced(house, row)
    assert await stored(house, row) == {"a": 1, "b": 2, "c": 3}
    assert (await house.datasets(row))["invoices"].status == "Complete"


async def test_a_record_that_cannot_be_mapped_twice_no_longer_makes_every_sync_read_everything(
    house: House,
) -> None:
    """It is told as missing until it can be mapped."""
    client = house.provider.client
    client.pages_of["Invoices"] = [[("a", "1"), ("bad", "spoilt")]]
    row = await house.linked()
    await synced(house, row)
    await synced(house, row)
    assert client.asked[-1] == ("Invoices", None, None)
    client.pages_of["Invoices"] = [[("b", "2")]]
    await synced(house, row)
    assert client.asked[-1][1] is not None, "by its changes now"
    found = (await house.datasets(row))["invoices"]
    assert (found.status, found.rejected) == ("MapError", 0)
    assert "1 record" in (found.error_message or "")
    client.pages_of["Invoices"] = [[("a", "1"), ("bad", "spoilt")]]
    house.clock.now += timedelta(days=1)
    await synced(house, row)
    assert client.asked[-1] == ("Invoices", None, None), "once a day: what spoilt it may be over"
    client.pages_of["Invoices"] = [[("bad", "3")]]
    house.provider.mapping_version += 1
    await synced(house, row)
    assert client.asked[-1] == ("Invoices", None, None), "a newer mapping may have what it takes"
    assert (await house.datasets(row))["invoices"].status == "Complete"
    assert (await stored(house, row))["bad"] == 3


async def test_a_clock_that_was_far_ahead_for_one_sync_keeps_no_list_from_being_read(house: House) -> None:
    """Where the provider tells no time, as in an answer that nothing has changed."""
    client = house.provider.client
    client.provider_time = None
    client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await synced(house, row)
    client.pages_of["Invoices"] = [[]]
    house.clock.now = NOW + timedelta(days=1)
    await synced(house, row)
    assert (await cursor_of(house, row)).since == NOW - timedelta(seconds=120), (
        "an empty answer moves nothing"
    )
    client.pages_of["Invoices"] = [[("a", "1")]]
    house.clock.now = NOW + timedelta(days=400)
    await synced(house, row)
    house.clock.now = NOW + timedelta(hours=1)
    client.pages_of["Invoices"] = [[("a", "2")]]
    await synced(house, row)
    assert client.asked[-1] == ("Invoices", None, None), "what the cursor says has not come yet: all is read"
    assert await stored(house, row) == {"a": 2}
    await synced(house, row)
    assert client.asked[-1][1] == house.clock.now - timedelta(seconds=120)


async def test_a_list_that_was_empty_by_mistake_hides_nothing_for_ever(house: House) -> None:
    """What has never shown a row is read from its beginning again, not from where it was found empty."""
    row = await house.linked()
    await synced(house, row)
    assert (await house.datasets(row))["invoices"].status == "Complete"
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    await synced(house, row)
    assert house.provider.client.asked[-1] == ("Invoices", None, None)
    assert await stored(house, row) == {"a": 1}


async def test_a_type_that_has_ended_can_be_queued_again_while_the_others_still_run(house: House) -> None:
    hold = house.provider.client.hold_before["Invoices:1"] = trio.Event()
    house.hear(DatasetFinished, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(DatasetFinished)
    (again,) = await house.engine.sync(house.client_id, row.id, ["items"], "test")
    with pytest.raises(AlreadySyncing) as refusal:
        await house.engine.sync(house.client_id, row.id, ["items"], "test")
    assert refusal.value.dataset_id == again.id
    hold.set()
    await house.until(SyncFinished, 2)
    assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}


async def test_while_a_sync_runs_its_types_cannot_be_queued_again(house: House) -> None:
    house.provider.client.hold_before["Invoices:1"] = trio.Event()
    row = await house.linked()
    (queued,) = await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    with pytest.raises(AlreadySyncing) as refusal:
        await house.engine.sync(house.client_id, row.id, ["bills"], "test")
    assert refusal.value.data_type in {"invoices", "bills"}
    assert queued.status == "Queued"
    house.provider.client.hold_before["Invoices:1"].set()


async def test_a_sync_of_other_types_waits_for_its_turn(house: House) -> None:
    house.provider.client.hold_before["Invoices:1"] = trio.Event()
    row = await house.linked()
    house.hear(SyncFinished)
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    house.provider.client.hold_before["Invoices:1"].set()
    await house.until(SyncFinished, 2)
    assert [name for name, _, _ in house.provider.client.asked] == ["Invoices", "Items"]


async def test_pages_of_one_connection_in_flight_are_bounded(house: House) -> None:
    """A writer that does not come forward stops the fetching."""
    house.provider.client.pages_of["Invoices"] = [[(f"r{n}", "1")] for n in range(40)]
    row = await house.linked()
    store = await house.store_of()
    let_go = trio.Event()
    original = store.database.driver.write

    class HeldDriver:
        async def write(self, work: Any) -> Any:
            await let_go.wait()
            return await original(work)

        read = store.database.driver.read
        aclose = store.database.driver.aclose

    house.hear(PageStored, SyncFinished)
    second = house.provider.client.hold_before["Invoices:2"] = trio.Event()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(PageStored)
    driver, store.database.driver = store.database.driver, HeldDriver()
    second.set()
    try:
        for _ in range(50):
            await wait_all_tasks_blocked()
            await trio.sleep(0.002)
        limit = house.engine.settings.pages_in_flight
        assert 10 < len(house.provider.client.served) <= limit + 1, "one is stored"
    finally:
        let_go.set()
        store.database.driver = driver
    await house.until(SyncFinished)
    assert len(await stored(house, row)) == 40


async def test_a_page_is_never_stored_when_the_one_before_it_was_not(house: House) -> None:
    """Whoever moved the cursor meanwhile: nothing is skipped, the next sync goes on from there."""
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")], [("c", "3")]]
    hold = house.provider.client.hold_before["Invoices:2"] = trio.Event()
    house.hear(PageStored, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(PageStored)
    async with house.stores.client(house.client_id) as store:
        await store.write(cursors.save, row.number, "Invoices", Cursor(next="1", started=NOW))
    hold.set()
    await house.until(SyncFinished)
    assert await stored(house, row) == {"a": 1}
    assert (await house.datasets(row))["invoices"].status == "ProcessingError"
    await synced(house, row, "invoices")
    assert await stored(house, row) == {"a": 1, "b": 2, "c": 3}


async def test_the_end_of_a_dataset_and_its_announcement_are_one_transaction(house: House) -> None:
    row = await house.linked()
    await synced(house, row, "items")
    async with house.stores.client(house.client_id) as store:
        assert await store.read(outbox.pending) == 1
        (body,) = await store.read(lambda c: c.execute("select body from outbox").fetchone())
    assert json.loads(body)["datasetId"] == (await house.datasets(row))["items"].id


async def test_a_consent_that_is_gone_ends_every_dataset_as_auth_error_and_the_link(house: House) -> None:
    house.provider.client.pages_of["Items"] = [
        NeedsReauthorisation(platform="xero", reason="the tenant is disconnected")
    ]
    row = await house.linked()
    await synced(house, row)
    assert {d.status for d in (await house.datasets(row)).values()} == {"AuthError"}
    with trio.fail_after(2):
        while (await house.row(row)).status != "Deauthorized":
            await trio.sleep(0.01)
    assert "disconnected" in ((await house.row(row)).reason or "")


async def test_events_tell_every_page_and_every_dataset_once(house: House) -> None:
    house.hear(PageStored, DatasetFinished)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
    row = await house.linked()
    await synced(house, row, "invoices")
    pages = [event for event in house.events if isinstance(event, PageStored)]
    ended = [event for event in house.events if isinstance(event, DatasetFinished)]
    assert [(event.created, event.next) for event in pages] == [(1, "2"), (1, None)]
    assert sorted(event.data_type for event in ended) == ["bills", "invoices"]


async def test_deleted_records_are_kept_and_counted_apart(house: House) -> None:
    row = await house.linked()
    await synced(house, row)
    async with house.stores.client(house.client_id) as store:
        assert await store.read(records.count_records, connections=[row.number]) == {}


async def test_a_sync_that_stands_still_is_stopped_told_as_stalled_and_tried_again(house: House) -> None:
    """Peers' pains 17 and 18: it neither hangs nor stays green."""
    events = house.hear(SyncStoodStill, SyncFinished)
    await house.read_every(24)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
    house.provider.client.hold_before["Invoices:2"] = trio.Event()
    row = await house.linked()
    house.engine.roster.settings = evolve(house.engine.settings, sync_deadline=0.3, call_deadline=0.2)
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    assert [e.outcome for e in events if isinstance(e, SyncFinished)] == ["stalled"]
    assert sum(isinstance(e, SyncStoodStill) for e in events) == 1
    found = await house.datasets(row)
    assert found["invoices"].status == "FetchError"
    assert found["invoices"].error_code == "sync.stalled"
    assert found["items"].status == "Complete"
    assert await stored(house, row) == {"a": 1}, "what was read before stays"
    async with house.stores.client(house.client_id) as store:
        due = await store.read(refreshes.of_connection, row.id)
    assert due["invoices"].cause == "backoff"


async def test_lists_that_do_not_need_each_other_are_read_side_by_side(house: House) -> None:
    first, other = (
        Resource(name="Items", data_types=("items",)),
        Resource(name="Invoices", data_types=("invoices", "bills")),
    )
    house.provider.manifest = evolve(MANIFEST, resources=(first, other))
    hold = house.provider.client.hold_before["Items:1"] = trio.Event()
    house.hear(DatasetFinished, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(DatasetFinished, 2)
    assert {e.data_type for e in house.events} == {"invoices", "bills"}
    hold.set()
    await house.until(SyncFinished)
    assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
