"""All records of a list, a batch at a time."""

import json
from datetime import timedelta

from tests.store.conftest import NOW, a_client, a_connection, a_page, a_record

from tallystick.standard import DataType
from tallystick.store import Stores, batches, pages
from tallystick.store.sqlcipher import SqliteConnection


async def test_every_record_that_stands_is_met_once_in_batches_of_the_size_asked_for(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        row, other = await a_connection(store), await a_connection(store)
        made = [a_record(f"r{n}", total=f"{n}.10", deleted=n == 4) for n in range(7)]
        await store.write(pages.store_page, a_page(row, *made), NOW)
        later = NOW + timedelta(seconds=1)
        await store.write(pages.store_page, a_page(row, a_record("r0", total="0.30")), later)
        await store.write(
            pages.store_page, a_page(row, a_record("b1", data_type="bills"), a_record("r9")), later
        )
        await store.write(pages.store_page, a_page(other, a_record("r1")), NOW)

        def look(connection: SqliteConnection, data_type: DataType, rows: int) -> list[bytes]:
            found = batches.batches(connection, connection_number=row.number, data_type=data_type, rows=rows)
            return list(found)

        told = [json.loads(batch) for batch in await store.read(look, "invoices", 3)]
        assert [len(batch) for batch in told] == [3, 2, 2], "the one that is gone takes a place"
        assert sorted(record["id"] for batch in told for record in batch) == [
            *("r0", "r1", "r2", "r3", "r5", "r6"),
            "r9",
        ]
        assert await store.read(look, "bills", 1) == [
            batch for batch in await store.read(look, "bills", 500) if b'"b1"' in batch
        ]
        assert await store.read(look, "payments", 3) == []
