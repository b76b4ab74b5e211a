"""Deleting a connection: whatever it meets half-way, the connection works or is unlinked, and a repeat succeeds."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite
from tests.engine.conftest import House
from tests.engine.lives import Lives, in_directory, lives
from tests.engine.test_parking import parked
from trio.testing import MockClock

from tallystick.actors import Flow
from tallystick.engine import RevocationFailed, SyncFinished
from tallystick.errors import ActorUnavailable, NotLinked, ProviderUnavailable, StoreUnusable
from tallystick.store import ConnectionRow, audit, control

__all__ = ["lives"]  # the fixture


@asynccontextmanager
async def linked(lives: Lives, *events: type) -> AsyncGenerator[tuple[House, ConnectionRow]]:
    """A life with a connection that has been read once."""
    async with lives.life(SyncFinished, *events) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
        await trio.sleep(1)
        yield house, row


async def is_gone(house: House, row: ConnectionRow) -> bool:
    """Whether nothing of a connection is left, at home or at the provider."""
    async with house.stores.client(house.client_id) as store:
        left = await store.read(
            lambda c: c.execute("select (select count(*) from connections), (select count(*) from grants)")
        )
        assert left.fetchone() == (0, 0)
    assert await house.stores.control.read(control.find_in_directory, row.id) is None
    assert len(house.engine.schedule) == 0
    return house.provider.auth.revoked == ["Amber"]


async def test_a_delete_whose_rows_cannot_go_leaves_an_unlinked_connection_and_succeeds_when_repeated(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with linked(lives) as (house, row):
        commits = 0

        def full(point: str) -> None:
            """The link's end gets onto the disk, in the file and in the directory; the rows do not go."""
            nonlocal commits
            commits += point == "commit.ready"
            if commits > 2:
                raise sqlite.OperationalError("database or disk is full")

        lives.faults = full
        with pytest.raises(StoreUnusable):
            await house.engine.remove_connection(house.client_id, row.id)
        lives.make_room()
        assert ((await house.row(row)).status, (await in_directory(house, row)).status) == ("Unlinked",) * 2
        assert house.provider.auth.revoked == [], "its consent is let go with its rows"
        with pytest.raises(NotLinked):
            await house.engine.sync(house.client_id, row.id, None, "test")
        await house.engine.remove_connection(house.client_id, row.id)
        assert await is_gone(house, row)
        async with house.stores.client(house.client_id) as store:
            acts = [kept.entry.act for kept in await store.read(audit.entries)]
        assert acts == ["connection.unlink", "connection.remove"]


async def test_a_delete_whose_first_transaction_fails_leaves_the_link_and_its_due_time(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with linked(lives) as (house, row):
        lives.fill_the_disk()
        with pytest.raises(StoreUnusable):
            await house.engine.remove_connection(house.client_id, row.id)
        lives.make_room()
        assert (await house.row(row)).status == "Linked"
        await trio.sleep(48 * 3600)
        assert sum(isinstance(event, SyncFinished) for event in house.events) > 1
        await house.engine.remove_connection(house.client_id, row.id)
        assert await is_gone(house, row)


async def test_a_delete_that_takes_longer_than_its_asker_waits_unlinks_and_is_ended_by_a_repeat(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with linked(lives) as (house, row):
        writers, other = house.engine.fairness.writers, Flow("another client", "")
        async with writers.turn(other), writers.turn(other):
            with pytest.raises(ActorUnavailable):
                await house.engine.remove_connection(house.client_id, row.id)
        await trio.sleep(1)
        assert ((await house.row(row)).status, (await in_directory(house, row)).status) == ("Unlinked",) * 2
        await house.engine.remove_connection(house.client_id, row.id)
        assert await is_gone(house, row)


async def test_a_parked_connection_whose_rows_cannot_go_stays_and_a_repeat_deletes_it(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives) as (house, row):
        lives.fill_the_disk()
        with pytest.raises(StoreUnusable):
            await house.engine.remove_connection(house.client_id, row.id)
        lives.make_room()
        assert house.engine.roster.is_parked(row.id)
        await house.engine.remove_connection(house.client_id, row.id)
        assert await is_gone(house, row)


async def test_a_provider_that_gives_no_token_does_not_keep_a_connection_from_its_end(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with linked(lives, RevocationFailed) as (house, row):
        await trio.sleep(3600)  # its token is over
        house.provider.auth.failure = ProviderUnavailable(platform="xero", reason="down")
        await house.engine.remove_connection(house.client_id, row.id)
        assert not await is_gone(house, row), "the provider has not heard of it"
        assert sum(isinstance(event, RevocationFailed) for event in house.events) == 1


async def test_a_consent_given_while_a_delete_is_under_way_is_not_deleted_behind_the_companys_back(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with linked(lives) as (house, row):
        lives.clock.moved = timedelta(hours=2)  # its token is over: DELETE waits for a fresh one
        auth = lives.provider.auth
        auth.hold = trio.Event()
        url = await house.engine.begin_link(row.id)
        state = parse_qs(urlsplit(url).query)["state"][0]
        refused: list[ActorUnavailable] = []

        async def delete() -> None:
            try:
                await house.engine.remove_connection(house.client_id, row.id)
            except ActorUnavailable as error:
                refused.append(error)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(delete)
            await trio.sleep(0.5)
            await house.engine.finish_link("xero", {"state": state, "code": "c", "tenants": "Amber"})
            await trio.sleep(0.5)
            auth.hold.set()
        assert len(refused) == 1, "who deletes hears that it is linked again"
        await house.until(SyncFinished, 2)
        assert (await house.row(row)).status == "Linked"
        assert set(await house.datasets(row)) == {"items", "invoices", "bills"}
        await house.engine.remove_connection(house.client_id, row.id)
        await trio.sleep(1)
        assert await is_gone(house, row)
