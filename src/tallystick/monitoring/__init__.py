"""Monitoring listens: events become metrics. Nothing that does the work imports this room."""

from tallystick.monitoring.logs import Logs, logs_to
from tallystick.monitoring.metrics import Metrics
from tallystick.monitoring.requests import (
    HandlerCrashed,
    HookRefusal,
    HookRefused,
    RejectReason,
    RequestRejected,
    RequestServed,
)

__all__ = [
    "HandlerCrashed",
    "HookRefusal",
    "HookRefused",
    "Logs",
    "Metrics",
    "RejectReason",
    "RequestRejected",
    "RequestServed",
    "logs_to",
]
