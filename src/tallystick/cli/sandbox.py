"""`tallystick sandbox`: the made-up providers, as a process of their own. Source: design.md §6."""

import argparse
import json
import math
import os
import signal
import sys
from pathlib import Path

import trio

from tallystick.connectors.sandbox import PROVIDERS, Running, SandboxSettings, sandbox

HELP = "serve made-up companies at stand-ins for the accounting providers"
EXAMPLE = "tallystick sandbox --port 8090 --companies 3 --records 50"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    add("--port", type=_port, default=0, help="port to listen at (default: a free one)")
    add("--seed", type=int, default=1, help="the same seed gives the same books (default 1)")
    add("--companies", type=_count, default=6, help="companies, dealt out to the providers (default 6)")
    add(
        "--records", type=_count, default=200, help="invoices a company, the rest in proportion (default 200)"
    )
    add("--providers", type=_words, default=PROVIDERS, help=f"of {','.join(PROVIDERS)} (default: all)")
    add("--latency-ms", type=_wait, default=0.0, help="milliseconds before every answer (default 0)")
    add("--limits", type=_limits, default="off", help="real, off, or calls a minute per tenant (default off)")
    add("--data", type=Path, help="a folder that keeps tokens and changes over a restart")
    add("--replay", type=Path, help="a folder of recorded answers: one more company")
    add(
        "--stop-with-stdin", action="store_true", help="end when standard input ends, as a parent's pipe does"
    )
    add("--json", action="store_true", help="say where it is as one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes. Raises: `ConfigurationInvalid`."""
    settings = SandboxSettings(
        host=arguments.host,
        port=arguments.port,
        seed=arguments.seed,
        companies=arguments.companies,
        records=arguments.records,
        providers=arguments.providers,
        latency_s=arguments.latency_ms / 1000,
        limits=arguments.limits,
        data=arguments.data,
        replay=arguments.replay,
    )
    trio.run(_serve, settings, arguments.json, arguments.stop_with_stdin)
    return 0


async def _serve(settings: SandboxSettings, as_json: bool, stop_with_stdin: bool) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with sandbox(settings) as running:
            _announce(running, as_json=as_json)
            async with trio.open_nursery() as nursery:
                if stop_with_stdin:
                    nursery.start_soon(_wait_for_end_of_input, nursery.cancel_scope)
                async for _ in signals:
                    nursery.cancel_scope.cancel()
                    break


def _announce(running: Running, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"sandboxUrl": running.url, "controlUrl": running.control_url}), flush=True)
    else:
        print(f"Sandbox ready at {running.url}, control at {running.control_url}", flush=True)


async def _wait_for_end_of_input(scope: trio.CancelScope) -> None:
    # A plain read in a thread: nothing about a terminal's standard input is changed for its other users.
    while await trio.to_thread.run_sync(os.read, sys.stdin.fileno(), 4096, abandon_on_cancel=True):
        pass
    scope.cancel()


def _port(text: str) -> int:
    return _within(text, 65535)


def _count(text: str) -> int:
    return _within(text, 1_000_000)


def _within(text: str, most: int) -> int:
    if not text.isdecimal() or int(text) > most:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {most}")
    return int(text)


def _wait(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 60_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of milliseconds up to a minute")
    return value


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _limits(text: str) -> str | int:
    if text in {"real", "off"}:
        return text
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is neither real, off nor a number of calls a minute")
    return int(text)
