"""The mapping stage: a provider's page becomes records ready to be stored, without holding the loop."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import msgspec
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Books, Connector, Gone, Issue, Page, Resource
from tallystick.standard import Account, CompanyInfo, StandardRecord, encode
from tallystick.store import ConnectionRow, NewRecord, Store, content_hash, records
from tallystick.store.instants import Clock, maybe_micros

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


@frozen(kw_only=True)
class MappedPage:
    """A page ready to be stored."""

    page: Page
    records: list[NewRecord]
    issues: list[Issue]
    gone: list[Gone]  #: what the provider says is no more
    base_currency: str | None  #: where the page told it

    @property
    def rejected(self) -> int:
        """Rows of the page that gave no record, for a reason that stands in the issues."""
        return sum(issue.severity == "rejected" for issue in self.issues)


@define(eq=False)
class PageMapper:
    """Maps the pages of one sync, and learns from each what the next ones need to know of the company."""

    connector: Connector
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: this company's share of the processor
    hurried: Callable[[], bool] = nobody_waits  #: whether somebody waits for the loop
    books: Books = field(factory=Books)

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

    async def map(self, resource: Resource, page: Page) -> MappedPage:
        """Turn a page's rows into records, a slice of them a turn."""
        found: list[NewRecord] = []
        gone: list[Gone] = []
        doubts: list[Issue] = []
        learnt: list[Account | CompanyInfo] = []
        rows = page.records
        end = 0
        while end < len(rows):
            async with self.turn():
                start, end = end, end + (_RECORDS_A_SHORT_TURN if self.hurried() else _RECORDS_A_TURN)
                for place, row in enumerate(rows[start:end], start):
                    for record in self.connector.mapper.records(resource, row, self.books, doubts):
                        if isinstance(record, Gone):
                            gone.append(record)
                            continue
                        found.append(_new_record(record, place))
                        if isinstance(record, _TEACHING):
                            learnt.append(record)
                await trio.lowlevel.checkpoint()  # inside: else nobody could be found waiting for the turn
        return MappedPage(
            page=page, records=found, issues=doubts, gone=gone, base_currency=self._learn(learnt)
        )

    def _learn(self, told: list[Account | CompanyInfo]) -> str | None:
        """Keep what the page told; returns the books' currency where it is among that."""
        codes = dict(filter(None, [_code_and_id(r) for r in told if isinstance(r, Account)]))
        if codes:
            self.books = evolve(self.books, account_ids={**self.books.account_ids, **codes})
        currency = next((r.baseCurrency for r in told if isinstance(r, CompanyInfo)), None)
        if currency is not None:
            self.books = evolve(self.books, base_currency=currency)
        return currency


class _CodedAccount(msgspec.Struct):
    id: str
    nominalCode: str | None = None  # noqa: N815 - the API's own spelling


_ACCOUNT: Final = msgspec.json.Decoder(_CodedAccount)


def _code_and_id(account: Account | _CodedAccount) -> tuple[str, str] | None:
    """How documents may name an account, and the id that it has."""
    return (account.nominalCode, account.id) if account.nominalCode and account.id else None


def _new_record(record: StandardRecord, place: int) -> NewRecord:
    content = encode(record)
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
