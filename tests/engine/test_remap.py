"""What a remap promises: no call goes out, only what changed is written, and a stop costs nothing but time."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import trio
from attrs import evolve
from tests.engine.conftest import House
from tests.engine.remapping import (
    Made,
    Row,
    a_bill,
    accounts,
    an_invoice,
    asked,
    doubled,
    finished,
    kept,
    moved_on,
    remapped,
    synced,
)

from tallystick.connectors import Gone, Issue
from tallystick.engine.remap_figures import RemapFinished, RemapProgressed
from tallystick.engine.remap_request import RemapScope
from tallystick.errors import StoreUnusable
from tallystick.store import ConnectionRow, NewPage, deletions, issues, pages
from tallystick.store import connections as connection_rows


@pytest.fixture
async def house(house: House) -> House:
    await house.read_every(0)  # what these tests ask for is all that is read
    house.hear(RemapFinished, RemapProgressed)
    return house


async def read(house: House, *pages: Sequence[tuple[str, str]]) -> ConnectionRow:
    """A connection that has read these pages of invoices."""
    row = await house.linked()
    await read_on(house, row, *pages)
    return row


async def read_on(house: House, row: ConnectionRow, *pages: Sequence[tuple[str, str]]) -> None:
    """Read these pages a while later; by changes, so that nothing is missed."""
    house.provider.client.pages_of["Invoices"] = [list(page) for page in pages]
    await synced(house, row)
    house.clock.now += timedelta(hours=1)


async def everything(house: House) -> list[list[tuple[Any, ...]]]:
    """All that a remap may write."""
    tables = ("records", "raw_pages", "record_counts", "issues", "outbox", "remaps")
    return [await asked(house, f"select * from {table}") for table in tables]


async def test_every_record_is_mapped_anew_without_a_call(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")], [("c", "3")])
    calls = len(house.provider.client.asked)
    moved_on(house, doubled)
    result = await remapped(house, row)
    found = await kept(house)
    assert {name: record.total for name, record in found.items()} == {"a": 2, "b": 4, "c": 6}
    assert {record.mapping for record in found.values()} == {2}
    assert len(house.provider.client.asked) == calls
    assert (result.total.seen, result.total.updated, result.pages) == (3, 3, 2)


async def test_what_does_not_change_keeps_its_date_and_bears_the_new_version(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    before = await kept(house)
    moved_on(house, lambda row, _: [an_invoice(row, "9")] if row["id"] == "b" else None)
    result = await remapped(house, row)
    after = await kept(house)
    assert after["a"] == evolve(before["a"], mapping=2)
    assert after["b"].modified > before["b"].modified
    assert (result.total.unchanged, result.total.updated) == (1, 1)


async def test_a_dry_run_tells_what_would_change_and_writes_nothing(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2"), ("c", "x")])
    before = await everything(house)

    def rule(row: Row, issues: list[Issue]) -> Made | None:
        return {"a": [an_invoice(row, "7.50")], "b": [], "c": [an_invoice(row, "3")]}[row["id"]]

    moved_on(house, rule)
    looked = await remapped(house, row, dry_run=True)
    assert await everything(house) == before
    tally = looked.tallies["invoices"]
    assert (tally.created, tally.updated, tally.deleted) == (1, 1, 1)
    fields = looked.differences.by_type["invoices"]
    assert set(fields) == {"totalAmount", "amountDue"}
    (sample,) = fields["totalAmount"].samples
    assert (sample.record_id, sample.before, sample.after) == ("a", "1", "7.50")
    done = await remapped(house, row)
    assert done.tallies == looked.tallies, "and the remap does as the dry run said"


async def test_a_newer_answer_of_a_record_is_not_overwritten_by_an_older_one(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    await read_on(house, row, [("a", "5")])
    moved_on(house, doubled)
    result = await remapped(house, row)
    assert {name: record.total for name, record in (await kept(house)).items()} == {"a": 10, "b": 4}
    assert result.total.seen == 2


async def test_a_row_that_could_not_be_mapped_becomes_a_record_and_its_doubt_goes(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "two")])
    assert set(await kept(house)) == {"a"}
    moved_on(house, lambda row, _: [an_invoice(row, "2")] if row["total"] == "two" else None)
    result = await remapped(house, row)
    found = await kept(house)
    assert found["b"].total == 2
    assert result.total.created == 1
    assert await asked(house, "select * from issues") == []
    assert await asked(house, "select problem, named from raw_pages where resource = 'Invoices'") == [
        (None, 2)
    ]
    assert await asked(house, "select records from record_counts where data_type = 15") == [(2,)]


async def test_a_row_that_still_cannot_be_mapped_stays_with_its_reason(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "two")])
    before = await asked(house, "select dataset_id, record_id, page from issues")

    def rule(row: Row, issues: list[Issue]) -> Made | None:
        if row["total"] != "two":
            return None
        issues.append(Issue(severity="rejected", path="$.total", message="still no number", record_id="b"))
        return []

    moved_on(house, rule)
    result = await remapped(house, row)
    assert (result.total.seen, result.total.rejected) == (2, 1)
    assert await asked(house, "select dataset_id, record_id, page from issues") == before
    assert await asked(house, "select message from issues") == [("still no number",)]


async def test_of_two_answers_that_could_not_be_mapped_the_newer_one_wins(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "two")])
    await read_on(house, row, [("c", "3"), ("b", "three")])
    numbers = {"two": "2", "three": "3"}
    moved_on(house, lambda row, _: [an_invoice(row, numbers.get(row["total"], row["total"]))])
    looked = await remapped(house, row, dry_run=True)
    result = await remapped(house, row)
    assert (await kept(house))["b"].total == 3
    assert result.tallies == looked.tallies
    assert result.total.created == 1


async def test_a_newer_row_that_could_not_be_mapped_takes_the_place_of_an_older_record(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    await read_on(house, row, [("c", "3"), ("b", "three")])
    assert (await kept(house))["b"].total == 2
    moved_on(house, lambda row, _: [an_invoice(row, "3")] if row["total"] == "three" else None)
    looked = await remapped(house, row, dry_run=True)
    result = await remapped(house, row)
    found = await kept(house)
    assert found["b"].total == 3
    assert found["b"].page == found["c"].page
    assert result.tallies == looked.tallies
    named = await asked(
        house, "select named - (select count(*) from records where page = raw_pages.number) from raw_pages"
    )
    assert set(named) == {(0,)}


async def test_a_record_whose_row_no_longer_gives_it_is_marked_as_deleted(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    moved_on(house, lambda row, _: [] if row["id"] == "a" else None)
    result = await remapped(house, row)
    found = await kept(house)
    assert (found["a"].deleted, found["b"].deleted) == (True, False)
    assert (result.total.deleted, result.total.unchanged) == (1, 1)
    moved_on(house, lambda row, _: None)
    await remapped(house, row)
    assert not (await kept(house))["a"].deleted, "a mapping that gives it again brings it back"


async def test_a_row_that_becomes_another_data_type_ends_one_record_and_begins_another(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    moved_on(house, lambda row, _: [a_bill(row)] if row["id"] == "a" else None)
    result = await remapped(house, row)
    assert (await kept(house))["a"].deleted
    assert (await kept(house, 7))["a"].total == 1
    assert (result.tallies["invoices"].deleted, result.tallies["bills"].created) == (1, 1)


async def test_a_record_whose_row_is_rejected_now_stays_as_it_was(house: House) -> None:
    """It is there at the provider: only we cannot read it."""
    row = await read(house, [("a", "1"), ("b", "2")])
    before = await kept(house)

    def rule(row: Row, issues: list[Issue]) -> Made | None:
        if row["id"] == "a":
            issues.append(Issue(severity="rejected", path="$.total", message="odd"))
            return []
        return None

    moved_on(house, rule)
    result = await remapped(house, row)
    after = await kept(house)
    assert after["a"] == before["a"], "and it bears the version that made it"
    assert (result.total.seen, result.total.rejected, result.total.unchanged) == (2, 1, 1)
    assert await asked(house, "select severity, message from issues") == [("rejected", "odd")]
    assert await asked(house, "select problem from raw_pages where resource = 'Invoices'") == [
        ("1 rejected",)
    ]


async def test_a_record_that_is_gone_at_the_provider_stays_gone(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    house.clock.now += timedelta(days=10)
    await read_on(house, row, [("b", "2")])
    while not (await kept(house))["a"].deleted:
        held = await house.engine.held_lists()
        assert held
        await house.engine.decide(row.id, "Invoices", apply=True, by="test")
    moved_on(house, doubled)
    result = await remapped(house, row)
    found = await kept(house)
    assert (found["a"].deleted, found["a"].mapping) == (True, 2)
    assert found["b"].total == 4
    assert (result.total.unchanged, result.total.updated) == (1, 1)


async def test_a_row_that_says_now_that_its_record_is_no_more_marks_it(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    moved_on(house, lambda row, _: [Gone(data_type="invoices", id="a")] if row["id"] == "a" else None)
    await remapped(house, row)
    assert [name for name, record in (await kept(house)).items() if record.deleted] == ["a"]


async def test_a_row_that_gives_more_than_before_gives_new_records_but_not_of_what_is_gone(
    house: House,
) -> None:
    row = await read(house, [("a", "1"), ("b", "2"), ("c", "3")])
    await read_on(house, row, [("a", "4")])
    (b,) = await asked(house, "select number from records where id = 'b'")
    async with house.stores.client(house.client_id) as store:
        await store.write(deletions.delete, b, house.clock.now)
    moved_on(house, lambda row, _: [an_invoice(row), a_bill(row)])
    result = await remapped(house, row)
    assert {name: record.total for name, record in (await kept(house, 7)).items()} == {"a": 4, "c": 3}
    assert result.tallies["bills"].created == 2


async def test_a_remap_of_one_data_type_leaves_the_others_as_they_are(house: House) -> None:
    row = await read(house, [("a", "1")])
    house.provider.client.pages_of["Items"] = [[("i", "9")]]
    await synced(house, row)
    moved_on(house, doubled)
    result = await remapped(house, row, data_types=frozenset({"items"}))
    assert set(result.tallies) == {"items"}
    assert (await kept(house))["a"].mapping == 1
    assert await asked(house, "select mapping from records where data_type = 17") == [(2,)]


async def test_clients_hear_once_of_each_data_type_that_changed_and_of_how_many_records(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")], [("c", "3")])
    already = await asked(house, "select count(*) from outbox")
    moved_on(house, doubled)
    await remapped(house, row)
    told = await asked(
        house, "select event_type, company_id, connection_id, body from outbox order by number"
    )
    (event,) = told[already[0][0] :]
    assert event[:3] == ("read.completed", row.company_id, row.id)
    assert json.loads(event[3]) == {"dataType": "invoices", "status": "Complete", "recordsModified": 3}
    await remapped(house, row)
    assert len(await asked(house, "select 1 from outbox")) == len(told), "nothing has changed since"


async def test_a_killed_remap_goes_on_behind_the_last_answer_that_is_stored(house: House) -> None:
    answers = [[(f"{page}-{n}", str(n)) for n in range(1, 4)] for page in range(30)]
    row = await read(house, *answers)
    already = len(await asked(house, "select 1 from outbox"))
    mapper = moved_on(house, doubled)
    seen = 0

    def kill(point: str) -> None:
        nonlocal seen
        seen += point == "page.committed"
        if seen == 12:
            raise RuntimeError("killed")

    house.telemetry.faults = kill
    with pytest.raises(ExceptionGroup):
        await remapped(house, row)
    house.telemetry.faults = None
    assert finished(house).outcome == "failed"
    done = sum(record.mapping == 2 for record in (await kept(house)).values())
    assert 0 < done < 90
    assert done % 3 == 0
    assert len(await asked(house, "select 1 from outbox")) == already
    mapper.rows = 0
    result = await remapped(house, row)
    assert mapper.rows == 90 - done
    assert result.total.updated == 90 - done
    found = await kept(house)
    assert {record.total for record in found.values()} == {2, 4, 6}
    (event,) = (await asked(house, "select body from outbox order by number"))[already:]
    assert json.loads(event[0])["recordsModified"] == 90, "clients hear of what the killed one changed too"


async def test_a_remap_with_a_newer_mapping_begins_anew_after_one_that_was_killed(house: House) -> None:
    row = await read(house, *[[(f"{page}", "1")] for page in range(20)])
    moved_on(house, doubled)
    with trio.CancelScope() as scope:
        house.telemetry.listen(RemapProgressed, lambda event: event.pages == 5 and scope.cancel())
        await remapped(house, row)
    assert scope.cancelled_caught
    assert finished(house).outcome == "cancelled"
    moved_on(house, lambda row, _: [an_invoice(row, "5")])
    await remapped(house, row)
    assert {record.total for record in (await kept(house)).values()} == {5}
    bodies = [json.loads(body) for (body,) in await asked(house, "select body from outbox order by number")]
    assert bodies[-1]["recordsModified"] > 20


async def test_what_a_sync_stores_between_the_mapping_and_the_transaction_stands(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    moved_on(house, doubled)

    meddled = False

    @asynccontextmanager
    async def turn() -> AsyncGenerator[None]:
        """Gives the turn back only when a sync has stored a newer answer."""
        nonlocal meddled
        yield
        if not meddled:
            meddled = True
            await read_on(house, row, [("a", "50")])

    result = await remapped(house, row, turn=turn)
    assert meddled
    assert {name: record.total for name, record in (await kept(house)).items()} == {"a": 100, "b": 4}
    assert result.total.seen == 1


async def test_a_remap_beside_a_sync_of_the_same_connection_loses_nothing(house: House) -> None:
    row = await read(house, *[[(f"{page}-{n}", "1") for n in range(20)] for page in range(10)])
    house.provider.client.pages_of["Invoices"] = [
        [(f"{page}-{n}", "3") for n in range(20)] for page in range(5)
    ]
    moved_on(house, doubled)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(synced, house, row)
        result = await remapped(house, row)
    await remapped(house, row)
    found = await kept(house)
    assert {name: record.total for name, record in found.items()} == {
        f"{page}-{n}": 6 if page < 5 else 2 for page in range(10) for n in range(20)
    }
    assert {record.mapping for record in found.values()} == {2}
    assert accounts(result)


async def test_an_answer_that_cannot_be_read_at_all_is_passed_over_and_counted(house: House) -> None:
    row = await read(house, [("a", "1")])
    page = NewPage(
        connection=row.number,
        resource="Invoices",
        fetched_at=house.clock.now,
        raw=b"nope",
        records=(),
        mapping=1,
        problem="not JSON",
    )
    async with house.stores.client(house.client_id) as store:
        await store.write(pages.keep_raw, page)
    moved_on(house, doubled)
    result = await remapped(house, row)
    assert (result.pages, result.unreadable) == (2, 1)
    assert (await kept(house))["a"].total == 2


async def test_events_tell_of_every_answer_and_of_the_end_without_a_value_of_a_record(house: House) -> None:
    row = await read(house, [("a", "4711"), ("b", "x")], [("c", "3")])
    moved_on(house, doubled)
    await remapped(house, row)
    progress = [event for event in house.events if isinstance(event, RemapProgressed)]
    assert [(event.pages, event.pages_all) for event in progress] == [(1, 2), (2, 2)]
    end = finished(house)
    assert (end.outcome, end.seen, end.updated, end.mapping) == ("ok", 2, 2, 2)
    assert sum(event.seen for event in progress) == end.seen
    assert "4711" not in repr(progress)
    assert "9422" not in repr([*progress, end])


async def test_a_disk_that_is_full_ends_the_remap_and_the_next_one_goes_on(house: House) -> None:
    row = await read(house, *[[(f"{page}", "1")] for page in range(20)])
    moved_on(house, doubled)
    committed = 0

    def full(point: str) -> None:
        nonlocal committed
        committed += point == "commit.begun"
        if point == "commit.ready" and committed > 2:
            raise OSError("no space")

    house.telemetry.faults = full
    with pytest.raises(StoreUnusable):
        await remapped(house, row)
    house.telemetry.faults = None
    await remapped(house, row)
    assert {record.total for record in (await kept(house)).values()} == {2}


async def test_a_connection_that_is_deleted_leaves_nothing_of_its_remap(house: House) -> None:
    row = await read(house, [("a", "1")])
    moved_on(house, doubled)

    def kill(point: str) -> None:
        if point == "page.mapped":
            raise RuntimeError("killed")

    house.telemetry.faults = kill
    with pytest.raises(ExceptionGroup):
        await remapped(house, row)
    house.telemetry.faults = None
    assert await asked(house, "select resource from remaps") == [("Invoices",)]
    async with house.stores.client(house.client_id) as store:
        await store.write(connection_rows.remove, row)
    assert await asked(house, "select resource from remaps") == []


async def test_doubts_are_of_the_answer_that_tells_of_the_record_now(house: House) -> None:
    """What an older answer had of it is nobody's doubt any more."""
    row = await read(house, [("a", "1"), ("b", "2")])
    await read_on(house, row, [("a", "5")])

    def rule(row: Row, issues: list[Issue]) -> Made:
        text = f"{row['total']} is odd"
        issues.append(
            Issue(severity="warning", path="$", message=text, record_id=row["id"], data_type="invoices")
        )
        return [an_invoice(row)]

    moved_on(house, rule)
    await remapped(house, row)
    issues = "select record_id, message from issues order by record_id"
    assert await asked(house, issues) == [("a", "5 is odd"), ("b", "2 is odd")]
    numbers = await asked(house, "select number from issues order by number")
    moved_on(house, rule)
    await remapped(house, row)
    assert await asked(house, "select number from issues order by number") == numbers, "the same stay"
    assert await asked(house, "select found from issue_counts where severity = 'warning'") == [(2,)]
    moved_on(house, lambda row, _: [an_invoice(row)])
    await remapped(house, row)
    assert await asked(house, issues) == []


async def test_a_rejected_row_that_a_newer_answer_has_mapped_is_not_counted(house: House) -> None:
    row = await read(house, [("a", "x"), ("b", "2")])
    await read_on(house, row, [("a", "5"), ("b", "2")])
    mapper = moved_on(house, lambda row, issues: doubled(row, issues) if row["total"].isdigit() else None)
    result = await remapped(house, row)
    assert (result.total.seen, result.total.rejected, result.total.updated) == (2, 0, 2)
    assert mapper.rows == 4
    assert await asked(house, "select * from issues") == []


async def test_a_row_that_comes_twice_in_an_answer_is_told_by_its_last_place(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2"), ("a", "two")])
    moved_on(house, lambda row, _: [an_invoice(row, "2")] if row["total"] == "two" else None)
    looked = await remapped(house, row, dry_run=True)
    result = await remapped(house, row)
    assert (await kept(house))["a"].total == 2
    assert await asked(house, "select place from records where id = 'a'") == [(2,)]
    assert result.tallies == looked.tallies
    assert (result.total.updated, result.total.unchanged, result.total.created) == (1, 1, 0)


async def test_an_answer_that_only_met_a_record_has_no_say_in_it(house: House) -> None:
    """The record names the answer that made it, which had the same row."""
    row = await read(house, [("a", "1"), ("b", "2")])
    await read_on(house, row, [("a", "1"), ("b", "2"), ("c", "3")])
    before = await kept(house)
    assert before["a"].page < before["c"].page
    moved_on(house, doubled)
    result = await remapped(house, row)
    after = await kept(house)
    assert {name: record.page for name, record in after.items()} == {
        name: record.page for name, record in before.items()
    }
    assert {name: record.total for name, record in after.items()} == {"a": 2, "b": 4, "c": 6}
    assert (result.total.seen, result.total.updated) == (3, 3)


async def test_a_rejected_row_that_was_told_gone_since_gives_no_record(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "two")])
    async with house.stores.client(house.client_id) as store:
        await store.write(issues.forget, row.number, [("invoices", "b")])
    moved_on(house, lambda row, _: [an_invoice(row, "2")] if row["total"] == "two" else None)
    result = await remapped(house, row)
    assert set(await kept(house)) == {"a"}
    assert result.total.created == 0


async def test_a_mapping_that_changes_ids_does_not_bring_back_what_is_gone(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    (b,) = await asked(house, "select number from records where id = 'b'")
    async with house.stores.client(house.client_id) as store:
        await store.write(deletions.delete, b, house.clock.now)
    moved_on(house, lambda row, _: [an_invoice({**row, "id": f"x-{row['id']}"})])
    await remapped(house, row)
    assert [name for name, record in (await kept(house)).items() if not record.deleted] == ["x-a"]


async def test_a_row_that_a_newer_answer_replaced_gives_nothing_new(house: House) -> None:
    row = await read(house, [("a", "1"), ("b", "2")])
    await read_on(house, row, [("a", "5")])

    def rule(row: Row, issues: list[Issue]) -> Made:
        also = [an_invoice({**row, "id": f"{row['id']}-credit"})] if int(row["total"]) < 3 else []
        return [an_invoice(row), *also]

    moved_on(house, rule)
    looked = await remapped(house, row, dry_run=True)
    result = await remapped(house, row)
    assert set(await kept(house)) == {"a", "b", "b-credit"}
    assert result.tallies == looked.tallies


async def test_rejected_rows_beyond_those_kept_in_full_are_mended_too(house: House) -> None:
    ids = [f"r{number:04d}" for number in range(1010)]
    row = await read(house, [(each, "1") for each in ids])
    await read_on(house, row, [(each, "two") for each in ids])
    moved_on(house, lambda row, _: [an_invoice(row, "2")] if row["total"] == "two" else None)
    await remapped(house, row)
    assert {record.total for record in (await kept(house)).values()} == {2}


async def test_a_connection_that_is_removed_before_a_list_begins_ends_its_remap_quietly(house: House) -> None:
    row = await read(house, [("a", "1")])
    async with house.stores.client(house.client_id) as store:
        await store.write(connection_rows.remove, row)
    moved_on(house, doubled)
    result = await remapped(house, row)
    assert result.total.seen == 0
    assert finished(house).outcome == "ok"


async def test_a_remap_asked_for_one_data_type_takes_what_its_records_became(house: House) -> None:
    await read(house, [("a", "1"), ("b", "2")])
    moved_on(house, lambda row, _: [a_bill(row)] if row["id"] == "b" else None)
    await house.engine.remaps.ask(RemapScope(data_type="invoices"), dry_run=False)
    await house.until(RemapFinished, 1)
    assert (await kept(house))["b"].deleted
    assert (await kept(house, 7))["b"].total == 2
