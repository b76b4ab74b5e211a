"""Writes docs/metrics.md from what the process registers."""

import sys
from pathlib import Path
from typing import Final

from tallystick.connectors.registry import CONNECTORS
from tallystick.monitoring import Metrics
from tallystick.telemetry import Telemetry

PAGE: Final = Path(__file__).parent.parent / "docs" / "metrics.md"

_HEAD: Final = """\
# Metrics

On a listener of its own, `http://127.0.0.1:9464/metrics` by default, in the Prometheus text format or
OpenMetrics as `Accept` asks. Labels come from closed sets: never a client, a company, a connection or a
URL. Beside these there are prometheus-client's own `process_*`, `python_gc_*` and `python_info`.

This page is made by `tools/metrics_table.py`; a test compares.

| metric | kind | labels | what it is |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    metrics = Metrics(Telemetry(), tuple(CONNECTORS), list)
    metrics.actors.sample()
    rows = []
    for family in metrics.registry.collect():
        if not family.name.startswith("tallystick_"):
            continue
        name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
        labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
        rows.append(
            (name, family.type, ", ".join(_declared(metrics, family.name) or labels), family.documentation)
        )
    return _HEAD + "".join(
        f"| `{n}` | {kind} | {labels} | {text} |\n" for n, kind, labels, text in sorted(rows)
    )


def _declared(metrics: Metrics, name: str) -> tuple[str, ...]:
    """The labels of a metric that has no samples yet."""
    for collector in metrics.registry._collector_to_names:
        if getattr(collector, "_name", None) == name:
            return tuple(getattr(collector, "_labelnames", ()))
    return ()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
