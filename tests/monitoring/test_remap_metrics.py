"""Remaps as metrics."""

from prometheus_client import CollectorRegistry

from tallystick.engine.remap_figures import RemapFinished, RemapProgressed
from tallystick.monitoring.remap_metrics import RemapMetrics
from tallystick.telemetry import Telemetry

WHOSE = {"platform": "xero", "client_id": "c", "connection_id": "n"}


def told(*, dry_run: bool) -> CollectorRegistry:
    """After one answer of a remap, and its end."""
    registry, telemetry = CollectorRegistry(), Telemetry()
    RemapMetrics(registry, ["xero"], telemetry)
    telemetry.emit(
        RemapProgressed(
            **WHOSE, resource="Invoices", dry_run=dry_run, pages=1, pages_all=1, seen=6, changed=3,
            unchanged=2, rejected=1,
        )
    )  # fmt: skip
    telemetry.emit(
        RemapFinished(
            **WHOSE, dry_run=dry_run, outcome="failed", reason="the disk is full", mapping=2, seconds=1.0,
            pages=1, unreadable=0, seen=6, created=1, updated=1, deleted=1, unchanged=2, rejected=1,
        )
    )  # fmt: skip
    assert telemetry.listener_failures == 0
    return registry


def value(registry: CollectorRegistry, name: str, outcome: str) -> float | None:
    return registry.get_sample_value(name, {"platform": "xero", "outcome": outcome})


def test_records_are_counted_by_what_became_of_them_and_remaps_by_their_end() -> None:
    registry = told(dry_run=False)
    became = ("changed", "unchanged", "rejected")
    assert [value(registry, "tallystick_remapped_records_total", each) for each in became] == [3, 2, 1]
    ends = ("ok", "failed", "cancelled")
    assert [value(registry, "tallystick_remaps_total", each) for each in ends] == [0, 1, 0]


def test_a_dry_run_is_not_counted() -> None:
    registry = told(dry_run=True)
    assert value(registry, "tallystick_remapped_records_total", "changed") == 0
    assert value(registry, "tallystick_remaps_total", "failed") == 0
