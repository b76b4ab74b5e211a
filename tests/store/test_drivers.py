"""Readers of one file: opened when they are wanted, and each by itself."""

import threading
from pathlib import Path

import pytest
import trio
import trio.testing

from tallystick.errors import StoreUnusable
from tallystick.store.drivers import ThreadedDriver


async def test_two_reads_run_side_by_side(tmp_path: Path) -> None:
    driver = await ThreadedDriver.open(tmp_path / "c.db", bytes(32), readers=2)
    both = threading.Barrier(2, timeout=5)
    async with trio.open_nursery() as nursery:
        for _ in range(2):
            nursery.start_soon(driver.read, lambda _: both.wait())
    await driver.aclose()


async def test_a_second_reader_is_opened_once_the_first_is_busy_and_no_third(tmp_path: Path) -> None:
    before = _threads()
    driver = await ThreadedDriver.open(tmp_path / "c.db", bytes(32), readers=2)
    for _ in range(3):
        await driver.read(lambda connection: connection.execute("select 1").fetchone())
    assert _threads() == before + 2, "the writer and one reader"
    going = threading.Event()
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(driver.read, lambda _: going.wait(5))
        with trio.fail_after(5):
            while _threads() < before + 3:
                await trio.sleep(0.001)
        going.set()
    assert _threads() == before + 3
    await driver.aclose()
    assert _threads() == before


async def test_a_second_reader_that_cannot_be_opened_fails_its_read_alone(tmp_path: Path) -> None:
    file = tmp_path / "c.db"
    driver = await ThreadedDriver.open(file, bytes(32), readers=2)
    await driver.write(lambda connection: connection.execute("create table t (x)"))
    going = threading.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.read, lambda _: going.wait(5))
        await trio.testing.wait_all_tasks_blocked()
        file.rename(tmp_path / "away.db")
        (tmp_path / "c.db").mkdir()
        with pytest.raises(StoreUnusable, match="no further reader"):
            await driver.read(lambda _: None)
        going.set()
    assert await driver.read(lambda connection: connection.execute("select 1").fetchone()) == (1,)
    await driver.aclose()


def _threads() -> int:
    return sum(thread.name == "tallystick-store" for thread in threading.enumerate())
