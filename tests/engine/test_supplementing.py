"""What a client wants beside the standard fields: found in the rows, and in the records that are there already."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import trio
from tests.engine.conftest import House
from tests.engine.own_lists import ScriptedLists, told

from tallystick.connectors import Issue, Notice, Resource
from tallystick.engine import PageStored, RecordsRefreshed, SyncFinished
from tallystick.engine.remap_figures import RemapFinished
from tallystick.engine.supplemental_config import check_config, read_config, write_config
from tallystick.engine.supplementing import LARGEST_VALUE, SourceConfig, Supplements, faults_of, stored
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, supplemental

INVOICES = Resource(name="Invoices", data_types=("invoices", "bills"))
Found = dict[str, dict[str, Any]]


def wanting(source: str = "/Invoices", **paths: str) -> Mapping[str, SourceConfig]:
    return {"extra": SourceConfig(data_source=source, pull_data=paths)}


@pytest.fixture
async def house(house: House) -> House:
    await house.read_every(0)  # what these tests ask for is all that is read
    house.hear(SyncFinished, RemapFinished, PageStored)
    house.provider.lists = ScriptedLists()
    return house


async def configure(
    house: House, configs: Mapping[str, SourceConfig], data_type: DataType = "invoices"
) -> None:
    assert check_config(house.provider, data_type, configs) == []
    await write_config(
        house.stores,
        house.engine.remaps,
        house.engine.schedule,
        client_id=house.client_id,
        connector=house.provider,
        data_type=data_type,
        configs=configs,
    )


async def synced(house: House, row: ConnectionRow) -> None:
    before = sum(isinstance(event, SyncFinished) for event in house.events)
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished, before + 1)


async def records(house: House) -> Found:
    async with house.stores.client(house.client_id) as store:
        rows = await store.read(lambda c: c.execute("select body from records order by number").fetchall())
    return {record["id"]: dict(record) for record in map(told, (body for (body,) in rows))}


async def contents(house: House) -> dict[str, Any]:
    """What was added to each record; None where nothing was."""
    return {name: r.get("supplementalData", {}).get("content") for name, r in (await records(house)).items()}


async def a_read_house(house: House) -> ConnectionRow:
    house.provider.client.pages_of = {"Invoices": [[("a", "1.50"), ("b", "2")]], "Items": [[("i", "7")]]}
    row = await house.linked()
    await synced(house, row)
    return row


async def test_the_next_records_carry_what_is_wanted_and_others_nothing(house: House) -> None:
    await configure(house, wanting(total="total", whence="$.of", gone="absent[0].deep"))
    await a_read_house(house)
    assert await contents(house) == {
        "i": None,
        "a": {"extra": {"total": "1.50", "whence": "Invoices", "gone": None}},
        "b": {"extra": {"total": "2", "whence": "Invoices", "gone": None}},
    }


async def test_records_that_are_there_are_mapped_anew_without_a_call(house: House) -> None:
    """And only those that change move their modifiedDate: the items stay as they were."""
    await a_read_house(house)
    before, calls = await records(house), len(house.provider.client.served)
    house.clock.now += timedelta(hours=1)
    await configure(house, wanting(whence="of"))
    await house.until(RemapFinished)
    after = await records(house)
    assert after["a"]["supplementalData"] == {"content": {"extra": {"whence": "Invoices"}}}
    assert after["i"] == before["i"]
    assert after["a"]["modifiedDate"] > before["a"]["modifiedDate"]
    assert len(house.provider.client.served) == calls


async def test_after_that_the_list_is_read_by_its_changes_as_before(house: House) -> None:
    row = await a_read_house(house)
    await configure(house, wanting(whence="of"))
    await house.until(RemapFinished)
    house.provider.client.asked.clear()
    await synced(house, row)
    since = {name: moment for name, moment, _ in house.provider.client.asked}
    assert since["Invoices"] is not None


async def test_an_empty_configuration_takes_away_what_was_added(house: House) -> None:
    await configure(house, wanting(whence="of"))
    await a_read_house(house)
    await configure(house, {})
    await house.until(RemapFinished)
    assert await contents(house) == {"i": None, "a": None, "b": None}
    async with house.stores.client(house.client_id) as store:
        assert await read_config(store, "xero", "invoices") == {}


async def test_where_no_remap_runs_the_next_sync_reads_the_list_whole(house: House) -> None:
    """A crash between the change and the remap's end loses nothing: the list knows under what it was mapped."""
    row = await a_read_house(house)
    async with house.stores.client(house.client_id) as store:
        await store.write(supplemental.save, "xero", "invoices", stored(wanting(whence="of")))
    house.provider.client.asked.clear()
    await synced(house, row)
    since = {name: moment for name, moment, _ in house.provider.client.asked}
    assert since["Invoices"] is None
    assert since["Items"] is not None, "a list that it is not about"
    assert (await contents(house))["a"] == {"extra": {"whence": "Invoices"}}
    house.provider.client.asked.clear()
    await synced(house, row)
    assert all(moment is not None for _, moment, _ in house.provider.client.asked), "once is enough"


async def test_without_the_remap_actor_the_type_is_due_now(house: House) -> None:
    row = await a_read_house(house)
    await house.read_every(24)
    await house.engine.remaps.supervisor.stop()
    before = sum(isinstance(event, SyncFinished) for event in house.events)
    await configure(house, wanting(whence="of"))
    await house.until(SyncFinished, before + 1)
    assert (await contents(house))["b"] == {"extra": {"whence": "Invoices"}}
    assert (await house.row(row)).status == "Linked"


async def test_a_change_while_the_list_is_read_reaches_every_record(house: House) -> None:
    """The sync goes on with what it learnt; the list is then known as mapped under two configurations."""
    client = house.provider.client
    client.pages_of = {"Invoices": [[("a", "1")], [("b", "2")]]}
    client.hold_before["Invoices:2"] = trio.Event()
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    with trio.fail_after(10):
        while not any(isinstance(e, PageStored) and e.resource == "Invoices" for e in house.events):
            await trio.sleep(0.005)
    await configure(house, wanting(whence="of"))
    await house.until(RemapFinished)
    client.hold_before["Invoices:2"].set()
    await house.until(SyncFinished)
    assert (await contents(house))["b"] is None, "read with what was known before"
    await synced(house, row)
    assert await contents(house) == {
        "a": {"extra": {"whence": "Invoices"}},
        "b": {"extra": {"whence": "Invoices"}},
    }


async def test_a_change_of_what_is_pushed_touches_no_record(house: House) -> None:
    await a_read_house(house)
    await configure(house, wanting(whence="of"))
    await house.until(RemapFinished)
    await configure(
        house,
        {"extra": SourceConfig(data_source="/invoices/", pull_data={"whence": "of"}, push_data={"x": "y"})},
    )
    async with house.stores.client(house.client_id) as store:
        kept = await read_config(store, "xero", "invoices")
    assert kept["extra"].push_data == {"x": "y"}
    assert sum(isinstance(event, RemapFinished) for event in house.events) == 1


async def test_a_record_that_is_read_anew_by_itself_carries_it_too(house: House) -> None:
    row = await a_read_house(house)
    await configure(house, wanting(whence="of"))
    await house.until(RemapFinished)
    house.hear(RecordsRefreshed)
    house.provider.client.records_of["Invoices:a"] = "9"
    notice = Notice(id="n", tenant=row.tenant_id or "", resource="Invoices", key="a")
    await house.engine.notify("xero", [notice])
    await house.until(RecordsRefreshed)
    record = (await records(house))["a"]
    assert (record["totalAmount"], record["supplementalData"]["content"]["extra"]) == (
        "9",
        {"whence": "Invoices"},
    )


def test_everything_that_is_wrong_is_told_with_its_field() -> None:
    configs = {
        "a": SourceConfig(data_source="/Nowhere", pull_data={"x": "a..b"}),
        "": SourceConfig(data_source="/Invoices", pull_data={"y" * 101: "a"}, push_data={"z": ""}),
    }
    faults = {fault.field: fault.fault for fault in faults_of(configs, ["/Invoices", "/CreditNotes"])}
    assert set(faults) == {
        "supplementalDataConfig.a.dataSource",
        "supplementalDataConfig.a.pullData.x",
        "supplementalDataConfig.",
        "supplementalDataConfig..pullData." + "y" * 100,
        "supplementalDataConfig..pushData.z",
    }
    assert "/CreditNotes and /Invoices" in faults["supplementalDataConfig.a.dataSource"]
    assert "character 3" in faults["supplementalDataConfig.a.pullData.x"]


@pytest.mark.parametrize(
    "configs",
    [
        {str(n): SourceConfig(data_source="/Invoices") for n in range(11)},
        {"a": SourceConfig(data_source="/Invoices", pull_data={str(n): "a" for n in range(51)})},
    ],
    ids=["too many names", "too many paths"],
)
def test_a_configuration_has_its_bounds(configs: dict[str, SourceConfig]) -> None:
    (fault,) = faults_of(configs, ["/Invoices"])
    assert fault.field == "supplementalDataConfig"
    assert "are allowed" in fault.fault


def look(row: bytes, doubts: list[Issue], **paths: str) -> dict[str, Any]:
    supplements = Supplements.of({"invoices": stored(wanting(**paths))})

    class Provider:
        lists = ScriptedLists()

    find = supplements.finder(Provider(), INVOICES, doubts)  # type: ignore[arg-type]
    assert find is not None
    assert find("bills", "1", msgspec.Raw(row)) == b"", "of the other data type of the list nothing is wanted"
    found: dict[str, Any] = dict(told(find("invoices", "1", msgspec.Raw(row))))["content"]["extra"]
    return found


def test_numbers_keep_every_digit() -> None:
    row = b'{"a":1.50,"b":12345678901234567890.123456789,"c":1e400,"d":9007199254740993,"e":[0.10]}'
    found = look(row, [], a="a", b="b", c="c", d="d", e="e[*]")
    assert (found["a"], found["b"]) == ("1.50", "12345678901234567890.123456789")
    assert found["c"].replace("+", "").lower() == "1e400"
    assert (found["d"], found["e"]) == ("9007199254740993", ["0.10"])


def test_a_value_that_is_too_large_is_left_out_and_said_to_be() -> None:
    doubts: list[Issue] = []
    row = b'{"a":"%b","b":"short"}' % (b"x" * LARGEST_VALUE)
    assert look(row, doubts, a="a", b="b") == {"a": None, "b": "short"}
    (doubt,) = doubts
    assert (doubt.severity, doubt.path, doubt.record_id) == ("warning", "a", "1")
    assert "extra.a" in doubt.message


def test_where_nothing_is_wanted_no_row_is_looked_into() -> None:
    class Provider:
        lists = None  # would fail when it is asked

    assert Supplements().finder(Provider(), INVOICES, []) is None  # type: ignore[arg-type]
    only_items = Supplements.of({"items": stored(wanting(whence="of"))})
    assert only_items.finder(Provider(), INVOICES, []) is None  # type: ignore[arg-type]
