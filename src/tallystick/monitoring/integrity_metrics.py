"""What doubts about the data itself become in Prometheus: held deletions, counts, syncs that stand still."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter

from tallystick.engine import CountsDiffer, DeletionsDecided, DeletionsHeld, ListReconciled, SyncStoodStill
from tallystick.engine.schedule import ClockJumped, RefreshesDue
from tallystick.telemetry import Telemetry


class IntegrityMetrics:
    """Deletions by absence, lists that come short, syncs that stand still."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        self.reconciled = Counter(
            "tallystick_lists_reconciled_total",
            "Whole readings that were compared with what was stored before.",
            ["platform"],
            registry=registry,
        )
        self.deleted = Counter(
            "tallystick_records_deleted_total",
            "Records that a whole reading did not meet and that are marked as gone.",
            ["platform"],
            registry=registry,
        )
        self.held = Counter(
            "tallystick_deletions_held_total",
            "Readings whose deletions were too many to be believed and wait for a person.",
            ["platform"],
            registry=registry,
        )
        self.decided = Counter(
            "tallystick_deletions_decided_total",
            "Held deletions that a person has decided on.",
            ["platform", "decision"],
            registry=registry,
        )
        self.failures = Counter(
            "tallystick_integrity_check_failures_total",
            "Checks of what was read that failed.",
            ["platform", "check"],
            registry=registry,
        )
        self.stalled = Counter(
            "tallystick_syncs_stalled_total",
            "Syncs stopped since they stood still.",
            ["platform"],
            registry=registry,
        )
        for platform in platforms:
            for counter in (self.reconciled, self.deleted, self.held, self.stalled):
                counter.labels(platform)
            for decision in ("apply", "dismiss"):
                self.decided.labels(platform, decision)
            self.failures.labels(platform, "counts")
        telemetry.listen(ListReconciled, self._listed)
        telemetry.listen(DeletionsHeld, lambda e: self.held.labels(e.platform).inc())
        telemetry.listen(DeletionsDecided, self._decided)
        telemetry.listen(CountsDiffer, lambda e: self.failures.labels(e.platform, "counts").inc())
        telemetry.listen(SyncStoodStill, lambda e: self.stalled.labels(e.platform).inc())

    def _listed(self, event: ListReconciled) -> None:
        self.reconciled.labels(event.platform).inc()
        self.deleted.labels(event.platform).inc(event.deleted)

    def _decided(self, event: DeletionsDecided) -> None:
        self.decided.labels(event.platform, "apply" if event.applied else "dismiss").inc()
        self.deleted.labels(event.platform).inc(event.deleted)


class ScheduleMetrics:
    """Connections that were told that they are due, and a clock that jumped."""

    def __init__(self, registry: CollectorRegistry, telemetry: Telemetry) -> None:
        self.due = Counter(
            "tallystick_connections_due_total", "Connections told that they are due.", registry=registry
        )
        self.jumps = Counter(
            "tallystick_clock_jumps_total",
            "Times that the wall clock went another way than time.",
            registry=registry,
        )
        telemetry.listen(RefreshesDue, lambda e: self.due.inc(e.connections))
        telemetry.listen(ClockJumped, lambda _: self.jumps.inc())
