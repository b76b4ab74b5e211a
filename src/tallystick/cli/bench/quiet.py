"""A sync that finds nothing new: the daily case of thousands of small companies."""

import tempfile
from pathlib import Path

import trio

from tallystick.cli.bench.engine import engine_over
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching

_TIMES = 30


def measure(url: str, page_size: int) -> dict[str, float]:
    """Read one page of unchanged records again and again. Returns milliseconds a sync: CPU and wall."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, float]:
    async with engine_over(folder, url, page_size) as bench:
        await bench.sync()
        spent = [await bench.sync() for _ in range(_TIMES)]
    return {
        "cpu_ms": round(sum(each["cpu_s"] for each in spent) / _TIMES * 1000, 2),
        "wall_ms": round(sum(each["wall_s"] for each in spent) / _TIMES * 1000, 2),
    }
