"""Real databases in a folder of the test's own."""

import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from tallystick.standard import DataType
from tallystick.store import (
    ClientRow,
    Company,
    ConnectionRow,
    DataFolder,
    NewPage,
    NewRecord,
    Store,
    Stores,
    companies,
    connections,
    content_hash,
    control,
    new_key,
    open_stores,
)
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@define(eq=False)
class Clock:
    """A wall clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
async def stores(tmp_path: Path, clock: Clock, telemetry: Telemetry) -> AsyncGenerator[Stores, None]:
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, telemetry, clock) as opened:
        yield opened


async def a_client(stores: Stores, name: str = "Acme") -> str:
    client_id = str(uuid.uuid4())
    row = ClientRow(id=client_id, name=name, created_at=NOW, sealed_key=stores.sealed_client_key(client_id))
    await stores.control.write(control.add_client, row)
    return client_id


async def a_connection(store: Store, company_name: str = "Amber Kitchens") -> ConnectionRow:
    company = Company(id=str(uuid.uuid4()), name=company_name, description=None, tags={}, created_at=NOW)
    await store.write(companies.add, company)
    row = connections.new(company.id, "xero", NOW)
    await store.write(connections.save, row)
    return row


def a_record(
    record_id: str = "r1", *, data_type: DataType = "invoices", total: str = "12.50", **options: Any
) -> NewRecord:
    content = f'{{"id":"{record_id}","totalAmount":{total}}}'.encode()
    return NewRecord(
        data_type=data_type,
        id=record_id,
        content=content,
        hash=content_hash(content),
        source_modified_at=options.get("source_modified_at"),
        status=options.get("status"),
        deleted=options.get("deleted", False),
        place=options.get("place", 0),
    )


def a_page(connection: ConnectionRow, *records: NewRecord, raw: bytes = b'{"Invoices":[]}') -> NewPage:
    return NewPage(
        connection=connection.number,
        resource="Invoices",
        fetched_at=NOW,
        raw=raw,
        records=records,
        mapping=1,
    )
