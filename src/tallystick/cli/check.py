"""`tallystick check`: whether this installation would start, and whether its data are sound."""

import argparse
import json

import trio
from attrs import frozen

from tallystick.cli import installation
from tallystick.config import Settings
from tallystick.connectors.registry import CONNECTORS
from tallystick.errors import TallystickError
from tallystick.store import Store, control, counts, open_data, records, utc_now
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

HELP = "Check settings, key, data folder and every database of this installation."
EXAMPLE = "tallystick check --json"


@frozen
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    told: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    installation.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="for scripts")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything. Exit code 1 when something is not well, 2 when nothing can be opened."""
    settings = installation.settings(arguments)
    findings = [*_providers(settings), *trio.run(_databases, settings, installation.key(settings))]
    if arguments.json:
        told = [{"what": f.what, "ok": f.well, "message": f.told} for f in findings]
        print(json.dumps({"ok": all(f.well for f in findings), "findings": told}))
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.well else 'BAD '} {finding.what}: {finding.told}")
    return 0 if all(finding.well for finding in findings) else 1


def _providers(settings: Settings) -> list[Finding]:
    if not settings.providers:
        return [Finding("providers", True, "none configured: nothing can be linked yet")]
    found = []
    for slug, provider in settings.providers.items():
        try:
            if slug not in CONNECTORS:
                known = ", ".join(CONNECTORS)
                found.append(Finding(f"provider {slug}", False, f"no such provider; known: {known}"))
                continue
            if provider.client_secret is not None:
                provider.client_secret.reveal()
            connector = CONNECTORS[slug](provider)
        except TallystickError as error:
            found.append(Finding(f"provider {slug}", False, str(error)))
        else:
            found.append(Finding(f"provider {slug}", True, f"{connector.manifest.name}, {connector.api_url}"))
    return found


async def _databases(settings: Settings, key: bytes) -> list[Finding]:
    findings = []
    async with open_data(settings.store, key, Telemetry(), utc_now) as stores:
        findings.append(_sound("control.db", await stores.control.read(_integrity)))
        for client in await stores.control.read(control.list_clients):
            what = f"client {client.name} ({client.id})"
            try:
                async with stores.client(client.id) as store:
                    findings.append(await _client(what, store))
            except TallystickError as error:
                findings.append(Finding(what, False, str(error)))
    return findings


async def _client(what: str, store: Store) -> Finding:
    problem = await store.read(_integrity)
    if problem != "ok":
        return _sound(what, problem)
    wrong = await store.read(counts.miscounts)
    if wrong:
        told = "; ".join(
            f"{w.data_type} of {w.connection}: kept {w.kept}, stored {w.stored}" for w in wrong[:5]
        )
        return Finding(what, False, f"lists are counted wrongly, which is a bug worth a report ({told})")
    rows = await store.read(connection_rows.all_of_client)
    found = await store.read(records.count_records, connections=[row.number for row in rows]) if rows else {}
    total = sum(alive + gone for alive, gone in found.values())
    return Finding(what, True, f"sound, {len(rows)} connections, {total} records")


def _integrity(connection: object) -> str:
    return str(connection.execute("pragma integrity_check(1)").fetchone()[0])  # type: ignore[attr-defined]


def _sound(what: str, problem: str) -> Finding:
    return Finding(what, problem == "ok", "sound" if problem == "ok" else problem)
