"""All metrics of one process, and their exposition.

Labels come from closed sets; never a client, a company, a connection or a URL. docs/metrics.md is made
from what is registered here.
"""

import time
from collections.abc import Callable

from attrs import define, field
from prometheus_client import CollectorRegistry, Gauge, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics import disable_created_metrics
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

import tallystick
from tallystick.actors import ActorState
from tallystick.monitoring.integrity_metrics import IntegrityMetrics, ScheduleMetrics
from tallystick.monitoring.notice_metrics import NoticeMetrics
from tallystick.monitoring.process_metrics import (
    ActorMetrics,
    LoadMetrics,
    RequestMetrics,
    StoreMetrics,
)
from tallystick.monitoring.quality_metrics import QualityMetrics
from tallystick.monitoring.remap_metrics import RemapMetrics
from tallystick.monitoring.sync_metrics import ProviderMetrics, SyncMetrics, TokenMetrics
from tallystick.telemetry import Telemetry


@define(eq=False)
class Metrics:
    """All metrics of one process."""

    telemetry: Telemetry
    platforms: tuple[str, ...]
    states: Callable[[], list[ActorState]]
    registry: CollectorRegistry = field(factory=CollectorRegistry)
    actors: ActorMetrics = field(init=False)
    providers: ProviderMetrics = field(init=False)

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
        self.providers = ProviderMetrics(self.registry, self.platforms, self.telemetry)
        TokenMetrics(self.registry, self.platforms, self.telemetry)
        IntegrityMetrics(self.registry, self.platforms, self.telemetry)
        QualityMetrics(self.registry, self.platforms, self.telemetry)
        ScheduleMetrics(self.registry, self.telemetry)
        NoticeMetrics(self.registry, self.platforms, self.telemetry)
        RemapMetrics(self.registry, self.platforms, self.telemetry)
        RequestMetrics(self.registry, self.telemetry)
        StoreMetrics(self.registry, self.telemetry)
        self.actors = ActorMetrics(self.registry, self.telemetry, self.states)
        LoadMetrics(self.registry, self.telemetry)
        failures = Gauge(
            "tallystick_telemetry_listener_failures",
            "Listeners that raised since the start; a bug in monitoring.",
            registry=self.registry,
        )
        failures.set_function(lambda: self.telemetry.listener_failures)

    def sample(self) -> None:
        """Look at what is only seen by looking; on the loop's thread, before `render`."""
        self.actors.sample()
        self.providers.sample()

    def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type, as `Accept` asks. May run in a thread."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type
