"""An installation with a few Xero invoices in it that an earlier mapping made."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import trio
from attrs import evolve, frozen

from tallystick.access import Access
from tallystick.cli.bench.pages import generate
from tallystick.config import ProviderSettings, StoreSettings
from tallystick.connectors import Books
from tallystick.connectors.registry import CONNECTORS
from tallystick.standard import encode
from tallystick.store import (
    Company,
    NewPage,
    NewRecord,
    companies,
    content_hash,
    control,
    open_data,
    pages,
    parse_key,
    utc_now,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry


@frozen
class StoredBooks:
    """Where they are."""

    path: Path
    client_id: str
    company_id: str
    connection_id: str
    ids: tuple[str, ...]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, cwd=self.path)

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        """What is in the client's file."""

        async def ask() -> list[tuple[Any, ...]]:
            async with open_data(_store(self.path), _key(self.path), Telemetry(), utc_now) as stores:
                async with stores.client(self.client_id) as store:
                    rows: list[tuple[Any, ...]] = await store.read(lambda c: c.execute(sql).fetchall())
                    return rows

        return trio.run(ask)

    def currencies(self) -> set[str]:
        return {json.loads(body)["currency"] for (body,) in self.asked("select body from records")}


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return subprocess.run(
        [sys.executable, "-m", "tallystick", *words],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def stored_books(path: Path) -> StoredBooks:
    """Three invoices in pounds, which the mapping of those days took for euros."""
    assert run("init", cwd=path).returncode == 0
    return trio.run(_store_invoices, path)


async def _store_invoices(path: Path) -> StoredBooks:
    connector = CONNECTORS["xero"](ProviderSettings(client_id=""))
    raw = generate(3, 3)[0].partition(b"\r\n\r\n")[2]
    resource = connector.manifest.resource("Invoices")
    made = []
    for place, row in enumerate(connector.mapper.split(resource, raw)):
        (record,) = connector.mapper.records(resource, row, Books(base_currency="GBP"), [])
        content = encode(record).replace(b'"currency":"GBP"', b'"currency":"EUR"')  # type: ignore[arg-type]
        made.append(
            NewRecord(
                data_type="invoices",
                id=str(record.id),
                content=content,
                hash=content_hash(content),
                source_modified_at=None,
                status="Submitted",
                deleted=False,
                place=place,
            )
        )
    async with open_data(_store(path), _key(path), Telemetry(), utc_now) as stores:
        client = await Access(stores).create_client("Acme")
        company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=utc_now())
        row = evolve(connection_rows.new(company.id, "xero", utc_now()), base_currency="GBP")
        page = NewPage(
            connection=row.number,
            resource="Invoices",
            fetched_at=utc_now(),
            raw=raw,
            records=made,
            mapping=1,
        )
        async with stores.client(client.id) as store:
            await store.write(companies.add, company)
            await store.write(connection_rows.save, row)
            await store.write(pages.store_page, page, utc_now())
        await stores.control.write(control.put_in_directory, client.id, row)
    return StoredBooks(path, client.id, company.id, row.id, tuple(record.id for record in made))


def _store(path: Path) -> StoreSettings:
    return StoreSettings(data=path / "tallystick-data")


def _key(path: Path) -> bytes:
    return parse_key((path / "tallystick.key").read_text())
