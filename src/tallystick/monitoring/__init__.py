"""Monitoring listens: events become metrics. Nothing that does the work imports this room."""

from tallystick.monitoring.metrics import LoopLag, Metrics

__all__ = ["LoopLag", "Metrics"]
