"""Transactions of different clients take turns; control.db waits for nobody."""

from pathlib import Path

import pytest
import trio
import trio.testing
from tests.store.conftest import Clock, a_client

from tallystick.actors import FairQueue, Flow
from tallystick.store import (
    Company,
    DataFolder,
    GroupCommitted,
    Stores,
    companies,
    control,
    new_key,
    open_stores,
)
from tallystick.telemetry import Telemetry


@pytest.fixture
def turns() -> FairQueue:
    return FairQueue(1)


async def _add(stores: Stores, clock: Clock, client_id: str, name: str = "Acme") -> None:
    async with stores.client(client_id) as store:
        company = Company(id=name, name=name, description=None, tags={}, created_at=clock())
        await store.write(companies.add, company)


async def test_a_transaction_of_a_client_waits_for_its_turn_and_gives_it_back(
    tmp_path: Path, clock: Clock, turns: FairQueue
) -> None:
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, Telemetry(), clock) as stores:
        stores.writer_turns = turns
        client_id = await a_client(stores)
        async with trio.open_nursery() as nursery:
            async with turns.turn(Flow("another", "")):
                nursery.start_soon(_add, stores, clock, client_id)
                while not turns.waiting:
                    await trio.sleep(0.001)
                await stores.control.read(control.directory)
                await a_client(stores, "Beryl")  # control.db does not take turns
                assert (turns.held, turns.waiting) == (1, 1)
        assert (turns.held, turns.waiting) == (0, 0)
        async with stores.client(client_id) as store:
            assert await store.read(companies.find, "Acme") is not None


async def test_a_client_that_floods_with_writes_delays_another_by_one_transaction(
    tmp_path: Path, clock: Clock, turns: FairQueue
) -> None:
    telemetry, committed = Telemetry(), list[GroupCommitted]()
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, telemetry, clock) as stores:
        stores.writer_turns = turns
        flood, calm = await a_client(stores, "Flood"), await a_client(stores, "Calm")
        await _add(stores, clock, calm, "First")  # both files are open
        await _add(stores, clock, flood, "First")
        async with trio.open_nursery() as nursery:
            for number in range(60):
                nursery.start_soon(_add, stores, clock, flood, f"Company {number}")
            while not turns.held:
                await trio.lowlevel.checkpoint()
            stop = telemetry.listen(GroupCommitted, committed.append)
            await _add(stores, clock, calm, "Second")
            stop()
            assert (
                len(committed) <= 3
            )  # what was running, the calm one's, and perhaps one that was chosen already


async def test_a_write_that_is_cancelled_while_it_waits_for_its_turn_never_runs(
    tmp_path: Path, clock: Clock, turns: FairQueue
) -> None:
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, Telemetry(), clock) as stores:
        stores.writer_turns = turns
        client_id = await a_client(stores)
        async with stores.client(client_id) as store, turns.turn(Flow("another", "")):
            with trio.move_on_after(0.05) as patience:
                await _add(stores, clock, client_id)
            assert patience.cancelled_caught
        async with stores.client(client_id) as store:
            await store.write(companies.remove, "nobody")  # behind the one that was dropped
            assert await store.read(companies.find, "Acme") is None
