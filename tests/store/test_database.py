"""What the grouping writer promises, with both drivers."""

import weakref
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite
from trio.testing import wait_all_tasks_blocked

from tallystick.errors import StoreUnusable
from tallystick.store import CommitFailed, CommitLimits, Database, GroupCommitted
from tallystick.store.drivers import InlineDriver, ThreadedDriver
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

KEY = bytes(range(32))


@pytest.fixture(params=["threaded", "inline"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, nursery: trio.Nursery, telemetry: Telemetry
) -> AsyncGenerator[Database, None]:
    opener = ThreadedDriver if request.param == "threaded" else InlineDriver
    driver = await opener.open(tmp_path / "a.db", KEY)
    await driver.write(lambda c: c.execute("create table t (x integer primary key) strict"))
    made = Database("client", driver, telemetry, CommitLimits(jobs=3, rows=100, linger_s=0.2))
    await nursery.start(made.run)
    yield made
    await made.finish()
    await driver.aclose()


def insert(number: int) -> Any:
    return lambda connection: connection.execute("insert into t values (?)", (number,)).lastrowid


def fail(connection: Any) -> None:
    connection.execute("insert into t values (99)")
    raise ValueError("this job is wrong")


async def stored(database: Database) -> list[int]:
    rows = await database.read(lambda c: c.execute("select x from t order by x").fetchall())
    return [x for (x,) in rows]


async def test_a_write_is_durable_when_it_returns(database: Database) -> None:
    assert await database.write(insert(7)) == 7
    assert await stored(database) == [7]


class Rows:
    """Something large that a job brings."""


async def test_what_a_job_brought_is_let_go_when_it_has_ended_or_is_dropped(database: Database) -> None:
    """However long somebody refers to the job: the writer's thread until its next one, for example."""
    left: list[weakref.ref[Rows]] = []

    def bring(rows: Rows, _: Any) -> None:
        left.append(weakref.ref(rows))

    stored = await database.submit(partial(bring, Rows()))
    await database.result(stored)
    rows = Rows()
    left.append(weakref.ref(rows))
    dropped = await database.submit(partial(bring, rows), linger=True)
    await database.abandon(dropped)
    del rows
    assert stored.outcome is not None
    assert [reference() for reference in left] == [None, None]


async def test_jobs_that_may_linger_share_one_transaction(
    database: Database, telemetry: Telemetry, nursery: trio.Nursery
) -> None:
    groups: list[GroupCommitted] = []
    telemetry.listen(GroupCommitted, groups.append)
    async with trio.open_nursery() as writers:
        for number in range(3):
            job = await database.submit(insert(number), linger=True)
            writers.start_soon(database.result, job)
    assert [group.jobs for group in groups] == [3]
    assert await stored(database) == [0, 1, 2]


async def test_a_job_that_may_not_linger_takes_the_others_along_at_once(
    database: Database, telemetry: Telemetry
) -> None:
    groups: list[GroupCommitted] = []
    telemetry.listen(GroupCommitted, groups.append)
    lingering = await database.submit(insert(1), linger=True)
    await database.write(insert(2))
    await database.result(lingering)
    assert [group.jobs for group in groups] == [2]


async def test_a_job_that_fails_is_rolled_back_alone(database: Database) -> None:
    good = await database.submit(insert(1), linger=True)
    bad = await database.submit(fail, linger=True)
    other = await database.submit(insert(2))
    await database.result(good)
    await database.result(other)
    with pytest.raises(ValueError, match="this job is wrong"):
        await database.result(bad)
    assert await stored(database) == [1, 2]


async def test_jobs_run_in_the_order_in_which_they_were_submitted(database: Database) -> None:
    order: list[int] = []
    jobs = [
        await database.submit(lambda _, number=number: order.append(number), linger=True)
        for number in range(6)
    ]
    for job in jobs:
        await database.result(job)
    assert order == list(range(6))


async def test_a_write_that_is_cancelled_before_its_turn_never_runs(database: Database) -> None:
    with trio.move_on_after(0.01):
        await database.write(insert(1), linger=True)
    await database.write(insert(2))
    assert await stored(database) == [2]


async def test_a_disk_that_is_full_fails_every_job_of_the_group_and_nothing_of_it_stands(
    database: Database, telemetry: Telemetry
) -> None:
    failures: list[CommitFailed] = []
    telemetry.listen(CommitFailed, failures.append)
    await database.driver.write(lambda c: c.execute("create table big (x blob)"))
    await database.driver.write(lambda c: c.execute("pragma max_page_count = 20"))
    first = await database.submit(insert(1), linger=True)
    with pytest.raises(StoreUnusable, match="full"):
        await database.write(lambda c: c.execute("insert into big values (zeroblob(1000000))"))
    with pytest.raises(StoreUnusable):
        await database.result(first)
    assert await stored(database) == []
    assert [failure.jobs for failure in failures] == [2]
    await database.driver.write(lambda c: c.execute("pragma max_page_count = 100000"))
    await database.write(insert(1))
    assert await stored(database) == [1]


async def test_a_disk_that_fails_to_read_is_told_as_a_store_that_cannot_be_used(database: Database) -> None:
    def read(_: SqliteConnection) -> None:
        raise sqlite.OperationalError("disk I/O error")

    with pytest.raises(StoreUnusable, match="disk I/O error"):
        await database.read(read)


async def test_a_full_queue_makes_the_next_writer_wait(
    tmp_path: Path, telemetry: Telemetry, nursery: trio.Nursery
) -> None:
    """The writer does not run yet: six jobs fit (twice a group), the seventh waits."""
    driver = await InlineDriver.open(tmp_path / "b.db", KEY)
    database = Database("client", driver, telemetry, CommitLimits(jobs=3))
    for _ in range(6):
        await database.submit(lambda _: None)
    sent = trio.Event()

    async def one_more() -> None:
        await database.submit(lambda _: None)
        sent.set()

    nursery.start_soon(one_more)
    await wait_all_tasks_blocked()
    assert not sent.is_set()
    nursery.start_soon(database.run)
    await sent.wait()
    await database.finish()
    await driver.aclose()


async def test_the_changes_feed_wakes_whoever_waits_for_the_next_commit(
    database: Database, nursery: trio.Nursery
) -> None:
    seen: list[int] = []

    async def watch() -> None:
        seen.append(await database.wait_for_commit(database.commits))

    nursery.start_soon(watch)
    await wait_all_tasks_blocked()
    await database.write(insert(1))
    await wait_all_tasks_blocked()
    assert seen == [database.commits]
