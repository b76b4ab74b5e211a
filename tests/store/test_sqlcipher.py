"""What is relied on of aiosqlite's thread, and of encryption."""

import threading
import time
from pathlib import Path

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite

from tallystick.errors import StoreUnusable
from tallystick.store.sqlcipher import PAGE_BYTES, TrioConnection, connect

KEY = bytes(range(32))


def _threads() -> int:
    return sum(thread.name == "tallystick-store" for thread in threading.enumerate())


async def test_a_file_is_unreadable_without_its_key(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    connection = connect(file, KEY)
    connection.execute("create table secrets (text text)")
    connection.execute("insert into secrets values ('the quick brown fox')")
    connection.close()
    assert b"quick brown" not in file.read_bytes()
    assert not file.read_bytes().startswith(b"SQLite format 3")
    with pytest.raises(StoreUnusable, match="the key is not this file's"):
        connect(file, bytes(32))


async def test_the_settings_that_the_store_relies_on_are_in_force(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db", KEY)
    found = {
        name: connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("cipher_page_size", "journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    }
    connection.close()
    assert found == {
        "cipher_page_size": str(PAGE_BYTES),
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }


async def test_a_flipped_bit_in_the_file_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    connection = connect(file, KEY)
    connection.execute("create table t (x)")
    connection.execute("insert into t values (randomblob(100000))")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    data = bytearray(file.read_bytes())
    data[PAGE_BYTES * 3 + 100] ^= 1
    file.write_bytes(data)
    with pytest.raises(Exception, match=r"malformed|not a database|disk I/O|does not open"):
        connect(file, KEY).execute("select hex(x) from t").fetchone()


async def test_aiosqlites_own_calls_work_under_trio(tmp_path: Path) -> None:
    """The three private methods that are replaced are the only ones that asyncio is behind."""
    async with TrioConnection(lambda: connect(tmp_path / "a.db", KEY)) as db:
        await db.execute("create table t (x)")
        await db.execute("insert into t values (1), (2)")
        assert list(await db.execute_fetchall("select x from t order by x")) == [(1,), (2,)]
        async with db.execute("select x from t") as cursor:
            assert [row async for row in cursor] == [(1,), (2,)]
    assert _threads() == 0


async def test_a_cancelled_call_ends_at_once_and_the_connection_stays_usable(tmp_path: Path) -> None:
    slow = (
        "with recursive c(x) as (select 1 union all select x + 1 from c limit 1000000000) "
        "select count(*) from c"
    )
    async with TrioConnection(lambda: connect(tmp_path / "a.db", KEY)) as db:
        started = time.perf_counter()
        with trio.move_on_after(0.1):
            await db.run(lambda connection: connection.execute(slow).fetchone())
        assert time.perf_counter() - started < 2
        assert await db.run(lambda connection: connection.execute("select 1").fetchone()) == (1,)


async def test_a_cancelled_transaction_is_rolled_back(tmp_path: Path) -> None:
    def write_slowly(connection: object) -> None:
        connection.execute("begin immediate")  # type: ignore[attr-defined]
        try:
            connection.execute("insert into t values (1)")  # type: ignore[attr-defined]
            connection.execute(  # type: ignore[attr-defined]
                "with recursive c(x) as (select 1 union all select x + 1 from c limit 1000000000) "
                "insert into t select max(x) from c"
            )
            connection.execute("commit")  # type: ignore[attr-defined]
        except BaseException:
            connection.execute("rollback")  # type: ignore[attr-defined]
            raise

    async with TrioConnection(lambda: connect(tmp_path / "a.db", KEY)) as db:
        await db.execute("create table t (x)")
        with trio.move_on_after(0.1):
            await db.run(write_slowly)
        assert list(await db.execute_fetchall("select count(*) from t")) == [(0,)]


async def test_a_call_that_is_cancelled_in_the_queue_never_runs(tmp_path: Path) -> None:
    ran: list[str] = []

    async with TrioConnection(lambda: connect(tmp_path / "a.db", KEY)) as db, trio.open_nursery() as nursery:
        nursery.start_soon(db.run, lambda _: time.sleep(0.2))
        await trio.sleep(0.05)
        with trio.move_on_after(0.02):
            await db.run(lambda _: ran.append("should not"))
    assert ran == []


async def test_a_connection_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is no database, and long enough to be looked at" * 200)
    with pytest.raises(StoreUnusable):
        await TrioConnection(lambda: connect(tmp_path / "a.db", KEY))
    assert _threads() == 0


def test_a_file_that_an_earlier_release_made_still_opens(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its pages are authenticated by another algorithm, which is fixed when a file is made. Nobody is alarmed."""
    path, key = tmp_path / "old.db", KEY
    old = sqlite.connect(str(path), isolation_level=None)
    old.execute(f"pragma key = \"x'{key.hex()}'\"")
    old.execute("pragma cipher_page_size = 8192")
    old.execute("create table kept (what text)")
    old.execute("insert into kept values ('here')")
    old.close()
    connection = connect(path, key)
    assert connection.execute("select what from kept").fetchall() == [("here",)]
    connection.close()
    assert capfd.readouterr().err == ""


def test_a_page_that_was_tampered_with_does_not_open(tmp_path: Path) -> None:
    path, key = tmp_path / "data.db", KEY
    connection = connect(path, key)
    connection.execute("create table kept (what text)")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[5000] ^= 1
    path.write_bytes(raw)
    with pytest.raises(StoreUnusable):
        connect(path, key)
