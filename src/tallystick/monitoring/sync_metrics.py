"""What syncs, providers and tokens become in Prometheus.

Labels come from closed sets and start at 0, so that `rate()` sees the first error.
"""

from collections.abc import Iterable, Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tallystick.connectors.budget import BudgetWaited
from tallystick.connectors.circuit import CircuitMoved, CircuitState
from tallystick.connectors.transport import CallRetried, Outcome, ProviderCalled
from tallystick.engine import (
    ConnectionMoved,
    DatasetFinished,
    PageRefused,
    PageStored,
    SyncFinished,
    TokenRefreshed,
    TokenRefreshFailed,
)
from tallystick.engine.events import SyncOutcome
from tallystick.errors import FaultClass
from tallystick.standard import DataType
from tallystick.telemetry import Telemetry


class SyncMetrics:
    """Syncs, pages, records and tokens."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        name = "tallystick_syncs_total"
        self.syncs = Counter(
            name, "Syncs that ended, by outcome.", ["platform", "outcome"], registry=registry
        )
        self.duration = Histogram(
            "tallystick_sync_duration_seconds",
            "Wall time of one sync, from its place in the queue to its end.",
            ["platform"],
            buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
            registry=registry,
        )
        self.last = Gauge(
            "tallystick_sync_last_success_timestamp_seconds",
            "When a sync of this platform last ended well.",
            ["platform"],
            registry=registry,
        )
        self.pages = Counter(
            "tallystick_pages_total",
            "Provider pages, by what became of them.",
            ["platform", "outcome"],
            registry=registry,
        )
        self.records = Counter(
            "tallystick_records_total",
            "Records of stored pages, by what became of them.",
            ["platform", "data_type", "outcome"],
            registry=registry,
        )
        self.rejected = Counter(
            "tallystick_records_rejected_total",
            "Records that could not be told in the standard model.",
            ["platform"],
            registry=registry,
        )
        self.datasets = Counter(
            "tallystick_datasets_total",
            "Datasets that ended, by the API's status.",
            ["platform", "status"],
            registry=registry,
        )
        self.faults = Counter(
            "tallystick_provider_faults_total",
            "Datasets that trouble with the provider ended, by its kind (docs/provider-errors.md).",
            ["platform", "fault"],
            registry=registry,
        )
        self.moves = Counter(
            "tallystick_connection_moves_total",
            "Connections that went to a state.",
            ["platform", "state"],
            registry=registry,
        )
        self._start_at_zero(platforms)
        self._children: dict[tuple[str, DataType], tuple[Counter, Counter, Counter]] = {}
        self._listen(telemetry)

    def _listen(self, telemetry: Telemetry) -> None:
        telemetry.listen(SyncFinished, self._sync)
        telemetry.listen(PageStored, self._page)
        telemetry.listen(PageRefused, lambda e: self.pages.labels(e.platform, "refused").inc())
        telemetry.listen(DatasetFinished, self._dataset)
        telemetry.listen(ConnectionMoved, lambda e: self.moves.labels(e.platform, e.now).inc())

    def _start_at_zero(self, platforms: Iterable[str]) -> None:
        for platform in platforms:
            for outcome in get_args(SyncOutcome):
                self.syncs.labels(platform, outcome)
            for outcome in ("stored", "refused"):
                self.pages.labels(platform, outcome)
            self.rejected.labels(platform)
            for fault in get_args(FaultClass):
                self.faults.labels(platform, fault)

    def _sync(self, event: SyncFinished) -> None:
        self.syncs.labels(event.platform, event.outcome).inc()
        self.duration.labels(event.platform).observe(event.seconds)
        if event.outcome == "ok":
            self.last.labels(event.platform).set_to_current_time()

    def _dataset(self, event: DatasetFinished) -> None:
        self.datasets.labels(event.platform, event.status).inc()
        if event.fault is not None:
            self.faults.labels(event.platform, event.fault).inc()

    def _page(self, event: PageStored) -> None:
        self.pages.labels(event.platform, "stored").inc()
        if event.rejected:
            self.rejected.labels(event.platform).inc(event.rejected)
        for data_type, *counts in event.by_type:
            children = self._children.get((event.platform, data_type))
            if children is None:
                children = (
                    self.records.labels(event.platform, data_type, "created"),
                    self.records.labels(event.platform, data_type, "updated"),
                    self.records.labels(event.platform, data_type, "unchanged"),
                )
                self._children[(event.platform, data_type)] = children
            for child, count in zip(children, counts, strict=True):
                child.inc(count)


class ProviderMetrics:
    """Calls to providers."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        self.calls = Counter(
            "tallystick_provider_requests_total",
            "Calls to providers, by outcome.",
            ["platform", "outcome"],
            registry=registry,
        )
        self.duration = Histogram(
            "tallystick_provider_request_duration_seconds",
            "Time of one call, its whole answer read.",
            ["platform"],
            registry=registry,
        )
        self.retries = Counter(
            "tallystick_provider_retries_total",
            "Calls made again after a passing fault.",
            ["platform", "reason"],
            registry=registry,
        )
        self.waits = Counter(
            "tallystick_provider_throttle_wait_seconds_total",
            "Time that calls waited for their tenant's budget.",
            ["platform"],
            registry=registry,
        )
        self.remaining = Gauge(
            "tallystick_provider_rate_limit_remaining_ratio",
            "The smallest share of a limit that any tenant or the app has left, 0 to 1.",
            ["platform"],
            registry=registry,
        )
        self.circuit = Gauge(
            "tallystick_provider_circuit_state",
            "1 for the state that the provider's circuit is in, 0 for the others.",
            ["platform", "state"],
            registry=registry,
        )
        self._telemetry = telemetry
        for platform in platforms:
            for outcome in get_args(Outcome):
                self.calls.labels(platform, outcome)
            for reason in ("rate_limited", "unavailable"):
                self.retries.labels(platform, reason)
            self.waits.labels(platform)
            self.remaining.labels(platform).set(1.0)
            self._in_state(platform, "closed")
        telemetry.listen(ProviderCalled, self._called)
        telemetry.listen(CallRetried, lambda e: self.retries.labels(e.platform, e.reason).inc())
        telemetry.listen(BudgetWaited, lambda e: self.waits.labels(e.platform).inc(e.seconds))
        telemetry.listen(CircuitMoved, lambda e: self._in_state(e.platform, e.now))

    def sample(self) -> None:
        """Look at the budgets; on the loop's thread, before a scrape is rendered."""
        remaining = self._telemetry.sample("provider.rate_limit_remaining")
        if isinstance(remaining, Mapping):
            for labels, share in remaining.items():
                self.remaining.labels(*labels).set(share)

    def _in_state(self, platform: str, state: CircuitState) -> None:
        for each in get_args(CircuitState):
            self.circuit.labels(platform, each).set(each == state)

    def _called(self, event: ProviderCalled) -> None:
        self.calls.labels(event.platform, event.outcome).inc()
        self.duration.labels(event.platform).observe(event.seconds)


class TokenMetrics:
    """Token refreshes."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        self.refreshes = Counter(
            "tallystick_token_refreshes_total",
            "Token refreshes, by outcome.",
            ["platform", "outcome"],
            registry=registry,
        )
        for platform in platforms:
            for outcome in ("ok", "failed", "lost"):
                self.refreshes.labels(platform, outcome)
        telemetry.listen(TokenRefreshed, lambda e: self.refreshes.labels(e.platform, "ok").inc())
        telemetry.listen(TokenRefreshFailed, self._refresh_failed)

    def _refresh_failed(self, event: TokenRefreshFailed) -> None:
        self.refreshes.labels(event.platform, "lost" if event.lost else "failed").inc()
