"""Invoices of three lines from the provider's bytes to those that are stored, beside a bare parse and dump.

Both read the same page of Xero's, in turns; the fastest time of each counts, since what is slower was
somebody else's work.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from tallystick.cli.bench.pages import generate
from tallystick.connectors import Books, Gone, Issue
from tallystick.connectors.xero.manifest import MANIFEST
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.errors import ConfigurationInvalid
from tallystick.standard import encode
from tallystick.store import content_hash

_TIMES: Final = 40


def figures(page_size: int) -> dict[str, Any]:
    """Microseconds of processor an invoice, by step. Raises: `ConfigurationInvalid` without orjson."""
    try:
        import orjson
    except ImportError as error:
        raise ConfigurationInvalid(message="the bench needs orjson: install tallystick[bench]") from error
    (answer,) = generate(page_size, page_size)
    body = answer.partition(b"\r\n\r\n")[2]
    mapper, resource, books = XeroMapper(), MANIFEST.resource("Invoices"), Books(base_currency="GBP")
    issues: list[Issue] = []
    rows = mapper.split(resource, body)
    made = [record for row in rows for record in mapper.records(resource, row, books, issues)]
    records = [record for record in made if not isinstance(record, Gone)]
    stored = [encode(record) for record in records]
    if issues or len(stored) != page_size:
        raise AssertionError("every invoice of the bench is mapped, and without a doubt")

    def map_all() -> None:
        for row in rows:
            mapper.records(resource, row, books, issues)

    steps: dict[str, Callable[[], object]] = {
        "floor": lambda: orjson.dumps(orjson.loads(body)),
        "split": lambda: mapper.split(resource, body),
        "map": map_all,
        "encode": lambda: [encode(record) for record in records],
        "hash": lambda: [content_hash(content) for content in stored],
    }
    fastest = dict.fromkeys(steps, float("inf"))
    for _ in range(_TIMES):
        for name, step in steps.items():
            began = time.process_time_ns()
            step()
            fastest[name] = min(fastest[name], (time.process_time_ns() - began) / 1000 / page_size)
    whole = fastest["split"] + fastest["map"] + fastest["encode"]
    return {
        "bench": "map",
        "records": page_size,
        "us_per_record": round(whole, 2),
        **{f"{name}_us": round(spent, 2) for name, spent in fastest.items()},
        "ratio": round(whole / fastest["floor"], 2),
    }
