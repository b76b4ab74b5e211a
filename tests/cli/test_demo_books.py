"""What the demo calls well when it has waited for its books."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from tests.store.conftest import a_client, a_connection, clock, stores, telemetry

from tallystick.cli.demo.books import problems
from tallystick.cli.demo.consent import Linked
from tallystick.standard import DatasetStatus
from tallystick.store import Dataset, Stores, datasets
from tallystick.store.sqlcipher import SqliteConnection

__all__ = ["clock", "stores", "telemetry"]  # fixtures
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COMPANY = Linked(id="c", name="Amber", connection_id="n", platform="xero", integration_id="i", tenant="t")


def a_dataset(company: Linked, place: int) -> Dataset:
    return Dataset(
        id=str(uuid.UUID(int=place)),
        sync_id="s",
        connection_id=company.connection_id,
        company_id=company.id,
        data_type="invoices",
        status="Queued",
        progress=0,
        requested_at=NOW + timedelta(minutes=place),
    )


@pytest.mark.parametrize(
    ("states", "is_well"),
    [
        (("Complete",), True),
        (("Complete", "Fetching"), True),
        (("Complete", "Queued"), True),
        (("Fetching",), False),
        (("Complete", "FetchError"), False),
        (("FetchError", "Queued"), False),
    ],
)
async def test_what_was_read_once_and_is_read_again_is_well_and_nothing_else_that_is_not_complete(
    stores: Stores, states: tuple[DatasetStatus, ...], is_well: bool
) -> None:
    async with stores.client(await a_client(stores)) as store:
        row = await a_connection(store)
        company = evolve(COMPANY, id=row.company_id, connection_id=row.id)

        def history(connection: SqliteConnection) -> None:
            for place, status in enumerate(states):
                new = a_dataset(company, place)
                datasets.queue(connection, [new])
                datasets.move(connection, new.id, status, progress=100 if status == "Complete" else 1)

        await store.write(history)
        assert (await store.read(problems, company) == []) is is_well
