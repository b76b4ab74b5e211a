"""The directory, sought by whose books are read."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from tallystick.access import Access
from tallystick.store import ConnectionRow, DataFolder, Stores, control, new_key, open_stores
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def row(tenant: str | None, provider: str = "xero") -> ConnectionRow:
    return evolve(connection_rows.new(str(uuid.uuid4()), provider, NOW), tenant_id=tenant, status="Linked")


async def put(stores: Stores, client_id: str, *rows: ConnectionRow) -> None:
    for each in rows:
        await stores.control.write(control.put_in_directory, client_id, each)


async def test_every_connection_to_the_same_books_is_found_and_no_other(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, Telemetry(), lambda: NOW, inline=True) as stores:
        access = Access(stores)
        one, other = (await access.create_client("One")).id, (await access.create_client("Other")).id
        mine, theirs, different = row("t1"), row("t1"), row("t2")
        elsewhere, unlinked = row("t1", "quickbooks"), row(None)
        await put(stores, one, mine, different, elsewhere, unlinked)
        await put(stores, other, theirs)

        found = await stores.control.read(control.of_tenants, "xero", ["t1", "t3"])
        assert {(each.client_id, each.connection_id) for each in found} == {
            (one, mine.id),
            (other, theirs.id),
        }
        both = await stores.control.read(control.of_tenants, "xero", ["t2", "t1"])
        assert {each.connection_id for each in both} == {mine.id, theirs.id, different.id}
        assert await stores.control.read(control.of_tenants, "xero", []) == []

        await stores.control.write(control.rebuild_directory, one, [mine], [])
        again = await stores.control.read(control.of_tenants, "xero", ["t1", "t2"])
        assert {each.connection_id for each in again} == {mine.id, theirs.id}


async def test_a_tenant_is_sought_by_an_index(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, Telemetry(), lambda: NOW, inline=True) as stores:
        plan = await stores.control.read(
            lambda c: c.execute(
                "explain query plan select * from directory where provider = 'x' and tenant_id = 'y'"
            ).fetchall()
        )
        assert "directory_by_tenant" in str([tuple(step) for step in plan])
