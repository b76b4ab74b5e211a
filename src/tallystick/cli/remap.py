"""`tallystick remap`: apply today's mapping to what is stored, without a call to a provider."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import trio
from rich.console import Console

from tallystick.cli import installation
from tallystick.cli.collector import tune_collector
from tallystick.cli.operators_door import NotWell, OperatorsDoor, door_of
from tallystick.cli.operators_door import add_arguments as add_place
from tallystick.cli.remap_table import Found, bar, changed, show_fields, show_figures
from tallystick.cli.switching import tune_switching
from tallystick.config import ProviderSettings, Settings
from tallystick.connectors import Connector
from tallystick.connectors.registry import CONNECTORS
from tallystick.engine.fairness import Fairness
from tallystick.engine.remap_request import NothingThere, RemapRequest, RemapScope, remap_all
from tallystick.errors import ConfigurationInvalid
from tallystick.http.ops import Remap
from tallystick.standard import DATA_TYPES
from tallystick.store import open_data, utc_now
from tallystick.telemetry import Telemetry

HELP = "Apply today's mapping to the stored answers of providers; shows first what it would change."
EXAMPLE = "tallystick remap --data-type invoices --dry-run"

_EVERY_S: Final = 0.25
_SAMPLES: Final = 3
_OVER: Final = frozenset({"done", "failed", "cancelled"})

_HEADS: Final = {True: "What today's mapping would change", False: "What the remap has changed"}

Show = Callable[[Found], None]  #: shows how far a remap is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_place(parser)
    parser.add_argument("--client", metavar="ID", help="only this client's records")
    parser.add_argument("--company", metavar="ID", help="only this company's")
    parser.add_argument("--connection", metavar="ID", help="only this connection's")
    parser.add_argument(
        "--data-type", metavar="NAME", choices=DATA_TYPES, help="only this type and what shares its list"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="for scripts; with --dry-run or --yes")


def run(arguments: argparse.Namespace) -> int:
    """Look, ask, do. Exit code 1 when it was stopped, could not do all of it, or was told not to."""
    if arguments.json and not (arguments.dry_run or arguments.yes):
        raise ConfigurationInvalid(message="--json asks nobody: give --dry-run or --yes with it")
    if not (arguments.dry_run or arguments.yes or sys.stdin.isatty()):
        raise ConfigurationInvalid(message="there is nobody to ask here: give --dry-run or --yes")
    console = Console(highlight=False, stderr=arguments.json)
    try:
        do = _way(arguments)
        if not (arguments.json and arguments.yes):
            with bar(console, "looking") as show:
                looked = do(True, show)
            if arguments.dry_run or looked["state"] != "done":
                return _tell(console, looked, as_json=arguments.json)
            _tell(console, looked, as_json=False)
            if not (arguments.yes or _agreed(looked)):
                console.print("nothing was changed")
                return 1
        with bar(console, "mapping anew") as show:
            done = do(False, show)
        return _tell(console, done, as_json=arguments.json)
    except (NotWell, NothingThere) as problem:
        print(f"tallystick: {problem}", file=sys.stderr)
        return 1


def _agreed(looked: Found) -> bool:
    """A person's yes."""
    try:
        said = input(f"\nMap {changed(looked)} records anew, and the version of all? [y/N] ")
    except EOFError:
        return False
    return said.strip().lower() in {"y", "yes"}


def _tell(console: Console, found: Found, *, as_json: bool) -> int:
    """How it went. Returns the exit code."""
    if as_json:
        print(json.dumps(found))
    else:
        console.print(_HEADS[found["dryRun"]])
        show_figures(console, found)
        show_fields(console, found)
        if found["state"] == "cancelled":
            console.print("stopped: what it has done stands, and the same command goes on behind it")
        elif found["reason"]:
            console.print(f"failed: {found['reason']}", markup=False)
    return 0 if found["state"] == "done" else 1


Do = Callable[[bool, Show], Found]  #: a remap to its end: whether it only looks, and who sees how far it is


def _way(arguments: argparse.Namespace) -> Do:
    """Through a running engine's door, or on the folder itself."""
    scope = RemapScope(
        client_id=arguments.client,
        company_id=arguments.company,
        connection_id=arguments.connection,
        data_type=arguments.data_type,
    )
    door = door_of(arguments)
    if door is not None:
        return lambda dry_run, show: _through_door(door, scope, dry_run, show)
    settings = installation.settings(arguments)
    key = installation.key(settings)
    tune_collector()
    tune_switching()
    return lambda dry_run, show: trio.run(_in_folder, settings, key, scope, dry_run, show)


def _through_door(door: OperatorsDoor, scope: RemapScope, dry_run: bool, show: Show) -> Found:
    body = {
        "clientId": scope.client_id,
        "companyId": scope.company_id,
        "connectionId": scope.connection_id,
        "dataType": scope.data_type,
        "dryRun": dry_run,
        "samples": _SAMPLES if dry_run else 0,
    }
    found = door.ask("POST", "remaps", body)
    try:
        while found["state"] not in _OVER:
            show(found)
            time.sleep(_EVERY_S)
            found = door.ask("GET", f"remaps/{found['id']}")
    except KeyboardInterrupt:
        found = door.ask("POST", f"remaps/{found['id']}/cancel")
        return {**found, "state": "cancelled"}
    return found


async def _in_folder(settings: Settings, key: bytes, scope: RemapScope, dry_run: bool, show: Show) -> Found:
    fairness = Fairness.of(1)
    telemetry = Telemetry()
    request = RemapRequest(
        scope=scope, dry_run=dry_run, samples=_SAMPLES if dry_run else 0, requested_at=utc_now()
    )
    async with open_data(settings.store, key, telemetry, utc_now) as stores:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as watching:
                watching.start_soon(_stop_at, signals, request)
                watching.start_soon(_watch, request, show)
                with request.cancelling:
                    await remap_all(
                        request,
                        stores=stores,
                        connectors=connectors_of(settings),
                        telemetry=telemetry,
                        turns=fairness.cpu.turn,
                    )
                watching.cancel_scope.cancel()
    stopped = request.cancelling.cancelled_caught
    request.state = "cancelled" if stopped else "failed" if request.failures else "done"
    return _told(request)


async def _stop_at(signals: Any, request: RemapRequest) -> None:
    async for _ in signals:
        request.cancelling.cancel()


async def _watch(request: RemapRequest, show: Show) -> None:
    while True:
        show(_told(request))
        await trio.sleep(_EVERY_S)


def _told(request: RemapRequest) -> Found:
    found: Found = msgspec.json.decode(msgspec.json.encode(Remap.of(request)))
    return found


def connectors_of(settings: Settings) -> dict[str, Connector]:
    """Of every provider, configured or not: mapping needs no app at the provider."""
    nothing = ProviderSettings(client_id="")
    return {slug: make(settings.providers.get(slug, nothing)) for slug, make in CONNECTORS.items()}
