"""What doubts about the data's quality become in Prometheus."""

from typing import Any

from tallystick.engine.quality_events import (
    BooksCompared,
    FieldsUnknown,
    FiguresDiffer,
    RecordsDoubted,
    WordsUnknown,
)
from tallystick.monitoring import Metrics
from tallystick.telemetry import Telemetry

WHOSE: dict[str, Any] = {"platform": "xero", "client_id": "c", "connection_id": "n", "data_type": "invoices"}


def test_every_doubt_about_quality_is_counted_from_nought() -> None:
    telemetry = Telemetry()
    metrics = Metrics(telemetry, ("xero",), list)

    def value(name: str, **labels: str) -> float | None:
        labels = {"platform": "xero", **(labels or {"data_type": "invoices"})}
        return metrics.registry.get_sample_value(f"tallystick_{name}_total", labels)

    names = ("rule_findings", "unknown_fields", "unknown_words", "dataset_figures_differ")
    assert [value(name) for name in names] == [0, 0, 0, 0]
    telemetry.emit(RecordsDoubted(**WHOSE, findings=3, by_rule=(("accounting-invoice-010", 3),)))
    telemetry.emit(FieldsUnknown(**WHOSE, resource="Invoices", fields=("Colour", "Size")))
    telemetry.emit(WordsUnknown(**WHOSE, words=4))
    telemetry.emit(FiguresDiffer(**WHOSE, dataset_id="d", fetched=1, accounted=2))
    assert [value(name) for name in names] == [3, 2, 4, 1]
    for agree, comparable in ((True, True), (False, True), (False, False)):
        telemetry.emit(BooksCompared(**WHOSE, against="balanceSheet", agree=agree, comparable=comparable))
    outcomes = ("agree", "differ", "not_comparable")
    assert [value("books_compared", outcome=each) for each in outcomes] == [1, 1, 1]
    assert telemetry.listener_failures == 0
