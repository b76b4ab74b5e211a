"""What remaps become in Prometheus. Dry runs change nothing, and are not counted."""

from collections.abc import Iterable
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter

from tallystick.engine.remap_figures import Outcome, RemapFinished, RemapProgressed
from tallystick.telemetry import Telemetry

_BECAME: Final = ("changed", "unchanged", "rejected")


class RemapMetrics:
    """Remaps of connections, and what became of their records."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        self.ended = Counter(
            "tallystick_remaps_total",
            "Remaps of a connection that ended, by outcome.",
            ["platform", "outcome"],
            registry=registry,
        )
        self.records = Counter(
            "tallystick_remapped_records_total",
            "Stored records that were mapped anew, by what became of them.",
            ["platform", "outcome"],
            registry=registry,
        )
        for platform in platforms:
            for outcome in get_args(Outcome):
                self.ended.labels(platform, outcome)
            for outcome in _BECAME:
                self.records.labels(platform, outcome)
        telemetry.listen(RemapFinished, self._finished)
        telemetry.listen(RemapProgressed, self._progressed)

    def _finished(self, event: RemapFinished) -> None:
        if not event.dry_run:
            self.ended.labels(event.platform, event.outcome).inc()

    def _progressed(self, event: RemapProgressed) -> None:
        if event.dry_run:
            return
        for outcome in _BECAME:
            self.records.labels(event.platform, outcome).inc(getattr(event, outcome))
