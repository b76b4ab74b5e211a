"""The truth: what the books at the provider hold, version after version."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from attrs import define, field, frozen

Kind = Literal["Organisations", "Accounts", "Items", "Contacts", "Invoices"]
KINDS: Final[tuple[Kind, ...]] = ("Organisations", "Accounts", "Items", "Contacts", "Invoices")
ID_OF: Final[dict[Kind, str]] = {
    "Organisations": "OrganisationID",
    "Accounts": "AccountID",
    "Items": "ItemID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
}


@frozen
class Version:
    """What a row was from a moment on."""

    number: int
    modified: datetime  #: the date that it bears, which may be skewed
    seen_from: datetime  #: when answers began to show it
    gone: bool = False  #: deleted: by its status, or from the list altogether


@define(eq=False)
class Row:
    """One thing in the books."""

    kind: Kind
    id: str
    side: int  #: 0 sales, 1 purchases
    versions: list[Version]
    vanished: bool = False  #: no list shows it any more, not even as deleted

    @property
    def now(self) -> Version:
        """What it is."""
        return self.versions[-1]

    def at(self, moment: datetime) -> Version | None:
        """What answers showed of it at that moment."""
        return next((v for v in reversed(self.versions) if v.seen_from <= moment), None)

    @property
    def data_types(self) -> tuple[str, ...]:
        """What it is in our model."""
        match self.kind:
            case "Organisations":
                return ("company",)
            case "Accounts":
                return ("chartOfAccounts",)
            case "Items":
                return ("items",)
            case "Contacts":
                return ("customers", "suppliers")
            case "Invoices":
                return ("bills",) if self.side else ("invoices",)

    def sent(self, moment: datetime) -> dict[str, Any]:
        """The row in Xero's words. Its version shows in a text that every mapping keeps."""
        version = self.at(moment) or self.versions[0]
        mark = f"v{version.number}"
        row: dict[str, Any] = {ID_OF[self.kind]: self.id, "UpdatedDateUTC": net_date(version.modified)}
        match self.kind:
            case "Organisations":
                return {ID_OF[self.kind]: self.id, "Name": mark, "BaseCurrency": "GBP"}
            case "Accounts":
                return {**row, "Code": self.id[:4], "Name": mark, "Type": "SALES", "Status": "ACTIVE"}
            case "Items":
                return {**row, "Code": self.id[:4], "Name": mark, "IsSold": True}
            case "Contacts":
                return {
                    **row,
                    "Name": mark,
                    "IsCustomer": True,
                    "IsSupplier": True,
                    "ContactStatus": "ACTIVE",
                }
            case "Invoices":
                return {
                    **row,
                    "Type": "ACCPAY" if self.side else "ACCREC",
                    "InvoiceNumber": self.id[:6],
                    "Reference": mark,
                    "Status": "DELETED" if version.gone else "AUTHORISED",
                    "DateString": "2026-02-01T00:00:00",
                    "LineAmountTypes": "Exclusive",
                    "LineItems": [],
                    "SubTotal": version.number,
                    "TotalTax": 0,
                    "Total": version.number,
                    "AmountDue": version.number,
                    "CurrencyCode": "GBP",
                }


@define(eq=False)
class Books:
    """One company's books at the provider."""

    tenant: str
    chance: random.Random
    rows: dict[Kind, list[Row]] = field(factory=lambda: {kind: [] for kind in KINDS})

    def fill(self, now: datetime, counts: dict[Kind, int]) -> None:
        """The books as the company brings them."""
        for kind, count in counts.items():
            for _ in range(count):
                self.create(kind, now - timedelta(days=self.chance.uniform(1, 300)), now - timedelta(days=1))

    def create(self, kind: Kind, modified: datetime, seen_from: datetime) -> Row:
        """A new row, anywhere in the order of ids."""
        identity = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        row = Row(kind, identity, self.chance.randrange(2), [Version(1, modified, seen_from)])
        self.rows[kind].append(row)
        return row

    def update(self, row: Row, modified: datetime, seen_from: datetime, *, gone: bool = False) -> None:
        """A new version. It is never dated or shown before the last one: no list forgets a change."""
        modified, seen_from = max(modified, row.now.modified), max(seen_from, row.now.seen_from)
        row.versions.append(Version(row.now.number + 1, modified, seen_from, gone or row.now.gone))

    def vanish(self, row: Row) -> None:
        """No list shows it any more: only a whole reading can tell."""
        row.vanished = True

    def vanished(self, kind: Kind) -> int:
        """How many rows have gone so."""
        return sum(row.vanished for row in self.rows[kind])

    def listed(self, kind: Kind, now: datetime, since: datetime | None) -> list[Row]:
        """What a list holds now, in the order of ids."""
        shown = [(row, row.at(now)) for row in self.rows[kind] if not row.vanished]
        found = [row for row, v in shown if v is not None and (since is None or v.modified >= since)]
        return sorted(found, key=lambda row: row.id)

    def living(self, kind: Kind) -> list[Row]:
        """Rows that may still change."""
        return [row for row in self.rows[kind] if not row.vanished and not row.now.gone]


def net_date(moment: datetime) -> str:
    """Xero's way to write a moment."""
    return f"/Date({round(moment.timestamp() * 1000)}+0000)/"
