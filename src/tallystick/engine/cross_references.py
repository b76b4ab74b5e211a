"""What two records say of each other: whether what is named exists, and whether a number is borne twice.

A sync gathers ids and numbers, each once (`gathering`). When it has ended they are looked up; only where one
is missing, or twice there, are the records gone through that it is about. These are reading functions, for
one state of the database on a reading thread.

Numbers are compared within one reading, so a new document that bears an old one's number is found when the
list is next read whole.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from tallystick.connectors import Manifest
from tallystick.engine.gathering import Gathered
from tallystick.standard import DataType, decode
from tallystick.standard.rules import numbers, references
from tallystick.store import ConnectionRow, StoredIssue, batches, datasets, issues
from tallystick.store.records import get_record, present
from tallystick.store.sqlcipher import SqliteConnection

#: Missing records, or numbers, that records are searched for at once.
_SEARCHED: Final = 200
#: Findings of one search that are told.
_MOST_FOUND: Final = 1000
_ROWS: Final = msgspec.json.Decoder(list[msgspec.Raw])

Missing = Mapping[DataType, frozenset[str]]


def missing(database: SqliteConnection, row: ConnectionRow, gathered: Gathered) -> Missing:
    """Which of the ids that were named are not there, of types that were read to their end once."""
    found: dict[DataType, frozenset[str]] = {}
    for data_type, ids in gathered.named.items():
        if datasets.ever_read(database, row.company_id, data_type):
            there = {
                i
                for kind in references.stand_ins(data_type)
                for i in present(database, row.number, kind, ids)
            }
            if absent := ids - there:
                found[data_type] = frozenset(sorted(absent)[:_SEARCHED])
    return found


def dangling(
    database: SqliteConnection, number: int, manifest: Manifest, absent: Missing
) -> list[StoredIssue]:
    """The records that name what is not there. Cost: goes through all records of types that may."""
    wanted = {(kind, record_id) for kind, ids in absent.items() for record_id in ids}
    search = _search(record_id for _, record_id in wanted)
    found: list[StoredIssue] = []
    for data_type in _naming(manifest, absent):
        for record in _hits(database, number, data_type, search):
            named = dict.fromkeys(each for each in references.named_by(record) if each in wanted)
            found += [_dangling(data_type, record.id, *each) for each in named]
            if len(found) >= _MOST_FOUND:
                return found
    return found


def borne_twice(database: SqliteConnection, number: int, gathered: Gathered) -> list[StoredIssue]:
    """The documents whose number another one of the same contact bears."""
    found: list[StoredIssue] = []
    by_type: defaultdict[DataType, set[tuple[str, str]]] = defaultdict(set)
    for data_type, told, contact in sorted(gathered.twice)[:_SEARCHED]:
        by_type[data_type].add((told, contact))
    for data_type, wanted in by_type.items():
        bearers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for record in _hits(database, number, data_type, _search(told for told, _ in wanted)):
            borne = numbers.number_of(record)
            if borne in wanted and borne is not None:
                bearers[borne].append(record.id)
        for ids in bearers.values():
            found += [_twice(data_type, one, next(i for i in ids if i != one)) for one in ids if len(ids) > 1]
    return found[:_MOST_FOUND]


def mended(database: SqliteConnection, number: int) -> list[int]:
    """The doubts about two records that hold no longer, by their numbers in `issues`."""
    return [
        place for place, doubt in issues.about_others(database, number) if _is_mended(database, number, doubt)
    ]


def _is_mended(database: SqliteConnection, number: int, doubt: StoredIssue) -> bool:
    kind, _, other = (doubt.other or "").partition("/")
    if doubt.data_type is None or doubt.record_id is None or kind not in _TYPES:
        return True
    if doubt.rule_id != numbers.DUPLICATE.id_for(doubt.data_type):
        return any(present(database, number, t, {other}) for t in references.stand_ins(_TYPES[kind]))
    borne = [
        None if body is None else numbers.number_of(decode(doubt.data_type, body))
        for each in (doubt.record_id, other)
        for body in [get_record(database, connections=[number], data_type=doubt.data_type, record_id=each)]
    ]
    return borne[0] is None or borne[0] != borne[1]


def _naming(manifest: Manifest, absent: Missing) -> list[DataType]:
    """The provider's types that may name one of the types that something is missing of."""
    rules = [references.RULE_OF[kind] for kind in absent]
    return [t for t in manifest.data_types if any(t in rule.types for rule in rules)]


def _search(texts: Iterable[str]) -> re.Pattern[bytes]:
    """Finds the JSON of any of the texts; longer ones first, as one may begin with another."""
    written = sorted({msgspec.json.encode(text) for text in texts}, key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, written)))


def _hits(
    database: SqliteConnection, number: int, data_type: DataType, search: re.Pattern[bytes]
) -> Iterator[Any]:
    """The records of a list that have one of the texts somewhere."""
    for batch in batches.batches(database, connection_number=number, data_type=data_type):
        if search.search(batch):
            for raw in _ROWS.decode(batch):
                if search.search(raw):
                    yield decode(data_type, bytes(raw))


def _dangling(data_type: DataType, record_id: str, kind: DataType, other: str) -> StoredIssue:
    return StoredIssue(
        severity="warning",
        path="$",
        message=f"it names a record of {kind} that is not there",
        data_type=data_type,
        record_id=record_id,
        rule_id=references.RULE_OF[kind].id_for(data_type),
        other=f"{kind}/{other}",
    )


def _twice(data_type: DataType, record_id: str, other: str) -> StoredIssue:
    return StoredIssue(
        severity="warning",
        path="$",
        message="another document of the same contact bears its number",
        data_type=data_type,
        record_id=record_id,
        rule_id=numbers.DUPLICATE.id_for(data_type),
        other=f"{data_type}/{other}",
    )


_TYPES: Final[dict[str, DataType]] = {name: name for name in (*references.NAMED, *numbers.READERS)}
