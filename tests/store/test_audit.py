"""What the audit log promises: an entry stands exactly when its act does, and for good."""

import uuid
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite
from tests.store.conftest import NOW, a_client, a_connection

from tallystick.store import Company, Stores, audit, companies
from tallystick.store.sqlcipher import SqliteConnection


def an_entry(subject: str = "c1", **options: Any) -> audit.Entry:
    options.setdefault("act", "connection.unlink")
    return audit.Entry(at=NOW, actor="api key k1", subject=subject, **options)


async def test_entries_come_back_as_they_were_written_oldest_first_page_by_page(stores: Stores) -> None:
    written = [
        an_entry(
            f"c{number}", detail={"platform": "xero", "count": number, "none": None}, correlation_id="f0"
        )
        for number in range(5)
    ]
    for entry in written:
        await stores.control.write(audit.append, entry)
    first = await stores.control.read(audit.entries, limit=3)
    rest = await stores.control.read(audit.entries, after=first[-1].number, limit=3)
    assert [recorded.entry for recorded in [*first, *rest]] == written
    assert [recorded.number for recorded in [*first, *rest]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'nobody'",
        "delete from audit",
        "insert or replace into audit (number, at, actor, act, subject, detail) values (1, 0, 'x', 'x', 'x', '')",
        "replace into audit (number, at, actor, act, subject, detail) values (1, 0, 'x', 'x', 'x', '')",
    ],
    ids=["update", "delete", "insert or replace", "replace"],
)
@pytest.mark.parametrize("place", ["control", "client"])
async def test_the_log_refuses_to_be_changed(statement: str, place: str, stores: Stores) -> None:
    def change(connection: SqliteConnection) -> None:
        connection.execute(statement)

    client_id = await a_client(stores)
    async with stores.client(client_id) as client:
        store = stores.control if place == "control" else client
        await store.write(audit.append, an_entry())
        with pytest.raises(sqlite.IntegrityError, match="append-only"):
            await store.write(change)
        (recorded,) = await store.read(audit.entries)
        assert recorded.entry == an_entry()


async def test_an_act_that_is_rolled_back_leaves_no_entry(stores: Stores) -> None:
    company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=NOW)

    def act(connection: SqliteConnection) -> None:
        companies.add(connection, company)
        audit.append(connection, an_entry(company.id))
        raise RuntimeError("the act failed")

    client_id = await a_client(stores)
    async with stores.client(client_id) as store:
        with pytest.raises(RuntimeError):
            await store.write(act)
        assert await store.read(companies.find, company.id) is None
        assert await store.read(audit.entries) == []


async def test_what_is_deleted_keeps_its_entries(stores: Stores) -> None:
    client_id = await a_client(stores)
    async with stores.client(client_id) as store:
        row = await a_connection(store)
        await store.write(audit.append, an_entry(row.id))
        await store.write(companies.remove, row.company_id)
        assert [recorded.entry.subject for recorded in await store.read(audit.entries)] == [row.id]
