"""What a stored answer gives by today's mapping, compared with the records that came of it.

Only what an answer made is changed by it: a record that names a newer answer stays as that made it, and one
that is gone at the provider stays gone. Reading only: a dry run looks at the judgements, a remap puts each
in place (`remap_writing`) in the transaction that made it.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from attrs import define, field, frozen
from msgspec import Struct
from msgspec.json import Decoder

from tallystick.standard import DataType
from tallystick.store.issues import REJECTED_KEPT
from tallystick.store.pages import NewRecord
from tallystick.store.records import TYPE_CODES, TYPE_NAMES, record_key
from tallystick.store.sqlcipher import SqliteConnection

Identity = tuple[DataType, str]
#: The hash of a record that is gone at the provider: `deletions` gives it.
_GONE: Final = bytes(16).hex()
_KEYS_A_STATEMENT: Final = 256


@frozen(kw_only=True)
class Rejection:
    """A row of an answer that could not be mapped, or not whole."""

    place: int | None  #: index in the answer; None where only its record is known
    data_type: DataType  #: of the record, or the first of its list's
    record_id: str | None


@frozen(kw_only=True)
class MappedAnswer:
    """A stored answer by today's mapping."""

    connection: int  #: `connections.number`
    page: int  #: `raw_pages.number`
    data_types: tuple[DataType, ...]  #: whose records may be changed; the others are left out here too
    siblings: tuple[DataType, ...]  #: all that a row of this list may give
    records: Sequence[NewRecord]
    rejections: Sequence[Rejection]
    mapping: int  #: its version


@define
class RemapTally:
    """What became of one data type. Accounts: seen = changed + unchanged + rejected."""

    seen: int = 0  #: records that name the answer or came of it now, and rows that could not be mapped
    created: int = 0  #: there was none before: its row could not be mapped, or gave less
    updated: int = 0
    deleted: int = 0  #: its row no longer gives it
    unchanged: int = 0
    rejected: int = 0

    @property
    def changed(self) -> int:
        """Records that a client sees changed."""
        return self.created + self.updated + self.deleted

    def add(self, other: "RemapTally") -> None:
        """Add another answer's figures."""
        for name in ("seen", "created", "updated", "deleted", "unchanged", "rejected"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Stored(Struct, frozen=True, gc=False, array_like=True):
    """A record as it is stored. A struct, as there are so many."""

    number: int  #: `records.number`
    code: int  #: of its data type
    id: str
    hash: str  #: hexadecimal
    deleted: int
    place: int
    page: int

    @property
    def data_type(self) -> DataType:
        """What it is."""
        return TYPE_NAMES[self.code]


_COLUMNS: Final = "number, data_type, r.id, lower(hex(hash)), deleted, place, page"
_STORED: Final = Decoder(list[Stored])


@define
class Judgement:
    """What is to be done with the records of one answer."""

    tallies: dict[DataType, RemapTally] = field(factory=dict)
    updates: list[tuple[NewRecord, Stored]] = field(factory=list)
    moves: list[tuple[NewRecord, Stored]] = field(factory=list)
    """Records that name an older answer, since this one's newer row could not be mapped until now."""
    creations: list[tuple[NewRecord, int, int]] = field(factory=list)  #: with key and probe
    deletions: list[Stored] = field(factory=list)
    kept: list[Stored] = field(factory=list)
    """Records whose row cannot be mapped now: they stay as an earlier mapping made them."""
    passed: set[Identity] = field(factory=set)
    """What the answer has and another one tells: what is doubted of it here is not doubted of the record."""

    def of(self, data_type: DataType) -> RemapTally:
        """The figures of one data type."""
        return self.tallies.setdefault(data_type, RemapTally())

    @property
    def taken(self) -> list[Identity]:
        """Records that name this answer only from now on: older ones have no say in them any more."""
        new = [record for record, _, _ in self.creations] + [record for record, _ in self.moves]
        return [(record.data_type, record.id) for record in new]


def judge(
    connection: SqliteConnection, answer: MappedAnswer, taken: Collection[Identity] = frozenset()
) -> Judgement:
    """What today's mapping changes of one answer's records.

    `taken`: what newer answers took in a dry run, of which the database has no trace.
    Cost: one statement; a look-up more for each record that the answer gives and did not make.
    """
    found = Judgement()
    held = _held(connection, answer)
    for identity in taken:
        held.pop(identity, None)
    rows = _Rows.of(held.values())
    strangers: list[NewRecord] = []
    latest = {(record.data_type, record.id): record for record in answer.records}  # the last is the newest
    for identity, record in latest.items():
        stored = held.pop(identity, None)
        if stored is not None:
            _compare(found, record, stored)
        elif identity in taken:
            found.passed.add(identity)
            rows.over.add(record.place)
        else:
            strangers.append(record)
    places = {rejection.place for rejection in answer.rejections} - {None}
    ids = {rejection.record_id for rejection in answer.rejections} - {None}
    for stored in held.values():
        if stored.place in places or stored.id in ids:
            found.kept.append(stored)  # not counted: its row is
        else:
            _miss(found, stored)
    _judge_strangers(connection, answer, found, strangers, rows)
    _judge_rejections(connection, answer, found)
    return found


def bodies(connection: SqliteConnection, numbers: Sequence[int]) -> dict[int, bytes]:
    """Records as the API sends them, by `records.number`."""
    rows = connection.execute(
        "select number, body from json_each(?) as asked cross join records on number = asked.value",
        (json.dumps(list(numbers)),),
    ).fetchall()
    return dict(rows)


def _compare(found: Judgement, record: NewRecord, stored: Stored) -> bool:
    """Whether a record is another one by today's mapping; one that is gone at the provider stays so."""
    tally = found.of(record.data_type)
    tally.seen += 1
    if stored.hash in {record.hash.hex(), _GONE}:
        tally.unchanged += 1
        return False
    tally.updated += 1
    found.updates.append((record, stored))
    return True


def _miss(found: Judgement, stored: Stored) -> None:
    """A record that its row no longer gives."""
    tally = found.of(stored.data_type)
    tally.seen += 1
    if stored.deleted:
        tally.unchanged += 1
    else:
        tally.deleted += 1
        found.deletions.append(stored)


def _judge_strangers(
    connection: SqliteConnection,
    answer: MappedAnswer,
    found: Judgement,
    strangers: Sequence[NewRecord],
    given: "_Rows",
) -> None:
    """Records that the answer gives and did not make: mostly, what it had was known before it came.

    One that is stored nowhere is new only where its row stands: it gave something that still does, or was
    rejected and nothing has been heard of it since.
    """
    if not strangers:
        return
    known = _Known.of(connection, answer.connection, {(r.data_type, r.id) for r in strangers})
    rejected_before = _rejected_before(connection, answer.page)
    untold = _has_untold(connection, answer)
    missing: list[NewRecord] = []
    for record in strangers:
        stored = known.records.get((record.data_type, record.id))
        if stored is None:
            missing.append(record)
        elif stored.page < answer.page and (untold or record.id in rejected_before) and stored.hash != _GONE:
            _compare(found, record, stored)
            found.moves.append((record, stored))
        else:
            found.passed.add((record.data_type, record.id))
            if stored.page > answer.page:
                given.over.add(record.place)
    if not missing:
        return
    rows = _Known.of(connection, answer.connection, {(t, r.id) for t in answer.siblings for r in missing})
    passed = {s.id for s in rows.records.values() if s.page > answer.page or s.hash == _GONE}
    for record in missing:
        stands = record.place in given.live or untold or record.id in rejected_before
        # Else its row is not what the provider has now.
        if not stands or record.id in passed or record.place in given.over:
            found.passed.add((record.data_type, record.id))
            continue
        tally = found.of(record.data_type)
        tally.seen += 1
        tally.created += 1
        key = record_key(answer.connection, record.data_type, record.id)
        probe = known.probes.get(key, 0)
        known.probes[key] = probe + 1
        found.creations.append((record, key, probe))


def _judge_rejections(connection: SqliteConnection, answer: MappedAnswer, found: Judgement) -> None:
    """Count rows that cannot be mapped, but for those of which a newer answer has told."""
    mine = [rejection for rejection in answer.rejections if rejection.data_type in answer.data_types]
    ids = {rejection.record_id for rejection in mine if rejection.record_id is not None}
    known = _Known.of(connection, answer.connection, {(t, i) for t in answer.siblings for i in ids})
    passed = {stored.id for stored in known.records.values() if stored.page > answer.page}
    for rejection in mine:
        if rejection.record_id is not None and rejection.record_id in passed:
            found.passed.add((rejection.data_type, rejection.record_id))
        else:
            tally = found.of(rejection.data_type)
            tally.seen += 1
            tally.rejected += 1


@define
class _Rows:
    """Rows of an answer, by their place in it."""

    live: set[int]  #: that gave a record which names this answer
    over: set[int]  #: of which a record is gone at the provider, or told by a newer answer

    @classmethod
    def of(cls, held: Iterable[Stored]) -> "_Rows":
        found = cls(set(), set())
        for stored in held:
            (found.over if stored.hash == _GONE else found.live).add(stored.place)
        return found


def _held(connection: SqliteConnection, answer: MappedAnswer) -> dict[Identity, Stored]:
    """The records that name this answer: in one row, since a busy loop's thread makes each row a wait."""
    (told,) = connection.execute(
        f"select json_group_array(json_array({_COLUMNS})) from records r indexed by records_by_page "
        f"where page = ? and connection = ? and data_type in ({codes(answer.data_types)})",
        (answer.page, answer.connection),
    ).fetchone()
    return {(TYPE_NAMES[stored.code], stored.id): stored for stored in _STORED.decode(told)}


@frozen
class _Known:
    """What is stored of some records, wherever it came from."""

    records: dict[Identity, Stored]
    probes: dict[int, int]  #: the next free probe of each key that is taken

    @classmethod
    def of(cls, connection: SqliteConnection, owner: int, wanted: Collection[Identity]) -> "_Known":
        keys = [record_key(owner, data_type, record_id) for data_type, record_id in wanted]
        found = cls({}, {})
        for start in range(0, len(keys), _KEYS_A_STATEMENT):
            rows = connection.execute(
                f"select r.key, probe, connection, {_COLUMNS} from json_each(?) as asked "
                "cross join records r on r.key = asked.value",
                (json.dumps(keys[start : start + _KEYS_A_STATEMENT]),),
            ).fetchall()
            for key, probe, whose, *rest in rows:
                found.probes[key] = max(found.probes.get(key, 0), probe + 1)
                stored = Stored(*rest)
                if whose == owner and (stored.data_type, stored.id) in wanted:
                    found.records[stored.data_type, stored.id] = stored
        return found


def _rejected_before(connection: SqliteConnection, page: int) -> set[str]:
    """The records of an answer that could not be mapped when it was mapped last."""
    rows = connection.execute(
        "select record_id from issues where page = ? and severity = 'rejected' and record_id not null",
        (page,),
    ).fetchall()
    return {record_id for (record_id,) in rows}


def _has_untold(connection: SqliteConnection, answer: MappedAnswer) -> bool:
    """Whether the answer may have had rejected rows whose ids were not kept: nameless, or too many."""
    row = connection.execute(
        "select 1 from raw_pages p where number = ? and problem not null and ("
        "exists (select 1 from issues where page = p.number and severity = 'rejected' and record_id is null) "
        "or exists (select 1 from connections c join datasets d on d.connection_id = c.id "
        "join issue_counts i on i.dataset_id = d.id "
        "where c.number = p.connection and i.severity = 'rejected' and i.found > ?))",
        (answer.page, REJECTED_KEPT),
    ).fetchone()
    return row is not None


def codes(data_types: Iterable[DataType]) -> str:
    """As a part of a statement: few different ones, so that each stays prepared."""
    return ", ".join(str(code) for code in sorted(TYPE_CODES[data_type] for data_type in data_types))
