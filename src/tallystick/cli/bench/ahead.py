"""Pages with a latency: what it brings to ask for several at once."""

import tempfile
from functools import partial
from pathlib import Path

import trio

from tallystick.cli.bench.engine import engine_over
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching


def measure(url: str, page_size: int, in_flight: int) -> dict[str, float]:
    """Read every page with so many calls at once. Returns wall seconds."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(partial(_measure, Path(folder) / "data", url, page_size, in_flight))


async def _measure(folder: Path, url: str, page_size: int, in_flight: int) -> dict[str, float]:
    async with engine_over(folder, url, page_size, in_flight=in_flight) as bench:
        return {"wall_s": round((await bench.sync())["wall_s"], 2)}
