"""What doubts about the data become in Prometheus."""

from typing import Any

from tallystick.engine import CountsDiffer, DeletionsDecided, DeletionsHeld, ListReconciled, SyncStoodStill
from tallystick.engine.schedule import ClockJumped, RefreshesDue
from tallystick.monitoring import Metrics
from tallystick.telemetry import Telemetry

WHOSE: dict[str, Any] = {"platform": "xero", "client_id": "c", "connection_id": "n", "resource": "Invoices"}


def test_every_doubt_about_the_data_is_counted_and_the_first_one_is_seen() -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"tallystick_{name}", {"platform": "xero", **labels})

    assert value("deletions_held_total") == 0
    assert value("integrity_check_failures_total", check="counts") == 0
    telemetry.emit(ListReconciled(**WHOSE, live=9, missing=2, deleted=2, by_type=()))
    telemetry.emit(DeletionsHeld(**WHOSE, live=9, missing=9))
    telemetry.emit(DeletionsDecided(**WHOSE, applied=True, deleted=9))
    telemetry.emit(CountsDiffer(**WHOSE, read=8, told=9))
    telemetry.emit(SyncStoodStill(platform="xero", client_id="c", connection_id="n", seconds=110))
    telemetry.emit(RefreshesDue(connections=3, left=0, late_s=0))
    telemetry.emit(ClockJumped(seconds=3600))
    assert value("lists_reconciled_total") == 1
    assert value("records_deleted_total") == 11
    assert value("deletions_held_total") == 1
    assert value("deletions_decided_total", decision="apply") == 1
    assert value("integrity_check_failures_total", check="counts") == 1
    assert value("syncs_stalled_total") == 1
    assert metrics.registry.get_sample_value("tallystick_connections_due_total") == 3
    assert metrics.registry.get_sample_value("tallystick_clock_jumps_total") == 1
    assert telemetry.listener_failures == 0
