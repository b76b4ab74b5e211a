"""Rows of `Journals`: the ledger's entries, each with a number, never changed and never taken out.

What is changed or voided in the books is taken back by an entry of the same source, and written anew.
Source: providers.md §§2.2, 5 (nos. 5, 7).
"""

import uuid
from typing import Any, Final

import msgspec
from attrs import define, evolve, field, frozen

from tallystick.connectors.sandbox.books import Books
from tallystick.connectors.xero.sandbox.dialect import ACCOUNT_TYPES, View, milliseconds, net_date, net_day
from tallystick.connectors.xero.sandbox.postings import Posting, postings

#: Numbers go up by so much: gaps are normal (quirk 5).
_STEP: Final = 3
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


@frozen(eq=False)
class JournalRow:
    """See `rows.Row`."""

    id: str
    updated_ms: int | None
    number: int
    posting: Posting
    books: Books

    def fields(self) -> dict[str, Any]:
        """Its fields without lines."""
        source = self.posting
        return {
            "JournalID": self.id,
            "JournalDate": net_day(source.day),
            "JournalNumber": self.number,
            "CreatedDateUTC": net_date(source.made_at),
            "Reference": source.reference,
            "SourceID": source.source_id,
            "SourceType": source.source_type,
        }

    def body(self, view: View) -> bytes:
        """Its JSON object; lines come without being asked for."""
        del view
        lines = [self._line(place, *told) for place, told in enumerate(self.posting.amounts)]
        return _ENCODER.encode({**self.fields(), "JournalLines": lines})

    def _line(self, place: int, account_id: str, amount: Any) -> dict[str, Any]:
        account = self.books.accounts[account_id]
        return {
            "JournalLineID": str(uuid.uuid5(uuid.UUID(self.id), str(place))),
            "AccountID": account.id,
            "AccountCode": account.code,
            "AccountType": ACCOUNT_TYPES[account.kind][0],
            "AccountName": account.name,
            "Description": "",
            "NetAmount": amount,
            "GrossAmount": amount,
            "TaxAmount": 0,
            "TrackingCategories": [],
        }


@define(eq=False)
class Journals:
    """All entries that were ever made, as far as they were looked at."""

    rows: list[JournalRow] = field(factory=list, init=False)
    _standing: dict[tuple[str, str], Posting] = field(factory=dict, init=False)

    def catch_up(self, books: Books) -> None:
        """Write what has come since, and take back what has gone. Reads every record."""
        found = {(each.source_type, each.source_id): each for each in postings(books)}
        for key, before in list(self._standing.items()):
            now = found.get(key)
            if now is None or now.amounts != before.amounts:
                document = books.documents.get(key[1]) or books.payments[key[1]]
                back = tuple((account, -amount) for account, amount in before.amounts)
                self._write(evolve(before, amounts=back, made_at=document.updated_at), books)
                del self._standing[key]
        new = [each for key, each in found.items() if key not in self._standing]
        for posting in sorted(new, key=lambda each: (each.made_at, each.source_id)):
            self._write(posting, books)
            self._standing[posting.source_type, posting.source_id] = posting

    def _write(self, posting: Posting, books: Books) -> None:
        number = _STEP * (len(self.rows) + 1)
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{posting.source_id}:{number}")
        self.rows.append(JournalRow(str(name), milliseconds(posting.made_at), number, posting, books))
