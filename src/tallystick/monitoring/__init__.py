"""Monitoring listens: events become metrics. Nothing that does the work imports this room."""

from tallystick.monitoring.metrics import Metrics
from tallystick.monitoring.process_metrics import LoopLag
from tallystick.monitoring.requests import (
    HandlerCrashed,
    RejectReason,
    RequestRejected,
    RequestServed,
)

__all__ = [
    "HandlerCrashed",
    "LoopLag",
    "Metrics",
    "RejectReason",
    "RequestRejected",
    "RequestServed",
]
