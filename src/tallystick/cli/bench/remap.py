"""A remap of many invoices: every record changed, and none."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import trio
from attrs import evolve, frozen

from tallystick.cli.bench.engine import Bench, engine_over
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching
from tallystick.connectors import Books, Connector, Gone, Issue, Mapper, Resource
from tallystick.engine.remap_request import RemapRequest, RemapScope, remap_all
from tallystick.standard import StandardRecord


@frozen
class _Noted:
    """Xero's mapping as it may have been, with a word in every record: each is another one by today's."""

    mapper: Mapper
    word: str

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        return self.mapper.split(resource, raw)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        found = self.mapper.records(resource, row, books, issues)
        return [msgspec.structs.replace(cast(Any, record), note=self.word) for record in found]


def measure(url: str, page_size: int) -> dict[str, float]:
    """Sync every page, and remap it. Returns wall and CPU seconds of the remaps, and their records."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, float]:
    async with engine_over(folder, url, page_size) as bench:
        await bench.sync()
        mapper = bench.engine.connectors["xero"].mapper
        await _remap(
            bench, _Noted(mapper, "of an earlier mapping"), "updated"
        )  # not measured: it has to differ
        changed = await _remap(bench, mapper, "updated")
        same = await _remap(bench, mapper, "unchanged")
    return {
        **{f"changed_{name}": value for name, value in changed.items()},
        **{f"unchanged_{name}": value for name, value in same.items()},
    }


async def _remap(bench: Bench, mapper: Mapper, became: str) -> Mapping[str, float]:
    """One remap by the mapping's next version, of which every record becomes the same."""
    engine = bench.engine
    before: Any = engine.connectors["xero"]
    connector: Connector = evolve(before, mapper=mapper, mapping_version=before.mapping_version + 1)
    request = RemapRequest(scope=RemapScope(), dry_run=False, requested_at=engine.stores.clock())
    cast(dict[str, Connector], engine.connectors)["xero"] = connector
    cpu, began = time.process_time(), time.perf_counter()
    await remap_all(
        request,
        stores=engine.stores,
        connectors=engine.connectors,
        telemetry=engine.telemetry,
        turns=engine.fairness.cpu.turn,
        load=engine.load,
    )
    spent = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - began}
    total = request.result.total
    assert total.seen == getattr(total, became), (total, request.failures)
    return {**spent, "records": total.seen}
