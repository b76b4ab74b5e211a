"""Disks that are full, fail, are read-only or locked, and files that are damaged.

Invariants: I1 to I4 and I8 in whole stories (tests/simulation/invariants.py), and that what a disk does is
told in our words, to those whom it hits and to nobody else.
"""

import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite
from tests.simulation.simulation import simulate

from tallystick.access import Access
from tallystick.errors import StoreUnusable
from tallystick.store import CommitFailed, Company, DataFolder, Stores, companies, open_stores
from tallystick.store.sqlcipher import connect
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = bytes(32)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncGenerator[Stores, None]:
    folder = DataFolder.open(tmp_path / "data", KEY, create=True)
    async with open_stores(folder, Telemetry(), lambda: NOW) as opened:
        yield opened


def _company() -> Company:
    return Company(id=str(uuid.uuid4()), name="Amber" * 2000, description=None, tags={}, created_at=NOW)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["disk full", "no room", "read-only", "io error"])
def test_a_disk_that_takes_nothing_for_a_while_loses_nothing_and_everything_goes_on_alone(what: str) -> None:
    for seed in range(6):
        result = simulate(seed, acts=("sync", "work", what), trouble="none")
        assert not result.violations, str(result)


async def test_a_full_disk_is_told_in_our_words_and_with_room_the_next_write_succeeds(stores: Stores) -> None:
    """SQLite ends one statement or the whole transaction; neither looks like a bug of who wrote."""
    client = await Access(stores).create_client("Acme")
    async with stores.client(client.id) as store:
        await store.database.driver.write(_no_room)
        with pytest.raises(StoreUnusable, match="full"):
            for _ in range(20):
                await store.write(companies.add, _company())
        await store.database.driver.write(_room)
        there = _company()
        await store.write(companies.add, there)
        assert await store.read(companies.find, there.id) == there


async def test_a_read_only_file_is_told_and_its_data_can_still_be_read(stores: Stores) -> None:
    client = await Access(stores).create_client("Acme")
    there = _company()
    async with stores.client(client.id) as store:
        await store.write(companies.add, there)
        await store.database.driver.write(lambda c: c.execute("pragma query_only = on"))
        with pytest.raises(StoreUnusable, match="readonly"):
            await store.write(companies.add, _company())
        assert await store.read(companies.find, there.id) == there
        await store.database.driver.write(lambda c: c.execute("pragma query_only = off"))


async def test_one_file_that_fails_to_close_keeps_no_other_one_open(tmp_path: Path) -> None:
    """A stop on a full disk ends: the mark of a clean close is lost, and the next start checks the file."""
    folder = DataFolder.open(tmp_path / "data", KEY, create=True)
    telemetry = Telemetry()
    failures: list[Any] = []
    telemetry.listen(CommitFailed, failures.append)
    with trio.fail_after(10):
        async with open_stores(folder, telemetry, lambda: NOW) as stores:
            clients = [await Access(stores).create_client(name) for name in ("One", "Two")]
            for client in clients:
                async with stores.client(client.id) as store:
                    await store.write(companies.add, _company())
            telemetry.faults = _no_disk
    assert len(failures) == 2, "both marks were tried"
    telemetry.faults = None
    folder = DataFolder.open(tmp_path / "data", KEY)
    async with open_stores(folder, telemetry, lambda: NOW) as stores:
        for client in clients:
            async with stores.client(client.id) as store:
                assert await store.read(_count) == 1


async def test_a_writer_that_dies_leaves_nobody_waiting(tmp_path: Path) -> None:
    """Who has a job in line, or comes later, hears so; even where the wait for it is shielded."""

    class Gone(BaseException):
        pass

    def gone(_: object) -> None:
        raise Gone

    folder = DataFolder.open(tmp_path / "data", KEY, create=True)
    telemetry = Telemetry()
    heard: list[str] = []
    with trio.fail_after(10):
        try:
            async with open_stores(folder, telemetry, lambda: NOW, inline=True) as stores:
                client = await Access(stores).create_client("Acme")
                async with stores.client(client.id) as store:
                    telemetry.faults = gone
                    with trio.CancelScope(shield=True):
                        for _ in range(2):
                            try:
                                await store.write(companies.add, _company())
                            except StoreUnusable as told:
                                heard.append(str(told))
        except BaseException as ended:
            assert _holds(ended, Gone)
    assert heard == ["its writer has stopped"] * 2


@pytest.mark.slow
async def test_a_lock_that_somebody_else_holds_for_a_moment_is_waited_for(stores: Stores) -> None:
    """Such as a backup tool's; our own second process is refused by the folder's lock."""
    client = await Access(stores).create_client("Acme")
    async with stores.client(client.id) as store:
        key = await stores.control.read(lambda c: c.execute("select sealed_key from clients").fetchone()[0])
        plain = stores.folder.kek.open(key, f"client {client.id}")
        other = connect(stores.folder.client_file(client.id), plain)
        other.execute("begin immediate")
        there = _company()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(store.write, companies.add, there)
            await trio.sleep(0.3)
            assert await store.read(companies.find, there.id) is None
            other.execute("rollback")
        other.close()
        assert await store.read(companies.find, there.id) == there


async def test_a_damaged_file_refuses_to_open_names_its_runbook_and_leaves_other_clients_alone(
    tmp_path: Path,
) -> None:
    telemetry = Telemetry()
    folder = DataFolder.open(tmp_path / "data", KEY, create=True)
    async with open_stores(folder, telemetry, lambda: NOW) as stores:
        bad, good = [await Access(stores).create_client(name) for name in ("Bad", "Good")]
        for client in (bad, good):
            async with stores.client(client.id) as store:
                for _ in range(30):
                    await store.write(companies.add, _company())
        telemetry.faults = _no_disk  # as after a crash: no mark of a clean close
        file = folder.client_file(bad.id)
    telemetry.faults = None
    body = bytearray(file.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 4096] = bytes(4096)
    file.write_bytes(body)
    async with open_stores(DataFolder.open(tmp_path / "data", KEY), telemetry, lambda: NOW) as stores:
        with pytest.raises(StoreUnusable, match=r"DatabaseCorrupt\.md"):
            async with stores.client(bad.id):
                pass
        async with stores.client(good.id) as store:
            assert await store.read(_count) == 30
    assert (Path(__file__).parents[2] / "runbooks" / "DatabaseCorrupt.md").exists()


def _no_disk(_: object) -> None:
    raise sqlite.OperationalError("disk I/O error")


def _no_room(connection: Any) -> None:
    (pages,) = connection.execute("pragma page_count").fetchone()
    connection.execute(f"pragma max_page_count = {pages}").fetchone()


def _room(connection: Any) -> None:
    connection.execute("pragma max_page_count = 1000000").fetchone()


def _count(connection: Any) -> int:
    return int(connection.execute("select count(*) from companies").fetchone()[0])


def _holds(error: BaseException, kind: type[BaseException]) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_holds(inner, kind) for inner in error.exceptions)
    return isinstance(error, kind)
