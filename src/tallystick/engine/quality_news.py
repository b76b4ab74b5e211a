"""What a stored page tells of the quality of its data."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tallystick.connectors import Resource
from tallystick.connectors.drift import is_unknown_word
from tallystick.engine.mapping import MappedPage
from tallystick.engine.quality_events import FieldsUnknown, FiguresDiffer, RecordsDoubted, WordsUnknown
from tallystick.engine.storing import Stored
from tallystick.standard import DataType


def doubts_of_page(
    whose: Mapping[str, str], resource: Resource, mapped: MappedPage, stored: Stored
) -> Iterator[RecordsDoubted | WordsUnknown | FieldsUnknown | FiguresDiffer]:
    """The events of one page, most often none. `whose`: what each of them bears."""
    rules: defaultdict[DataType, Counter[str]] = defaultdict(Counter)
    for each in mapped.doubted:
        rules[each.data_type][each.finding.rule_id] += 1
    for data_type, found in rules.items():
        yield RecordsDoubted(
            **whose, data_type=data_type, findings=found.total(), by_rule=tuple(sorted(found.items()))
        )
    first = resource.data_types[0]
    words = Counter(issue.data_type or first for issue in mapped.issues if is_unknown_word(issue))
    for data_type, count in words.items():
        yield WordsUnknown(**whose, data_type=data_type, words=count)
    if mapped.unknown:
        yield FieldsUnknown(**whose, resource=resource.name, data_type=first, fields=mapped.unknown)
    for dataset in stored.unaccounted:
        yield FiguresDiffer(
            **whose,
            dataset_id=dataset.id,
            data_type=dataset.data_type,
            fetched=dataset.fetched,
            accounted=dataset.accounted,
        )
