"""What becomes of the providers' messages to us, in Prometheus."""

from collections.abc import Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram

from tallystick.engine import DropReason, NoticesDropped, NoticesReceived, RecordsRefreshed
from tallystick.monitoring.requests import HookRefusal, HookRefused
from tallystick.telemetry import Telemetry


class NoticeMetrics:
    """Messages, the notices in them, and the narrow refreshes that they lead to."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        self.messages = Counter(
            "tallystick_hook_messages_total",
            "Messages of providers that were taken in.",
            ["platform"],
            registry=registry,
        )
        self.refused = Counter(
            "tallystick_hook_messages_refused_total",
            "Messages at the providers' door that were not taken in, by reason.",
            ["platform", "reason"],
            registry=registry,
        )
        self.received = Counter(
            "tallystick_notices_total",
            "Records that providers have told to have changed.",
            ["platform"],
            registry=registry,
        )
        self.dropped = Counter(
            "tallystick_notices_dropped_total",
            "Notices that led to no reading of their record, by reason; once a connection.",
            ["platform", "reason"],
            registry=registry,
        )
        self.refreshed = Counter(
            "tallystick_narrow_refresh_records_total",
            "Records that were read anew on a provider's word.",
            ["platform", "outcome"],
            registry=registry,
        )
        self.duration = Histogram(
            "tallystick_narrow_refresh_duration_seconds",
            "Time from a provider's word to the record's new state on the disk.",
            ["platform"],
            buckets=(0.25, 0.5, 1, 2, 5, 15, 60, 300),
            registry=registry,
        )
        for platform in platforms:
            self.messages.labels(platform)
            self.received.labels(platform)
            for refusal in get_args(HookRefusal):
                self.refused.labels(platform, refusal)
            for reason in get_args(DropReason):
                self.dropped.labels(platform, reason)
            for outcome in ("read", "failed"):
                self.refreshed.labels(platform, outcome)
        telemetry.listen(NoticesReceived, self._received)
        telemetry.listen(NoticesDropped, lambda e: self.dropped.labels(e.platform, e.reason).inc(e.notices))
        telemetry.listen(HookRefused, lambda e: self.refused.labels(e.platform, e.reason).inc())
        telemetry.listen(RecordsRefreshed, self._refreshed)

    def _received(self, event: NoticesReceived) -> None:
        self.messages.labels(event.platform).inc()
        self.received.labels(event.platform).inc(event.notices)

    def _refreshed(self, event: RecordsRefreshed) -> None:
        self.refreshed.labels(event.platform, "read").inc(event.asked - event.failed)
        self.refreshed.labels(event.platform, "failed").inc(event.failed)
        self.duration.labels(event.platform).observe(event.waited_s)
