"""What doubts about records, figures and fields become in Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter

from tallystick.engine.quality_events import (
    BooksCompared,
    FieldsUnknown,
    FiguresDiffer,
    RecordsDoubted,
    WordsUnknown,
)
from tallystick.standard import DATA_TYPES
from tallystick.telemetry import Telemetry


class QualityMetrics:
    """Rules that are not kept, figures that do not add up, fields and words that are new at a provider."""

    def __init__(self, registry: CollectorRegistry, platforms: Iterable[str], telemetry: Telemetry) -> None:
        labels = ["platform", "data_type"]
        self.doubted = Counter(
            "tallystick_rule_findings_total",
            "Rules of the standard model that records do not keep.",
            labels,
            registry=registry,
        )
        self.fields = Counter(
            "tallystick_unknown_fields_total",
            "Fields that are new at the provider, in the rows that were looked at: one a page.",
            labels,
            registry=registry,
        )
        self.words = Counter(
            "tallystick_unknown_words_total",
            "Words of the provider that the mapping does not know, told as Unknown.",
            labels,
            registry=registry,
        )
        self.figures = Counter(
            "tallystick_dataset_figures_differ_total",
            "Datasets whose rows are not all accounted for: a bug of ours.",
            labels,
            registry=registry,
        )
        self.comparisons = Counter(
            "tallystick_books_compared_total",
            "Comparisons of two parts of a company's books, by how they came out.",
            ["platform", "outcome"],
            registry=registry,
        )
        for platform in platforms:
            for data_type in DATA_TYPES:
                for counter in (self.doubted, self.fields, self.words, self.figures):
                    counter.labels(platform, data_type)
            for outcome in ("agree", "differ", "not_comparable"):
                self.comparisons.labels(platform, outcome)
        telemetry.listen(
            RecordsDoubted, lambda e: self.doubted.labels(e.platform, e.data_type).inc(e.findings)
        )
        telemetry.listen(
            FieldsUnknown, lambda e: self.fields.labels(e.platform, e.data_type).inc(len(e.fields))
        )
        telemetry.listen(WordsUnknown, lambda e: self.words.labels(e.platform, e.data_type).inc(e.words))
        telemetry.listen(FiguresDiffer, lambda e: self.figures.labels(e.platform, e.data_type).inc())
        telemetry.listen(BooksCompared, self._compared)

    def _compared(self, event: BooksCompared) -> None:
        outcome = "not_comparable"
        if event.comparable:
            outcome = "agree" if event.agree else "differ"
        self.comparisons.labels(event.platform, outcome).inc()
