"""What becomes of a connection that was given up: written down, left alone, and tried again by the next process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
import trio
from tests.engine.conftest import House
from tests.engine.lives import Lives, give_consent, in_directory, lives, read_completed, rest_in
from trio.testing import MockClock

from tallystick.actors import ActorRestarted, Supervisor
from tallystick.engine import ConnectionMoved, DatasetFinished, SyncFinished, SyncStarted
from tallystick.engine.grant import GiveToken
from tallystick.errors import ActorUnavailable, NeedsReauthorisation, TallystickError
from tallystick.http.ops import SupervisedOperations
from tallystick.store import ConnectionRow, control

__all__ = ["lives"]  # the fixture


@asynccontextmanager
async def parked(lives: Lives, *events: type) -> AsyncGenerator[tuple[House, ConnectionRow]]:
    """A life with a connection that was parked in it."""
    lives.provider.client.pages_of["Items"] = [[("a", "crash")]]
    async with lives.life(*events) as house:
        row = await house.linked()
        with trio.fail_after(600):
            while (await house.row(row)).state != "Parked":
                with suppress(TallystickError):
                    await house.engine.sync(house.client_id, row.id, ["items"], "test")
                await trio.sleep(1)
        await trio.sleep(1)
        lives.provider.client.pages_of["Items"] = [[("a", "1")]]
        yield house, row


async def test_every_dataset_that_a_crash_or_parking_ends_is_told_and_announced_once(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives, DatasetFinished) as (house, row):
        async with house.stores.client(house.client_id) as store:
            ended = await store.read(lambda c: c.execute("select id, status from datasets").fetchall())
        told = {e.dataset_id: e.status for e in house.events if isinstance(e, DatasetFinished)}
        assert told == dict(ended)
        assert set(told.values()) == {"InternalError"}
        announced = await read_completed(house, row)
        assert [sum(name in body for body in announced) for name in told] == [1] * len(ended)


async def test_a_parked_connection_is_told_nothing_until_somebody_lets_it_go_on(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives, SyncFinished) as (house, row):
        assert len(house.engine.schedule) == 0
        house.engine.schedule.note(row.id, lives.clock())  # as a change of settings does
        await trio.sleep(3600)
        state = house.engine.connections.state(row.id)
        assert state is not None
        assert (state.state, state.mailbox_depth) == ("parked", 0)
        assert len(house.engine.schedule) == 0
        house.engine.connections.resume(row.id)
        await trio.sleep(3600)
        assert (await house.row(row)).state is None
        assert (await in_directory(house, row)).state is None
        assert len(house.engine.schedule) == 1


async def test_the_next_process_tries_a_parked_connection_again_and_says_so(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives) as (house, row):
        assert (await in_directory(house, row)).state == "Parked"
    async with lives.life(SyncStarted, SyncFinished) as house:
        await trio.sleep(5)
        assert (await house.row(row)).state is None, "whatever comes of it"
        assert (await in_directory(house, row)).state is None
        lives.clock.moved += timedelta(days=2)
        await trio.sleep(120)
        assert [e.outcome for e in house.events if isinstance(e, SyncFinished)][-1] == "ok"
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}


async def test_operators_let_a_connection_go_on_that_says_parked_since_an_earlier_process(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life() as house:
        row = await house.linked()
        await rest_in(house, row, "Parked")
        await house.stores.control.write(control.note_due, row.id, None)
    async with lives.life(SyncFinished) as house:
        supervisors: tuple[Supervisor, ...] = (house.engine.connections,)
        operations = SupervisedOperations(
            supervisors=lambda: supervisors, stores=house.stores, engine=house.engine
        )
        assert (await operations.resume(row.id, "c0ffee")).state == "running"
        await house.until(SyncFinished)
        assert (await house.row(row)).state is None
        with pytest.raises(ActorUnavailable, match="not parked"):
            await operations.resume(row.id, "c0ffee")


async def test_a_sync_that_is_asked_for_clears_what_an_earlier_process_left(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.client.hold_before["Items:1"] = trio.Event()
    async with lives.life() as house:
        row = await house.linked()
        await rest_in(house, row, "Parked")
        await house.engine.sync(house.client_id, row.id, None, "test")
        assert (await house.row(row)).state is None


async def test_a_lost_consent_is_told_of_a_parked_connection_at_once(
    lives: Lives, autojump_clock: MockClock
) -> None:
    """Somebody else who lives by the same consent finds it out."""
    async with parked(lives, ConnectionMoved) as (house, row):
        other = await house.linked("Blue", grant_id=row.grant_id)
        lives.provider.auth.failure = NeedsReauthorisation(platform="xero", reason="it was revoked")
        consent = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
        with trio.fail_after(5):
            with pytest.raises(NeedsReauthorisation):
                await consent.ask(GiveToken(refused="access-0"))
            while (await house.row(row)).status != "Deauthorized":
                await trio.sleep(0.1)
        await trio.sleep(1)
        assert (await in_directory(house, row)).status == "Deauthorized"
        (moved,) = [e for e in house.events if isinstance(e, ConnectionMoved) and e.was == "Parked"]
        assert (moved.connection_id, moved.now) == (row.id, "NeedsReauth")
        assert (await house.row(other)).status == "Deauthorized"


async def test_a_consent_given_again_lets_a_parked_connection_go_on(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives, SyncFinished) as (house, row):
        before = sum(isinstance(event, SyncFinished) for event in house.events)
        await give_consent(house, row, tenant="Amber")
        await house.until(SyncFinished, before + 1)
        await trio.sleep(1)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}


async def test_a_consent_given_again_lets_a_parked_connection_go_on_though_the_browser_is_gone(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with parked(lives, SyncFinished) as (house, row):
        before = sum(isinstance(event, SyncFinished) for event in house.events)
        call = trio.CancelScope()
        lives.faults = lambda point: call.cancel() if point == "link.stored" else None
        with call:
            await give_consent(house, row, tenant="Amber")
        assert call.cancelled_caught
        lives.faults = None
        lives.clock.moved += timedelta(days=2)
        await house.until(SyncFinished, before + 1)
        await trio.sleep(120)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        assert len(house.engine.schedule) == 1


async def test_a_crash_is_taken_up_again_whatever_has_crashed_long_before(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(ActorRestarted, SyncFinished, DatasetFinished) as house:
        row = await house.linked()
        for crash in (1, 2, 3):
            lives.provider.client.pages_of["Items"] = [[("a", "crash")]]
            await house.engine.sync(house.client_id, row.id, ["items"], "test")
            await house.until(ActorRestarted, crash)
            lives.provider.client.pages_of["Items"] = [[("a", "1")]]
            await house.until(DatasetFinished, crash)
            await trio.sleep(3600)
        ends = [event.status for event in house.events if isinstance(event, DatasetFinished)]
        assert ends[:3] == ["Complete"] * 3
