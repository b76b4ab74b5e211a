"""What very many linked connections cost while nothing is due: memory, processor, and time to be ready.

The whole application runs, in a process of its own: stores, engine, schedule, metrics, listeners.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx
import trio

from tallystick.application import running
from tallystick.cli.bench.folder import KEY, settings_for
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching
from tallystick.engine.usage import measured

_SETTLES_S: Final = 3.0
_MEASURED_S: Final = 15.0  #: the usual time between two scrapes: one of them falls into it


def figures(connections: int, clients: int) -> dict[str, Any]:
    """Fill a folder, then start an application in it. Returns what the command prints."""
    with tempfile.TemporaryDirectory() as folder:
        told = [
            "--url",
            str(Path(folder) / "data"),
            "--connections",
            str(connections),
            "--clients",
            str(clients),
        ]
        _part("fill", *told)
        found: dict[str, Any] = json.loads(_part("idle", *told))
    return {"bench": "idle", "connections": connections, "clients": clients, **found}


def _part(name: str, *told: str) -> str:
    """Filling leaves memory behind that is not the application's: each in a process of its own."""
    command = [sys.executable, "-m", "tallystick", "bench", "idle", "--part", name, *told]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(folder: Path) -> dict[str, float]:
    """Start an application over a folder, let it be for a while, and say what that took."""
    tune_collector()
    tune_switching()
    return trio.run(_measure, folder)


async def _measure(folder: Path) -> dict[str, float]:
    began = time.perf_counter()
    async with running(settings_for(folder, "http://127.0.0.1:1"), KEY) as application:
        ready_s = time.perf_counter() - began
        await trio.sleep(_SETTLES_S)
        async with httpx.AsyncClient(trust_env=False) as http:
            cpu, started = _cpu(), time.perf_counter()
            (await http.get(application.addresses.metrics_url)).raise_for_status()
            scrape_cpu_s = _cpu() - cpu
            await trio.sleep(_MEASURED_S)
            spent, seconds = _cpu() - cpu, time.perf_counter() - started
        return {
            "ready_s": round(ready_s, 2),
            "rss_mb": round(measured().rss_mb),
            "cpu_percent": round(100 * (spent - scrape_cpu_s) / seconds, 3),
            "scrape_cpu_ms": round(1000 * scrape_cpu_s, 1),
        }


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
