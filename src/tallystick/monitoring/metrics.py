"""Events become Prometheus metrics: one small class for each room's events.

Labels come from closed sets and start at 0, so that `rate()` sees the first error; never a client, a
company, a connection or a URL. Names and help: docs/metrics.md is generated from here.
"""

import time
from collections.abc import Callable, Iterable
from itertools import product
from typing import Final, get_args

import trio
from attrs import define, field
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics import disable_created_metrics
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

import tallystick
from tallystick.actors import ActorParked, ActorRestarted, ActorState, DeadLettered
from tallystick.connectors.budget import BudgetWaited
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
from tallystick.standard import DataType
from tallystick.store import ClientOpened, CommitFailed, GroupCommitted
from tallystick.telemetry import Telemetry

_ACTORS: Final = ("connection", "grant", "service")


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
        self.refreshes = Counter(
            "tallystick_token_refreshes_total",
            "Token refreshes, by outcome.",
            ["platform", "outcome"],
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
        telemetry.listen(SyncFinished, self._sync)
        telemetry.listen(PageStored, self._page)
        telemetry.listen(PageRefused, lambda e: self.pages.labels(e.platform, "refused").inc())
        telemetry.listen(DatasetFinished, lambda e: self.datasets.labels(e.platform, e.status).inc())
        telemetry.listen(TokenRefreshed, lambda e: self.refreshes.labels(e.platform, "ok").inc())
        telemetry.listen(TokenRefreshFailed, self._refresh_failed)
        telemetry.listen(ConnectionMoved, lambda e: self.moves.labels(e.platform, e.now).inc())

    def _start_at_zero(self, platforms: Iterable[str]) -> None:
        for platform in platforms:
            for outcome in get_args(SyncOutcome):
                self.syncs.labels(platform, outcome)
            for outcome in ("stored", "refused"):
                self.pages.labels(platform, outcome)
            for outcome in ("ok", "failed", "lost"):
                self.refreshes.labels(platform, outcome)
            self.rejected.labels(platform)

    def _sync(self, event: SyncFinished) -> None:
        self.syncs.labels(event.platform, event.outcome).inc()
        self.duration.labels(event.platform).observe(event.seconds)
        if event.outcome == "ok":
            self.last.labels(event.platform).set_to_current_time()

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

    def _refresh_failed(self, event: TokenRefreshFailed) -> None:
        self.refreshes.labels(event.platform, "lost" if event.lost else "failed").inc()


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
        for platform in platforms:
            for outcome in get_args(Outcome):
                self.calls.labels(platform, outcome)
            for reason in ("rate_limited", "unavailable"):
                self.retries.labels(platform, reason)
            self.waits.labels(platform)
        telemetry.listen(ProviderCalled, self._called)
        telemetry.listen(CallRetried, lambda e: self.retries.labels(e.platform, e.reason).inc())
        telemetry.listen(BudgetWaited, lambda e: self.waits.labels(e.platform).inc(e.seconds))

    def _called(self, event: ProviderCalled) -> None:
        self.calls.labels(event.platform, event.outcome).inc()
        self.duration.labels(event.platform).observe(event.seconds)


class StoreMetrics:
    """Transactions."""

    def __init__(self, registry: CollectorRegistry, telemetry: Telemetry) -> None:
        self.commits = Histogram(
            "tallystick_db_commit_duration_seconds",
            "Time of one transaction, which may hold several pages.",
            ["database"],
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.rows = Counter(
            "tallystick_db_rows_written_total",
            "Rows handed to transactions.",
            ["database"],
            registry=registry,
        )
        self.failed = Counter(
            "tallystick_db_commits_failed_total",
            "Transactions rolled back whole.",
            ["database"],
            registry=registry,
        )
        self.opened = Counter(
            "tallystick_db_client_files_opened_total",
            "Client files opened; checked: its last user had crashed.",
            ["checked"],
            registry=registry,
        )
        for database in ("control", "client"):
            self.commits.labels(database)
            self.rows.labels(database)
            self.failed.labels(database)
        telemetry.listen(GroupCommitted, self._committed)
        telemetry.listen(CommitFailed, lambda e: self.failed.labels(e.database).inc())
        telemetry.listen(ClientOpened, lambda e: self.opened.labels(str(e.checked).lower()).inc())

    def _committed(self, event: GroupCommitted) -> None:
        self.commits.labels(event.database).observe(event.seconds)
        self.rows.labels(event.database).inc(event.rows)


class ActorMetrics:
    """Restarts and dead letters, and at each scrape what the mailboxes hold."""

    def __init__(
        self,
        registry: CollectorRegistry,
        telemetry: Telemetry,
        states: Callable[[], list[ActorState]],
    ) -> None:
        self.restarts = Counter(
            "tallystick_actor_restarts_total",
            "Actors that crashed and came again.",
            ["actor"],
            registry=registry,
        )
        self.parked = Counter(
            "tallystick_actors_parked_total",
            "Actors given up until a person looks.",
            ["actor"],
            registry=registry,
        )
        self.dead = Counter(
            "tallystick_dead_letters_total", "Messages that nobody handled.", ["actor"], registry=registry
        )
        self.actors = Gauge("tallystick_actors", "Actors, by state.", ["actor", "state"], registry=registry)
        self.depth = Gauge(
            "tallystick_actor_mailbox_depth", "The fullest mailbox of the kind.", ["actor"], registry=registry
        )
        self.oldest = Gauge(
            "tallystick_actor_oldest_message_age_seconds",
            "The longest wait of a message that is first in line.",
            ["actor"],
            registry=registry,
        )
        self._states = states
        for kind in _ACTORS:
            self.restarts.labels(kind)
            self.parked.labels(kind)
            self.dead.labels(kind)
        telemetry.listen(ActorRestarted, lambda e: self.restarts.labels(e.kind).inc())
        telemetry.listen(ActorParked, lambda e: self.parked.labels(e.kind).inc())
        telemetry.listen(DeadLettered, lambda e: self.dead.labels(e.kind).inc())

    def sample(self) -> None:
        """Look at every actor; on the loop's thread, before a scrape is rendered."""
        counts: dict[tuple[str, str], int] = dict.fromkeys(
            product(_ACTORS, ("running", "restarting", "parked", "stopped")), 0
        )
        depth = dict.fromkeys(_ACTORS, 0)
        oldest = dict.fromkeys(_ACTORS, 0.0)
        for state in self._states():
            counts[(state.kind, state.state)] += 1
            depth[state.kind] = max(depth[state.kind], state.mailbox_depth)
            oldest[state.kind] = max(oldest[state.kind], state.oldest_message_s)
        for labels, count in counts.items():
            self.actors.labels(*labels).set(count)
        for kind in _ACTORS:
            self.depth.labels(kind).set(depth[kind])
            self.oldest.labels(kind).set(oldest[kind])


@define(eq=False)
class LoopLag:
    """How late the loop comes to a task that asked to be woken. A `Service`."""

    registry: CollectorRegistry
    every_s: float = 0.5
    histogram: Histogram = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.histogram = Histogram(
            "tallystick_event_loop_lag_seconds",
            "How late the loop comes to a task that is due.",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
            registry=self.registry,
        )

    async def run(self) -> None:
        """Measure until cancelled."""
        due = trio.current_time()
        while True:
            due = max(due + self.every_s, trio.current_time())
            await trio.sleep_until(due)
            self.histogram.observe(max(0.0, trio.current_time() - due))


@define(eq=False)
class Metrics:
    """All metrics of one process."""

    telemetry: Telemetry
    platforms: tuple[str, ...]
    states: Callable[[], list[ActorState]]
    registry: CollectorRegistry = field(factory=CollectorRegistry)
    actors: ActorMetrics = field(init=False)
    loop_lag: LoopLag = field(init=False)

    def __attrs_post_init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        build = Info("tallystick_build", "What runs.", registry=self.registry)
        build.info({"version": tallystick.__version__})
        started = Gauge(
            "tallystick_start_time_seconds", "When this process started its engine.", registry=self.registry
        )
        started.set(time.time())
        SyncMetrics(self.registry, self.platforms, self.telemetry)
        ProviderMetrics(self.registry, self.platforms, self.telemetry)
        StoreMetrics(self.registry, self.telemetry)
        self.actors = ActorMetrics(self.registry, self.telemetry, self.states)
        self.loop_lag = LoopLag(self.registry)
        failures = Gauge(
            "tallystick_telemetry_listener_failures",
            "Listeners that raised since the start; a bug in monitoring.",
            registry=self.registry,
        )
        failures.set_function(lambda: self.telemetry.listener_failures)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type, as `Accept` asks. May run in a thread."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type
