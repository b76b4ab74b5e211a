"""The mapping stage: a provider's page becomes records ready to be stored, without holding the loop."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

import msgspec
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Books, Connector, Gone, Issue, Page, Resource
from tallystick.connectors.drift import KnowsFields
from tallystick.engine.gathering import Gathered
from tallystick.engine.row_figures import RowCounter
from tallystick.engine.supplementing import Supplements, added
from tallystick.standard import Account, CompanyInfo, DataType, StandardRecord, encode
from tallystick.standard.rules import Finding, doubtful, references
from tallystick.store import (
    ConnectionRow,
    NewRecord,
    Store,
    StoredIssue,
    content_hash,
    counts,
    records,
    supplemental,
)
from tallystick.store.datasets import RowFigures
from tallystick.store.instants import Clock, maybe_micros
from tallystick.store.sqlcipher import SqliteConnection

#: Records mapped between two looks at the loop: about 2 ms, so that requests hardly notice a sync.
_RECORDS_A_TURN: Final = 80
#: The same while somebody waits for an answer, who crosses a dozen turns: about 0.3 ms. Measured: sending a
#: page beside a sync takes 8 ms in place of 50.
_RECORDS_A_SHORT_TURN: Final = 8
#: Records that tell what others of the company mean. Not `A | B`, which is made anew for every record.
_TEACHING: Final = (Account, CompanyInfo)


def nobody_waits() -> bool:
    """For a process without a door."""
    return False


@frozen
class Doubted:
    """A rule that one record of a page does not keep."""

    data_type: DataType
    record_id: str
    finding: Finding


@frozen(kw_only=True)
class MappedPage:
    """A page ready to be stored."""

    page: Page
    records: list[NewRecord]
    issues: list[Issue]  #: what the mapping doubts
    doubted: list[Doubted]  #: what the rules doubt of the records
    gone: list[Gone]  #: what the provider says is no more
    figures: Mapping[DataType, RowFigures]  #: of each data type of the list
    unknown: tuple[str, ...]  #: fields of the row looked at that neither the mapping nor its list knows
    base_currency: str | None  #: where the page told it
    supplemented: Mapping[DataType, int] = field(factory=dict)  #: under which configurations: their digests

    @property
    def rejected(self) -> int:
        """Rows of the page that could not be mapped, for a reason that stands in the issues."""
        return sum(figures.rejected for figures in self.figures.values())

    def stored_issues(self, default: DataType) -> list[StoredIssue]:
        """All doubts as they are stored; `default`: the data type of those that name none."""
        mine = [
            StoredIssue(
                severity=issue.severity,
                path=issue.path,
                message=issue.message,
                data_type=issue.data_type or default,
                record_id=issue.record_id,
            )
            for issue in self.issues
        ]
        return mine + [
            StoredIssue(
                severity="warning",
                path=each.finding.path,
                message=each.finding.message,
                data_type=each.data_type,
                record_id=each.record_id,
                rule_id=each.finding.rule_id,
            )
            for each in self.doubted
        ]


@define(eq=False)
class PageMapper:
    """Maps the pages of one sync, and learns from each what the next ones need to know of the company."""

    connector: Connector
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: this company's share of the processor
    hurried: Callable[[], bool] = nobody_waits  #: whether somebody waits for the loop
    books: Books = field(factory=Books)
    gathered: Gathered = field(factory=Gathered)
    supplements: Supplements = field(factory=Supplements)

    async def know(self, store: Store, connection: ConnectionRow, clock: Clock) -> None:
        """Learn what earlier syncs told of the company."""
        accounts = await store.read(
            records.all_bodies, connection_number=connection.number, data_type="chartOfAccounts"
        )
        self.books = Books(
            base_currency=connection.base_currency,
            today=clock().date(),
            account_ids=dict(filter(None, map(_code_and_id, map(_ACCOUNT.decode, accounts)))),
        )
        self.gathered.known |= await store.read(_known_types, connection.number)
        self.supplements = Supplements.of(await store.read(supplemental.configs_of, connection.provider))

    async def map(self, resource: Resource, page: Page) -> MappedPage:
        """Turn a page's rows into records, a slice of them a turn."""
        found: list[NewRecord] = []
        gone: list[Gone] = []
        doubts: list[Issue] = []
        doubted: list[Doubted] = []
        learnt: list[Account | CompanyInfo] = []
        rows, counter, known = page.records, RowCounter(resource), 0
        map_row, gather = self.connector.mapper.records, self.gathered.add
        supplement = self.supplements.finder(self.connector, resource, doubts)
        end = 0
        while end < len(rows):
            async with self.turn():
                start, end = end, end + (_RECORDS_A_SHORT_TURN if self.hurried() else _RECORDS_A_TURN)
                for place, row in enumerate(rows[start:end], start):
                    made = map_row(resource, row, self.books, doubts)
                    if len(made) != 1 or len(doubts) != known or type(made[0]) is Gone:
                        counter.add(made, doubts[known:])
                        known = len(doubts)
                    for record in made:
                        if isinstance(record, Gone):
                            gone.append(record)
                            continue
                        more = b"" if supplement is None else supplement(record.DATA_TYPE, record.id, row)
                        found.append(_new_record(record, place, more))
                        gather(record)
                        if findings := doubtful(record):
                            doubted += [_doubted(record, finding) for finding in findings]
                        if isinstance(record, _TEACHING):
                            learnt.append(record)
                await trio.lowlevel.checkpoint()  # inside: else nobody could be found waiting for the turn
        if references.NAMED_SET.intersection(resource.data_types):
            self.gathered.known |= references.NAMED_SET.intersection({record.data_type for record in found})
        return MappedPage(
            page=page,
            records=found,
            issues=doubts,
            doubted=doubted,
            gone=gone,
            figures=counter.figures(len(rows), found),
            unknown=self._unknown(resource, page),
            base_currency=self._learn(learnt),
            supplemented=self.supplements.digests,
        )

    def _unknown(self, resource: Resource, page: Page) -> tuple[str, ...]:
        """Fields that are new at the provider, looked for in one row of the page."""
        mapper = self.connector.mapper
        if not page.records or not isinstance(mapper, KnowsFields):
            return ()
        return mapper.unknown_fields(resource, page.records[len(page.records) // 2])

    def _learn(self, told: list[Account | CompanyInfo]) -> str | None:
        """Keep what the page told; returns the books' currency where it is among that."""
        codes = dict(filter(None, [_code_and_id(r) for r in told if isinstance(r, Account)]))
        if codes:
            self.books = evolve(self.books, account_ids={**self.books.account_ids, **codes})
        currency = next((r.baseCurrency for r in told if isinstance(r, CompanyInfo)), None)
        if currency is not None:
            self.books = evolve(self.books, base_currency=currency)
        return currency


def _known_types(connection: SqliteConnection, number: int) -> set[DataType]:
    """Types that others name, and of which this connection has records."""
    return {t for t in references.NAMED if counts.lists_of(connection, [number], t)}


class _CodedAccount(msgspec.Struct):
    id: str
    nominalCode: str | None = None  # noqa: N815 - the API's own spelling


_ACCOUNT: Final = msgspec.json.Decoder(_CodedAccount)


def _code_and_id(account: Account | _CodedAccount) -> tuple[str, str] | None:
    """How documents may name an account, and the id that it has."""
    return (account.nominalCode, account.id) if account.nominalCode and account.id else None


def _doubted(record: StandardRecord, finding: Finding) -> Doubted:
    return Doubted(record.DATA_TYPE, record.id or record.DATA_TYPE, finding)


def _new_record(record: StandardRecord, place: int, supplement: bytes) -> NewRecord:
    content = added(encode(record), supplement)
    return NewRecord(
        data_type=record.DATA_TYPE,
        id=record.id or record.DATA_TYPE,
        content=content,
        hash=content_hash(content),
        source_modified_at=maybe_micros(record.sourceModifiedDate),
        status=getattr(record, "status", None),
        deleted=record.metadata.isDeleted,
        place=place,
    )
