"""What requests, transactions, actors and the loop become in Prometheus."""

from collections.abc import Callable
from itertools import product
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tallystick.actors import ActorParked, ActorRestarted, ActorState, DeadLettered
from tallystick.engine import Cause, LoopLagMeasured, SheddingBegan, SheddingEnded
from tallystick.monitoring.requests import HandlerCrashed, RejectReason, RequestRejected, RequestServed
from tallystick.store import ClientOpened, CommitFailed, GroupCommitted
from tallystick.telemetry import Telemetry

_ACTORS: Final = ("connection", "grant", "remap", "service")


class RequestMetrics:
    """Requests to the doors, by route template."""

    def __init__(self, registry: CollectorRegistry, telemetry: Telemetry) -> None:
        self.requests = Counter(
            "tallystick_http_server_requests_total",
            "Requests answered, by route template and class of status.",
            ["route", "method", "status_class"],
            registry=registry,
        )
        self.duration = Histogram(
            "tallystick_http_server_request_duration_seconds",
            "Time from a request's first byte to the end of its answer.",
            ["route", "method"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self.rejected = Counter(
            "tallystick_http_rejected_total",
            "Requests turned away before any work was done on them.",
            ["reason"],
            registry=registry,
        )
        self.crashed = Counter(
            "tallystick_http_handler_crashes_total",
            "Requests on which our own code failed.",
            ["route"],
            registry=registry,
        )
        for reason in get_args(RejectReason):
            self.rejected.labels(reason)
        telemetry.listen(RequestServed, self._served)
        telemetry.listen(RequestRejected, lambda e: self.rejected.labels(e.reason).inc())
        telemetry.listen(HandlerCrashed, lambda e: self.crashed.labels(e.route).inc())

    def _served(self, event: RequestServed) -> None:
        status_class = f"{event.status // 100}xx"
        self.requests.labels(event.route, event.method, status_class).inc()
        self.duration.labels(event.route, event.method).observe(event.seconds)


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


class LoadMetrics:
    """How late the loop is, and whether new work is shed for it or for want of memory or files."""

    def __init__(self, registry: CollectorRegistry, telemetry: Telemetry) -> None:
        self.lag = Histogram(
            "tallystick_event_loop_lag_seconds",
            "How late the loop comes to a task that is due.",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
            registry=registry,
        )
        self.shedding = Gauge(
            "tallystick_shedding",
            "1 while new work waits or is turned away, by what is short.",
            ["cause"],
            registry=registry,
        )
        self._clear()
        telemetry.listen(LoopLagMeasured, lambda e: self.lag.observe(e.seconds))
        telemetry.listen(SheddingBegan, lambda e: self.shedding.labels(e.cause).set(1))
        telemetry.listen(SheddingEnded, lambda _: self._clear())

    def _clear(self) -> None:
        for cause in get_args(Cause):
            self.shedding.labels(cause).set(0)
