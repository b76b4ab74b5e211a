"""`tallystick clients`: the businesses that use the API."""

import argparse
import json

import trio

from tallystick.access import Access, NewClient
from tallystick.cli import installation
from tallystick.config import Settings
from tallystick.errors import ConfigurationInvalid
from tallystick.store import ClientRow, control, open_data, utc_now
from tallystick.telemetry import Telemetry

HELP = "Make or list the clients of this installation."
EXAMPLE = 'tallystick clients create --name "Acme Lending" --json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    acts = parser.add_subparsers(dest="act", metavar="create|list", required=True)
    create = acts.add_parser("create", help="make a client and its first API key")
    create.add_argument("--name", required=True, help="the business, as people say it")
    listing = acts.add_parser("list", help="list the clients")
    for act in (create, listing):
        installation.add_arguments(act)
        act.add_argument("--json", action="store_true", help="for scripts")


def run(arguments: argparse.Namespace) -> int:
    """Make or list. The engine must not be running on the same data folder."""
    settings = installation.settings(arguments)
    key = installation.key(settings)
    if arguments.act == "create":
        name = arguments.name.strip()
        if not name:
            raise ConfigurationInvalid(message="--name is empty: give the name of the business")
        made = trio.run(_create, settings, key, name)
        _show_new(made, as_json=arguments.json)
    else:
        _show_all(trio.run(_list, settings, key), as_json=arguments.json)
    return 0


async def _create(settings: Settings, key: bytes, name: str) -> NewClient:
    async with open_data(settings.store, key, Telemetry(), utc_now) as stores:
        return await Access(stores).create_client(name)


async def _list(settings: Settings, key: bytes) -> list[ClientRow]:
    async with open_data(settings.store, key, Telemetry(), utc_now) as stores:
        return await stores.control.read(control.list_clients)


def _show_new(made: NewClient, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"clientId": made.id, "name": made.name, "apiKey": made.api_key}))
    else:
        print(f"client   {made.name}\nid       {made.id}\nAPI key  {made.api_key}\n")
        print("The key is shown this once: keep it where secrets are kept.")


def _show_all(clients: list[ClientRow], *, as_json: bool) -> None:
    if as_json:
        found = [{"clientId": c.id, "name": c.name, "created": c.created_at.isoformat()} for c in clients]
        print(json.dumps({"results": found}))
        return
    for client in clients:
        print(f"{client.id}  {client.created_at:%Y-%m-%d %H:%M}  {client.name}")
