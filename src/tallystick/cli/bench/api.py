"""How long clients wait for a page of 100 records while the same process syncs very many.

A client reads over real HTTP, from a process of its own and at a steady rate, the books of one company: first
while nothing runs, then while another company of the same client, in the same file, is synced for the first
time.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import trio
from attrs import define, field

from tallystick.application import Application, running
from tallystick.cli.bench.folder import KEY, fill, settings_for
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching
from tallystick.engine import SyncFinished

_ALONE_S: Final = 5.0
#: The application's own look at the loop, four times a second, is too seldom for a percentile of this.
_LAG_EVERY_S: Final = 0.01


def measure(url: str, page_size: int) -> dict[str, float]:
    """Start an application, sync all that the page server has, and read meanwhile. Times in milliseconds."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


@define(eq=False)
class _Lag:
    """How late the loop comes, seconds."""

    seen: list[float] = field(factory=list)

    async def look(self) -> None:
        while True:
            due = trio.current_time() + _LAG_EVERY_S
            await trio.sleep_until(due)
            self.seen.append(trio.current_time() - due)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, float]:
    (client,) = await fill(folder, 2, 1)
    read, synced = client.connections
    lag = _Lag()
    async with running(settings_for(folder, url, page_size), KEY) as application:
        await _sync(application, client.id, read.id)
        path = f"/companies/{read.company_id}/data/invoices"
        target = [application.addresses.api_url + path, client.api_key]
        async with _reading(target) as alone:
            await trio.sleep(_ALONE_S)
        async with _reading(target) as during, trio.open_nursery() as nursery:
            nursery.start_soon(lag.look)
            began = time.perf_counter()
            await _sync(application, client.id, synced.id)
            seconds = time.perf_counter() - began
            nursery.cancel_scope.cancel()
    return {
        "reads": len(during),
        "sync_s": round(seconds, 2),
        "p50_ms": _percentile(during, 50),
        "p99_ms": _percentile(during, 99),
        "most_ms": _percentile(during, 100),
        "alone_p50_ms": _percentile(alone, 50),
        "alone_p99_ms": _percentile(alone, 99),
        "lag_p99_ms": _percentile(lag.seen, 99),
        "lag_most_ms": _percentile(lag.seen, 100),
    }


async def _sync(application: Application, client_id: str, connection_id: str) -> None:
    """Read the invoices, to the end."""
    ended = trio.Event()
    finished: list[SyncFinished] = []

    def hear(event: SyncFinished) -> None:
        finished.append(event)
        ended.set()

    stop = application.telemetry.listen(SyncFinished, hear)
    await application.engine.sync(client_id, connection_id, ["invoices"], "bench")
    await ended.wait()
    stop()
    assert finished[0].outcome == "ok", finished


@asynccontextmanager
async def _reading(target: Sequence[str]) -> AsyncGenerator[list[float], None]:
    """A reading process; its seconds are in the list once the block has ended."""
    seconds: list[float] = []
    command = [sys.executable, "-m", "tallystick.cli.bench.reader", *target]
    process = await trio.lowlevel.open_process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        await process.stdout.receive_some(1)  # its first answer has come
        yield seconds
        await process.stdin.aclose()
        told = b"".join([chunk async for chunk in process.stdout])
        seconds += json.loads(told)
    finally:
        with trio.CancelScope(shield=True):
            process.terminate()
            await process.wait()


def _percentile(seconds: Sequence[float], percent: int) -> float:
    """In milliseconds; the nearest rank."""
    ordered = sorted(seconds)
    return round(1000 * ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 2)
