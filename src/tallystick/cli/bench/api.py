"""How long clients wait for a page of 100 records while the same process syncs very many.

Clients read over real HTTP from a process of their own, at a steady rate, the books that are being synced
(of the same client: the same file) and those of a client for which nothing happens.
"""

import base64
import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx
import trio

from tallystick.application import Application, running
from tallystick.cli.bench.folder import KEY, LinkedClient, fill, settings_for
from tallystick.cli.collector import tune_collector
from tallystick.engine import LoopLagMeasured, PageStored, SyncFinished

_PAGE_SIZE: Final = 100
_READS_A_SECOND: Final = 25
#: The application's own measure looks four times a second: too seldom for a percentile of so short a time.
_LAG_EVERY_S: Final = 0.01


def figures(url: str, page_size: int) -> dict[str, Any]:
    """Start an application, sync all that the page server has, and read meanwhile. Returns what is printed."""
    tune_collector()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, Any]:
    quiet, busy = await fill(folder, 2, 2)
    async with running(settings_for(folder, url, page_size), KEY) as application:
        await _synced(application, quiet)
        alone = await _read(application, [quiet], seconds=3.0)
        lags: list[float] = []
        during: list[float] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_look, lags)
            async with _reading(application, [quiet, busy]) as reader:
                began = time.perf_counter()
                await _synced(application, busy)
                seconds = time.perf_counter() - began
            nursery.cancel_scope.cancel()
