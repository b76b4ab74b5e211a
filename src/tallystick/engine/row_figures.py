"""What became of a page's rows, counted while they are mapped, before anything is stored."""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import define, field

from tallystick.connectors import Gone, Issue, Resource
from tallystick.standard import DataType, StandardRecord
from tallystick.store import NewRecord
from tallystick.store.datasets import RowFigures


@define
class RowCounter:
    """Counts the outcomes of rows for each data type; `datasets.Dataset` says what they are.

    Most rows give one record and no doubt: they are only counted all together, by their records.
    """

    resource: Resource
    _outcomes: Counter[DataType] = field(factory=Counter)  #: of rows that were added one by one
    _rows: Counter[DataType] = field(factory=Counter)  #: of them, those with an outcome for the type
    _made: Counter[DataType] = field(factory=Counter)  #: records that they gave
    _gone: Counter[DataType] = field(factory=Counter)
    _rejected: Counter[DataType] = field(factory=Counter)

    def add(self, made: Sequence[StandardRecord | Gone], issues: Sequence[Issue]) -> None:
        """Count a row that gave something else than one record and no doubt."""
        first = self.resource.data_types[0]
        refused = Counter({issue.data_type or first for issue in issues if issue.severity == "rejected"})
        records = Counter(each.DATA_TYPE for each in made if not isinstance(each, Gone))
        told = Counter(each.data_type for each in made if isinstance(each, Gone))
        outcomes = records + told + refused
        self._made.update(records)
        self._gone.update(told)
        self._rejected.update(refused)
        self._outcomes.update(outcomes)
        self._rows.update(outcomes.keys())

    def figures(self, rows: int, records: Sequence[NewRecord]) -> Mapping[DataType, RowFigures]:
        """The sums of a page of so many rows that gave these records, for each type of its list."""
        data_types = self.resource.data_types
        if len(data_types) == 1:
            found = {data_types[0]: len(records)}
            distinct = {data_types[0]: len({record.id for record in records})}
        else:
            found = Counter(record.data_type for record in records)
            distinct = Counter(t for t, _ in {(record.data_type, record.id) for record in records})
        return {t: self._of(t, rows, found.get(t, 0), distinct.get(t, 0)) for t in data_types}

    def _of(self, data_type: DataType, rows: int, found: int, distinct: int) -> RowFigures:
        plain = found - self._made[data_type]  # rows that gave one record of the type and nothing else
        return RowFigures(
            fetched=rows + self._outcomes[data_type] - self._rows[data_type],
            repeated=found - distinct,
            rejected=self._rejected[data_type],
            without=rows - plain - self._rows[data_type],
            told_gone=self._gone[data_type],
        )
