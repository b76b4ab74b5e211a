"""`tallystick bench`: figures as ratios to a reference that is measured in the same run."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import trio

from tallystick.cli.bench import ahead, api, engine, floor, folder, hooks, idle, mapping, quiet, remap
from tallystick.errors import ConfigurationInvalid

__all__ = ["EXAMPLE", "HELP", "add_arguments", "run"]

HELP = "Measure the engine: each figure is one JSON line."
EXAMPLE = "tallystick bench sync --records 100000 --page-size 500"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "what",
        choices=("sync", "ahead", "quiet", "idle", "api", "remap", "hooks", "map"),
        help="sync: many invoices against a bare fetch, parse and insert; ahead: pages with a latency, 1, 5 "
        "and 10 calls at once; quiet: a sync that finds nothing new; idle: what connections cost while none "
        "is due; api: answers while many invoices are synced; remap: stored invoices mapped anew; "
        "hooks: from a provider's message to the changed record at the API; "
        "map: one page of invoices from the provider's bytes to ours, against a bare parse and dump",
    )
    parser.add_argument("--records", type=int, default=100_000, help="of sync, api, remap (default 100000)")
    parser.add_argument("--page-size", type=int, default=500, help="of sync, api, remap, map (default 500)")
    parser.add_argument("--pages", type=int, default=200, help="ahead: pages of 100 (default 200)")
    parser.add_argument("--latency-ms", type=int, default=100, help="ahead: of each answer (default 100)")
    parser.add_argument("--connections", type=int, default=1000, help="idle: linked (default 1000)")
    parser.add_argument("--clients", type=int, default=1, help="idle: that they are spread over (default 1)")
    parser.add_argument("--changes", type=int, default=100, help="hooks: of one invoice each (default 100)")
    parser.add_argument("--part", default="all", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Run the page server, then each thing that is measured in a process of its own."""
    if arguments.records < 1 or not 1 <= arguments.page_size <= 1000 or arguments.pages < 1:
        raise ConfigurationInvalid(message="--records and --pages are at least 1, --page-size 1 to 1000")
    if arguments.changes < 1:
        raise ConfigurationInvalid(message="--changes is at least 1")
    if not 1 <= arguments.clients <= arguments.connections:
        raise ConfigurationInvalid(message="--clients is at least 1 and at most --connections")
    if arguments.part != "all":
        print(json.dumps(_part_of(arguments)))
        return 0
    whole: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
        "sync": _sync,
        "ahead": _ahead,
        "quiet": _quiet,
        "idle": lambda told: idle.figures(told.connections, told.clients),
        "api": _api,
        "remap": _remap,
        "hooks": lambda told: hooks.figures(told.changes),
        "map": lambda told: mapping.figures(told.page_size),
    }
    print(json.dumps(whole[arguments.what](arguments)))
    return 0


def _part_of(arguments: argparse.Namespace) -> dict[str, float]:
    """One measured part, in this process."""
    match arguments.part.split(":"):
        case ["floor"]:
            return floor.measure(arguments.url)
        case ["engine"]:
            return engine.measure(arguments.url, arguments.page_size)
        case ["fill"]:
            trio.run(folder.fill, Path(arguments.url), arguments.connections, arguments.clients)
            return {}
        case ["idle"]:
            return idle.measure(Path(arguments.url))
        case ["api"]:
            return api.measure(arguments.url, arguments.page_size)
        case ["remap"]:
            return remap.measure(arguments.url, arguments.page_size)
        case ["quiet"]:
            return quiet.measure(arguments.url, arguments.page_size)
        case ["ahead", in_flight]:
            return ahead.measure(arguments.url, arguments.page_size, int(in_flight))
        case _:
            raise ConfigurationInvalid(message=f"no such part: {arguments.part}")


def _sync(arguments: argparse.Namespace) -> dict[str, Any]:
    records, page_size = arguments.records, arguments.page_size
    with page_server(records, page_size) as url:
        base, whole = _part("floor", url, page_size), _part("engine", url, page_size)
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


def _ahead(arguments: argparse.Namespace) -> dict[str, Any]:
    with page_server(100 * arguments.pages, 100, arguments.latency_ms) as url:
        walls = {n: _part(f"ahead:{n}", url, 100)["wall_s"] for n in _IN_FLIGHT}
    return {
        "bench": "ahead",
        "pages": arguments.pages,
        "latency_ms": arguments.latency_ms,
        "latency_alone_s": round(arguments.pages * arguments.latency_ms / 1000, 2),
        **{f"wall_s_{n}_in_flight": wall for n, wall in walls.items()},
    }


def _quiet(_: argparse.Namespace) -> dict[str, Any]:
    with page_server(100, 100, quiet=True) as url:
        nothing = _part("quiet", url, 100)
    with page_server(100, 100) as url:
        unchanged = _part("quiet", url, 100)
    return {
        "bench": "quiet",
        **nothing,
        "cpu_ms_100_unchanged": unchanged["cpu_ms"],
        "wall_ms_100_unchanged": unchanged["wall_ms"],
    }


def _api(arguments: argparse.Namespace) -> dict[str, Any]:
    with page_server(arguments.records, arguments.page_size) as url:
        return {"bench": "api", "records": arguments.records, **_part("api", url, arguments.page_size)}


def _remap(arguments: argparse.Namespace) -> dict[str, Any]:
    records, page_size = arguments.records, arguments.page_size
    with page_server(records, page_size) as url:
        base, done = _part("floor", url, page_size), _part("remap", url, page_size)
    figures: dict[str, Any] = {"bench": "remap", "records": records, "page_size": page_size}
    for name in ("changed", "unchanged"):
        cpu = done[f"{name}_cpu_s"]
        figures[f"{name}_records_per_s"] = round(done[f"{name}_records"] / done[f"{name}_wall_s"])
        figures[f"{name}_cpu_us_per_record"] = round(cpu / done[f"{name}_records"] * 1e6, 1)
        figures[f"{name}_ratio"] = round(cpu / base["cpu_s"], 3)
    return {**figures, "floor_cpu_us_per_record": round(base["cpu_s"] / records * 1e6, 1)}


_IN_FLIGHT: Final = (1, 5, 10)


@contextmanager
def page_server(
    records: int, page_size: int, latency_ms: int = 0, *, quiet: bool = False
) -> Generator[str, None, None]:
    """The page server, in a process of its own. Gives its URL."""
    told = [*map(str, (records, page_size, latency_ms)), "quiet" if quiet else "all"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tallystick.cli.bench.pages", *told],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,  # the server ends when this closes
        text=True,
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


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
