"""What users of comparable engines suffered, one scenario a file, on the real engine over real databases."""

import json
from typing import Any

import trio
from tests.engine.conftest import House, house, provider

from tallystick.engine import SyncFinished
from tallystick.store import ConnectionRow

__all__ = ["house", "invoices", "modified_dates", "provider", "records", "sync"]


async def sync(house: House, row: ConnectionRow, *data_types: str) -> None:
    """Run one sync to its end."""
    ended = trio.Event()

    def hear(event: SyncFinished) -> None:
        if event.connection_id == row.id:
            ended.set()

    deaf = house.telemetry.listen(SyncFinished, hear)
    with trio.fail_after(20):
        await house.engine.sync(house.client_id, row.id, list(data_types) or None, "test")  # type: ignore[arg-type]
        await ended.wait()
    deaf()


def invoices(*numbers: int, total: str = "10.00") -> list[tuple[str, str]]:
    """Rows of the scripted provider."""
    return [(f"i{n}", total) for n in numbers]


async def records(house: House) -> dict[str, dict[str, Any]]:
    """What is stored of the invoices, by id."""
    async with house.stores.client(house.client_id) as store:
        found = await store.read(
            lambda c: c.execute("select body from records where data_type = 15").fetchall()
        )
    return {body["id"]: body for body in (json.loads(raw) for (raw,) in found)}


async def modified_dates(house: House) -> list[tuple[int, int]]:
    """Every record's number and the moment of its last change."""
    async with house.stores.client(house.client_id) as store:
        return await store.read(
            lambda c: c.execute("select number, modified_at from records order by number").fetchall()
        )
