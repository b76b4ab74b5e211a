"""`tallystick explain`: where a record comes from, and what today's mapping makes of its row."""

import argparse
import sys
from urllib.parse import quote

import msgspec
import trio

from tallystick.cli import installation
from tallystick.cli.operators_door import NotWell, door_of
from tallystick.cli.operators_door import add_arguments as add_place
from tallystick.cli.remap import connectors_of
from tallystick.config import Settings
from tallystick.engine.remap_request import NothingThere
from tallystick.engine.remap_row import explain_stored
from tallystick.errors import ConfigurationInvalid
from tallystick.http.ops import Explained
from tallystick.standard import DATA_TYPES, DataType
from tallystick.store import open_data, utc_now
from tallystick.telemetry import Telemetry

HELP = "Show where a record comes from: the provider's own row, when it was read, and how it was mapped."
EXAMPLE = "tallystick explain 8a210b68-6988-11ed-a1eb-0242ac120002 invoices INV-17 --data demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("where", metavar="CONNECTION_OR_COMPANY", help="its id")
    parser.add_argument("data_type", metavar="DATA_TYPE", help="as the API says it, such as invoices")
    parser.add_argument("record_id", metavar="ID", help="the record's, as the API tells it")
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="for scripts; raw and record byte for byte")


def run(arguments: argparse.Namespace) -> int:
    """Explain. Exit code 1 when there is no such record, or a remap would change it."""
    data_type = {"accounts": "chartOfAccounts"}.get(arguments.data_type, arguments.data_type)
    if data_type not in DATA_TYPES:
        raise ConfigurationInvalid(
            message=f"there is no data type {data_type}; known: {', '.join(sorted(DATA_TYPES))}"
        )
    try:
        found = _found(arguments, data_type)
    except (NotWell, NothingThere) as problem:
        print(f"tallystick: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        sys.stdout.buffer.write(found + b"\n")
        sys.stdout.buffer.flush()
    told = msgspec.json.decode(found, type=Explained)
    if not arguments.json:
        print(_words(told))
    return 0 if told.is_given and not told.changes else 1


def _found(arguments: argparse.Namespace, data_type: DataType) -> bytes:
    """What the operators' door answers, or would."""
    door = door_of(arguments)
    if door is not None:
        place = "/".join(quote(part, safe="") for part in (arguments.where, data_type, arguments.record_id))
        return door.read("GET", f"explanations/{place}")
    settings = installation.settings(arguments)
    key = installation.key(settings)
    return trio.run(_in_folder, settings, key, arguments.where, data_type, arguments.record_id)


async def _in_folder(
    settings: Settings, key: bytes, where: str, data_type: DataType, record_id: str
) -> bytes:
    async with open_data(settings.store, key, Telemetry(), utc_now) as stores:
        found = await explain_stored(stores, connectors_of(settings), where, data_type, record_id)
        return msgspec.json.encode(Explained.of(found))


def _words(told: Explained) -> str:
    lines = [
        f"{told.data_type} {told.record_id}, connection {told.connection_id} ({told.platform})",
        f"  from       {told.resource}, answer {told.page}, row {told.place}",
        f"  fetched    {told.fetched_at:%Y-%m-%d %H:%M:%S} UTC",
        f"  mapping    {told.mapping_version}, today's is {told.current_mapping_version}",
        f"  modified   {told.modified_date:%Y-%m-%d %H:%M:%S} UTC",
        "",
        "The provider's row",
        "  none: today's mapping finds no row at that place"
        if bytes(told.raw) == b"null"
        else _laid_out(told.raw),
        "",
        "The record",
        _laid_out(told.record),
    ]
    if told.siblings:
        others = ", ".join(f"{sibling.data_type} {sibling.record_id}" for sibling in told.siblings)
        lines += ["", f"The row also gives {others}"]
    lines += ["", *_doubts(told), *_difference(told)]
    return "\n".join(lines)


def _doubts(told: Explained) -> list[str]:
    if not told.issues:
        return ["Nothing is doubted of the row."]
    return ["Doubts", *(f"  {issue.severity}: {issue.path} {issue.message}" for issue in told.issues)]


def _difference(told: Explained) -> list[str]:
    if not told.is_given:
        return ["Today's mapping gives no such record of this row."]
    if not told.changes:
        return ["Today's mapping gives the same."]
    changes = (
        f"  {change.path}: {change.before or 'nothing'} → {change.after or 'nothing'}"
        for change in told.changes
    )
    return ["Today's mapping would give something else (`tallystick remap` applies it):", *changes]


def _laid_out(raw: msgspec.Raw) -> str:
    """Indented; every value keeps its text, amounts above all."""
    return "  " + msgspec.json.format(bytes(raw), indent=2).decode(errors="replace").replace("\n", "\n  ")
