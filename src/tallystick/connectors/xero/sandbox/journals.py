"""Rows of `Journals`: the ledger's entries, each with a number, never changed and never taken out.

What is changed or voided in the books is taken back by an entry of the same source, and written anew.
Source: providers.md §§2.2, 5 (nos. 5, 7).
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from attrs import define, evolve, field, frozen

from tallystick.connectors.sandbox.books import Allocation, Application, Books
from tallystick.connectors.sandbox.postings import Entry, Posting, entries
from tallystick.connectors.xero.sandbox.dialect import (
    ACCOUNT_TYPES,
    DOCUMENT_TYPES,
    ON_ACCOUNT_SOURCES,
    PAYMENT_TYPES,
    View,
    milliseconds,
    net_date,
    net_day,
)
from tallystick.connectors.xero.sandbox.render_parts import tracking

#: Numbers go up by so much: gaps are normal (quirk 5).
_STEP: Final = 3
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_Key = tuple[str, str]  #: the entry's kind, and its source's id


@frozen(eq=False)
class JournalRow:
    """See `rows.Row`."""

    id: str
    number: int
    entry: Entry
    made_at: datetime
    source: tuple[str, str] | None  #: type and id in Xero's words; opening balances have none
    books: Books

    @property
    def updated_ms(self) -> int | None:
        """When it was made: an entry is never changed."""
        return milliseconds(self.made_at)

    def fields(self) -> dict[str, Any]:
        """Its fields without lines."""
        named = {} if self.source is None else {"SourceID": self.source[1], "SourceType": self.source[0]}
        return {
            "JournalID": self.id,
            "JournalDate": net_day(self.entry.posted_on),
            "JournalNumber": self.number,
            "CreatedDateUTC": net_date(self.made_at),
            "Reference": self.entry.reference,
            **named,
        }

    def body(self, view: View) -> bytes:
        """Its JSON object; lines come without being asked for."""
        del view
        lines = [self._line(place, posting) for place, posting in enumerate(self.entry.postings)]
        return _ENCODER.encode({**self.fields(), "JournalLines": lines})

    def _line(self, place: int, posting: Posting) -> dict[str, Any]:
        account = self.books.accounts[posting.account_id]
        return {
            "JournalLineID": str(uuid.uuid5(uuid.UUID(self.id), str(place))),
            "AccountID": account.id,
            "AccountCode": account.code,
            "AccountType": ACCOUNT_TYPES[account.kind][0],
            "AccountName": account.name,
            "Description": posting.description,
            "NetAmount": posting.amount,
            "GrossAmount": posting.amount,
            "TaxAmount": 0,
            "TrackingCategories": tracking(posting.tracking, self.books),
        }


@define(eq=False)
class Journals:
    """All entries that were ever made, as far as they were looked at."""

    rows: list[JournalRow] = field(factory=list, init=False)
    _standing: dict[_Key, JournalRow] = field(factory=dict, init=False)
    _written: Counter[_Key] = field(factory=Counter, init=False)

    def catch_up(self, books: Books) -> None:
        """Write what has come since, and take back what has gone. Reads every record."""
        found = {(str(each.kind), each.source_id): each for each in entries(books)}
        # A change of one record may move the entries of others, which tell nothing of when that was.
        now = _latest_change(books) if self.rows else None
        for key, before in list(self._standing.items()):
            after = found.get(key)
            if after is None or _figures(after) != _figures(before.entry):
                back = tuple(each._replace(amount=-each.amount) for each in before.entry.postings)
                self._write(
                    key, evolve(before.entry, postings=back), now or before.made_at, before.source, books
                )
                del self._standing[key]
        given: dict[str, Allocation | Application] = {}
        given |= {each.id: each for several in books.allocations_of.values() for each in several}
        given |= {each.id: each for several in books.applications_of.values() for each in several}
        new = [(key, each) for key, each in found.items() if key not in self._standing]
        for key, entry in sorted(new, key=lambda pair: (pair[1].entered_at, pair[0])):
            source = _source_of(entry, books, given)
            self._standing[key] = self._write(key, entry, now or entry.entered_at, source, books)

    def _write(
        self, key: _Key, entry: Entry, made_at: datetime, source: tuple[str, str] | None, books: Books
    ) -> JournalRow:
        self._written[key] += 1
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{key[0]}:{key[1]}:{self._written[key]}")
        row = JournalRow(str(name), _STEP * (len(self.rows) + 1), entry, made_at, source, books)
        self.rows.append(row)
        return row


def _figures(entry: Entry) -> tuple[object, ...]:
    return (entry.posted_on, entry.postings)


def _source_of(
    entry: Entry, books: Books, given: Mapping[str, Allocation | Application]
) -> tuple[str, str] | None:
    """What an entry is of. What a credit gains or loses by its rate is of the credit."""
    id_ = entry.source_id
    match entry.kind:
        case "payment":
            return PAYMENT_TYPES[books.payments[id_].kind], id_
        case "on_account":
            source = books.on_account[id_]
            return ON_ACCOUNT_SOURCES[source.side, source.kind], id_
        case "bank_transaction":
            return "CASHREC" if books.bank_transactions[id_].kind == "receive" else "CASHPAID", id_
        case "transfer":
            return "TRANSFER", id_
        case "journal":
            return None if books.manual_journals[id_].opening else ("MANJOURNAL", id_)
        case "settlement":
            each = given[id_]
            if isinstance(each, Allocation):
                return DOCUMENT_TYPES[books.documents[each.credit_id].kind], each.credit_id
            source = books.on_account[each.on_account_id]
            return ON_ACCOUNT_SOURCES[source.side, source.kind], source.id
        case kind:
            return DOCUMENT_TYPES[kind], id_


def _latest_change(books: Books) -> datetime:
    lists = (
        books.documents, books.payments, books.on_account, books.bank_transactions, books.transfers,
        books.manual_journals,
    )  # fmt: skip
    return max(each.updated_at for several in lists for each in several.values())
