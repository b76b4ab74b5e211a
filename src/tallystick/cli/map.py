"""`tallystick map`: what one recorded answer of a provider becomes, without any installation."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from attrs import frozen

from tallystick.config import ProviderSettings
from tallystick.connectors import Books, Gone, Issue, Manifest, Resource
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.errors import PageUnreadable
from tallystick.standard import StandardRecord, encode

HELP = "Map one recorded answer of a provider to standard records, printed as JSON."
EXAMPLE = "tallystick map xero Invoices answer.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("provider", metavar="PROVIDER", help=f"one of: {', '.join(MANIFESTS)}")
    parser.add_argument("entity", metavar="ENTITY", help="the provider's own word, such as Invoices")
    parser.add_argument("file", metavar="FILE", help="an answer, or one bare record; - reads stdin")


def run(arguments: argparse.Namespace) -> int:
    """Print `{"records":[…],"gone":[…],"issues":[…]}`. Exit code 1 when the answer cannot be read at all."""
    manifest = MANIFESTS.get(arguments.provider)
    if manifest is None:
        return _wrong(f"no provider {arguments.provider!r}; known: {', '.join(MANIFESTS)}")
    resource = _resource(manifest, arguments.entity)
    if resource is None:
        known = ", ".join(each.name for each in manifest.resources)
        return _wrong(f"{manifest.name} has no {arguments.entity!r}; known: {known}")
    try:
        raw = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return _wrong(f"{arguments.file} cannot be read: {reason or error}")
    mapped = map_answer(manifest, resource, raw)
    sys.stdout.flush()
    sys.stdout.buffer.write(_json_of(mapped) + b"\n")
    sys.stdout.buffer.flush()
    return 0 if mapped.readable else 1


@frozen
class Mapped:
    """What an answer became."""

    records: Sequence[StandardRecord]
    issues: Sequence[Issue]
    gone: Sequence[Gone] = ()
    readable: bool = True


def map_answer(manifest: Manifest, resource: Resource, raw: bytes) -> Mapped:
    """Map an answer's records, with today's date and no chart of accounts at hand."""
    mapper = CONNECTORS[manifest.slug](ProviderSettings(client_id="")).mapper
    books = Books(today=datetime.now(UTC).date())
    issues: list[Issue] = []
    try:
        rows = mapper.split(resource, raw)
    except PageUnreadable as error:
        whole = Issue(severity="rejected", path="$", message=error.reason)
        return Mapped(records=(), issues=(whole,), readable=False)
    found = [each for row in rows for each in mapper.records(resource, row, books, issues)]
    records = [each for each in found if not isinstance(each, Gone)]
    return Mapped(records=records, issues=issues, gone=[each for each in found if isinstance(each, Gone)])


def _resource(manifest: Manifest, word: str) -> Resource | None:
    """By its name or its singular, in any case: people have both before them."""
    for resource in manifest.resources:
        if word.lower() in (resource.name.lower(), resource.name.lower().removesuffix("s")):
            return resource
    return None


def _json_of(mapped: Mapped) -> bytes:
    """The records keep the bytes that the API would send: spliced, not read again."""
    records = b",".join(
        b'{"dataType":"%b",%b,"modifiedDate":null}' % (record.DATA_TYPE.encode(), encode(record)[1:-1])
        for record in mapped.records
    )
    issues = [
        {
            "severity": issue.severity,
            "path": issue.path,
            "message": issue.message,
            "recordId": issue.record_id,
            "dataType": issue.data_type,
        }
        for issue in mapped.issues
    ]
    gone = [{"dataType": each.data_type, "id": each.id} for each in mapped.gone]
    told = msgspec.json.encode({"gone": gone, "issues": issues})
    return b'{"records":[%b],%b' % (records, told[1:])


def _wrong(message: str) -> int:
    print(f"tallystick: {message}", file=sys.stderr)
    return 2
