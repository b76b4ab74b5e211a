"""`tallystick bench`: figures as ratios to a reference that is measured in the same run."""

import argparse
import json
import subprocess
import sys
from typing import Any, Final

from tallystick.cli.bench import engine, floor
from tallystick.errors import ConfigurationInvalid

__all__ = ["EXAMPLE", "HELP", "add_arguments", "run"]

HELP = "Measure the sync of many invoices against a bare fetch, parse and insert."
EXAMPLE = "tallystick bench sync --records 100000 --page-size 500"

_READY: Final = 60.0  #: seconds for the page server to generate its pages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("what", choices=("sync",), help="what to measure")
    parser.add_argument("--records", type=int, default=100_000, help="invoices (default 100000)")
    parser.add_argument("--page-size", type=int, default=500, help="invoices a page (default 500)")
    parser.add_argument("--part", choices=("all", "engine", "floor"), default="all", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Run the page server, then floor and engine, each in a process of its own."""
    if arguments.records < 1 or not 1 <= arguments.page_size <= 1000:
        raise ConfigurationInvalid(message="--records is at least 1, --page-size 1 to 1000")
    match arguments.part:
        case "floor":
            print(json.dumps(floor.measure(arguments.url)))
        case "engine":
            print(json.dumps(engine.measure(arguments.url, arguments.page_size)))
        case _:
            print(json.dumps(_all(arguments.records, arguments.page_size)))
    return 0


def _all(records: int, page_size: int) -> dict[str, Any]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tallystick.cli.bench.pages", str(records), str(page_size)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,  # the server ends when this closes
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        base, whole = _part("floor", url, page_size), _part("engine", url, page_size)
    finally:
        server.terminate()
        server.wait()
    return {
        "bench": "sync",
        "records": records,
        "page_size": page_size,
        "records_per_s": round(records / whole["wall_s"]),
        "cpu_us_per_record": round(whole["cpu_s"] / records * 1e6, 1),
        "floor_cpu_us_per_record": round(base["cpu_s"] / records * 1e6, 1),
        "ratio": round(whole["cpu_s"] / base["cpu_s"], 3),
        "peak_rss_mb": whole["peak_rss_mb"],
        "wall_s": round(whole["wall_s"], 2),
    }


def _part(name: str, url: str, page_size: int) -> dict[str, float]:
    done = subprocess.run(
        [
            sys.executable, "-m", "tallystick", "bench", "sync",
            "--part", name, "--url", url, "--page-size", str(page_size),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
