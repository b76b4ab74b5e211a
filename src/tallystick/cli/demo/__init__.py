"""`tallystick demo`: the whole product in one command, with companies of its own to read."""

import argparse
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import trio
from attrs import define, field
from rich.console import Console

from tallystick.application import Application, running
from tallystick.cli.collector import tune_collector
from tallystick.cli.demo import books, consent, result, sandbox
from tallystick.cli.demo.folder import DemoFolder, DemoSettings
from tallystick.cli.demo.progress import Progress
from tallystick.cli.switching import tune_switching
from tallystick.errors import ConfigurationInvalid
from tallystick.monitoring import logs_to
from tallystick.store import utc_now

__all__ = ["EXAMPLE", "HELP", "add_arguments", "run"]

HELP = "Start a sandbox and the engine, link companies, sync everything, and serve it."
EXAMPLE = "tallystick demo --companies 3 --records 500"

_LONGEST_FIRST_SYNC_S: Final = 900.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--port", type=int, default=8080, help="of the API; a free one when it is taken")
    parser.add_argument("--data", type=Path, default=Path("demo"), metavar="DIR")
    parser.add_argument("--companies", type=int, default=6)
    parser.add_argument("--records", type=int, default=200, help="invoices per company")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api-key", metavar="KEY", help="use this API key in place of a new one")
    parser.add_argument(
        "--limits", default="off", metavar="off|real|N", help="the sandbox's rate limits, N calls a minute"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="for scripts; no browser is opened in this release anyway"
    )
    parser.add_argument("--once", action="store_true", help="stop after the first sync")


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until SIGINT or SIGTERM. Exit code 1 when the first sync did not end well."""
    settings = DemoSettings(
        companies=_at_least(1, arguments.companies, "--companies"),
        records=_at_least(0, arguments.records, "--records"),
        seed=arguments.seed,
        limits=_limits(arguments.limits),
    )
    tune_collector()
    tune_switching()
    folder = DemoFolder.open(arguments.data.absolute(), settings)
    return trio.run(_main, arguments, folder)


def _at_least(least: int, value: int, option: str) -> int:
    if value < least:
        raise ConfigurationInvalid(message=f"{option} {value}: must be at least {least}")
    return value


def _limits(text: str) -> str:
    if text not in {"off", "real"} and not (text.isdigit() and int(text) > 0):
        raise ConfigurationInvalid(message=f"--limits {text}: must be off, real or calls a minute")
    return text


@define(eq=False)
class _Stopper:
    """What a signal cancels: all of it while things start, and once they run only the work inside them."""

    scope: trio.CancelScope = field(factory=trio.CancelScope)

    async def on_signal(self, signals: AsyncIterator[int]) -> None:
        await anext(signals)
        self.scope.cancel()


async def _main(arguments: argparse.Namespace, folder: DemoFolder) -> int:
    stopper = _Stopper()
    code = 0
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stopper.on_signal, aiter(signals))
            with stopper.scope:
                code = await _demo(arguments, folder, stopper)
            nursery.cancel_scope.cancel()
    return code


async def _demo(arguments: argparse.Namespace, folder: DemoFolder, stopper: _Stopper) -> int:
    code = 0
    began = time.perf_counter()
    async with sandbox.started(folder) as stand_in:
        settings = folder.engine_settings(stand_in, arguments.port)
        async with running(settings, folder.key, create=True) as application:
            with _log(folder) as stream, logs_to(stream, application.telemetry, settings.logging, utc_now):
                with trio.CancelScope() as stopper.scope:
                    code = await _work(arguments, folder, stand_in, application, began)
    return code


@contextmanager
def _log(folder: DemoFolder) -> Iterator[TextIO]:
    """Standard error, unless people look at it: lines among the bars help nobody."""
    if not sys.stderr.isatty():
        yield sys.stderr
        return
    with (folder.path / "engine.log").open("a", encoding="utf-8") as file:
        yield file


async def _work(
    arguments: argparse.Namespace,
    folder: DemoFolder,
    stand_in: sandbox.StandIn,
    application: Application,
    began: float,
) -> int:
    """Link, sync, tell, and serve. Exit code 1 when the first sync did not end well."""
    console = Console(highlight=False)
    client = await folder.client(application.access, arguments.api_key)
    api = consent.Api(application.addresses.api_url, client.api_key)
    with Progress(console, application.telemetry) as progress:
        companies = await consent.link_companies(api, stand_in, progress)
        with trio.move_on_after(_LONGEST_FIRST_SYNC_S):
            await books.all_complete(api, companies)
    counts, problems = await books.counted(application, client.id, companies)
    found = result.describe(
        application.addresses, client, companies, stand_in, folder.operator_token.reveal()
    )
    folder.write_result(found)
    result.show(console, folder.path, found, counts, problems, seconds=time.perf_counter() - began)
    sys.stdout.flush()
    if not arguments.once:
        await trio.sleep_forever()
    return 1 if problems else 0
