"""What calls, budgets and circuits look like to Prometheus."""

from datetime import UTC, datetime
from typing import get_args

import trio
from trio.testing import MockClock

from tallystick.connectors import Limits, Pace
from tallystick.connectors.budget import Budgets
from tallystick.connectors.circuit import CircuitMoved
from tallystick.connectors.transport import CallRetried
from tallystick.engine import DatasetFinished
from tallystick.errors import FaultClass
from tallystick.monitoring import Metrics
from tallystick.telemetry import Telemetry

LIMITS = Limits(calls_a_minute=10, calls_a_day=100, calls_in_flight=5)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"tallystick_provider_{name}", {"platform": "xero", **labels})


async def test_every_series_is_there_before_anything_has_happened() -> None:
    metrics = Metrics(Telemetry(), ("xero",), list)
    metrics.sample()
    assert value(metrics, "circuit_state", state="closed") == 1
    assert value(metrics, "circuit_state", state="open") == 0
    assert value(metrics, "rate_limit_remaining_ratio") == 1
    assert value(metrics, "throttle_wait_seconds_total") == 0
    assert value(metrics, "retries_total", reason="rate_limited") == 0


async def test_the_circuits_state_is_the_one_that_is_1() -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)
    telemetry.emit(CircuitMoved(platform="xero", was="closed", now="open", reason="3 of 3 tenants"))
    states = {s: value(metrics, "circuit_state", state=s) for s in ("closed", "open", "half_open")}
    assert states == {"closed": 0, "open": 1, "half_open": 0}


async def test_what_is_left_is_seen_at_a_scrape_and_comes_back_with_time(autojump_clock: MockClock) -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)
    budget = Budgets(telemetry, lambda: datetime(2026, 3, 1, tzinfo=UTC)).tenant("xero", "amber", LIMITS)
    for _ in range(9):
        async with budget.call():
            pass
    metrics.sample()
    assert value(metrics, "rate_limit_remaining_ratio") == 0.1
    await trio.sleep(61)
    metrics.sample()
    assert value(metrics, "rate_limit_remaining_ratio") == 0.91, "of the day, which is now the scarcest"


async def test_waits_and_retries_are_counted(autojump_clock: MockClock) -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)
    budget = Budgets(telemetry, lambda: datetime(2026, 3, 1, tzinfo=UTC)).tenant("xero", "amber", LIMITS)
    budget.hear(Pace(retry_after_s=12.0, scope="minute"))
    async with budget.call():
        telemetry.emit(CallRetried(platform="xero", reason="rate_limited"))
    assert value(metrics, "throttle_wait_seconds_total") == 12
    assert value(metrics, "retries_total", reason="rate_limited") == 1


async def test_datasets_that_trouble_with_the_provider_ended_are_counted_by_its_kind() -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)
    whose = {"platform": "xero", "client_id": "c", "connection_id": "n", "data_type": "invoices"}
    assert value(metrics, "faults_total", fault="our_bug") == 0
    for status, fault in (("Complete", None), ("RateLimitError", "throttled"), ("FetchError", "transient")):
        telemetry.emit(DatasetFinished(dataset_id="d", status=status, reason=None, fault=fault, **whose))
    counted = {fault: value(metrics, "faults_total", fault=fault) for fault in get_args(FaultClass)}
    assert {fault for fault, count in counted.items() if count} == {"throttled", "transient"}
