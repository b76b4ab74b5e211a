"""A company whose books are recorded answers of the provider's: its raw rows, as they came.

The folder is laid out as `<provider>/<Entity>/*.json` with an `INDEX.json` beside. Rows of lists and
single records are gathered, one an id: the last one, but never one without lines over one with.
Rows without an id are left out. Source: design.md §6, `--replay`.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
from attrs import define, frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.truth import Truth, contact_types
from tallystick.connectors.xero.sandbox.dialect import View
from tallystick.connectors.xero.sandbox.resources import RESOURCES, Resource
from tallystick.connectors.xero.sandbox.rows import Row, in_order
from tallystick.connectors.xero.sandbox.truth import empty_truth
from tallystick.errors import ConfigurationInvalid

_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_NET_DATE: Final = re.compile(r"/Date\((-?\d+)")
_DOCUMENTS: Final = {
    "ACCREC": "invoices",
    "ACCPAY": "bills",
    "ACCRECCREDIT": "creditNotes",
    "ACCPAYCREDIT": "billCreditNotes",
}
_PAYMENTS: Final = {
    "ACCRECPAYMENT": ("payments", 1),
    "ARCREDITPAYMENT": ("payments", -1),
    "AROVERPAYMENTPAYMENT": ("payments", -1),
    "ARPREPAYMENTPAYMENT": ("payments", -1),
    "ACCPAYPAYMENT": ("billPayments", 1),
    "APCREDITPAYMENT": ("billPayments", -1),
    "APOVERPAYMENTPAYMENT": ("billPayments", -1),
    "APPREPAYMENTPAYMENT": ("billPayments", -1),
}


@frozen(eq=False)
class RecordedRow:
    """A row as it was recorded, to the byte; no view changes it."""

    id: str
    updated_ms: int | None
    raw: bytes

    def fields(self) -> dict[str, Any]:
        """Its fields, numbers exact."""
        found: dict[str, Any] = _DECODER.decode(self.raw)
        return found

    def body(self, view: View) -> bytes:
        """The recorded bytes."""
        del view
        return self.raw


@define(eq=False)
class RecordedRows:
    """See `rows.Rows`. Recorded answers never change."""

    lists: dict[str, list[Row]]

    @property
    def revision(self) -> int:
        """Always the same."""
        return 0

    def of(self, resource: Resource) -> list[Row]:
        """See `Rows.of`."""
        return self.lists.get(resource.name, [])

    def truth(self) -> Truth:
        """Counted by the same rules as made-up books. A row whose type nobody knows is not counted."""
        truth = empty_truth()
        for name, rows in self.lists.items():
            for row in rows:
                _count(truth, name, row.fields())
        return truth


def recorded_rows(folder: Path) -> RecordedRows:
    """All rows of the folder's `xero` part. Raises: `ConfigurationInvalid`."""
    index = folder / "INDEX.json"
    try:
        listed = msgspec.json.decode(index.read_bytes(), type=list[dict[str, Any]])
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationInvalid(message=f"--replay: {index} cannot be read: {error}") from error
    gathered: dict[str, dict[str, RecordedRow]] = {name.name: {} for name in RESOURCES.values()}
    for entry in listed:
        good = entry.get("kind") == "response" and entry.get("status") == 200
        if entry.get("provider") == "xero" and good and entry.get("file"):
            _gather(folder / str(entry["file"]), gathered)
    return RecordedRows({name: sorted(rows.values(), key=in_order) for name, rows in gathered.items()})


def _gather(file: Path, gathered: dict[str, dict[str, RecordedRow]]) -> None:
    resource = RESOURCES.get(file.parent.name.lower())
    if resource is None:
        return
    try:
        body = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
        rows = msgspec.json.decode(body.get(resource.name, b"[]"), type=list[msgspec.Raw])
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationInvalid(message=f"--replay: {file} cannot be read: {error}") from error
    for raw in rows:
        fields = _DECODER.decode(raw)
        id_ = fields.get(resource.id_field)
        if not isinstance(id_, str) or not id_:
            continue
        known = gathered[resource.name].get(id_)
        if known is not None and known.fields().get("LineItems") and not fields.get("LineItems"):
            continue
        if resource.name == "Organisations":  # a tenant is one organisation
            gathered[resource.name].clear()
        date = _NET_DATE.match(str(fields.get("UpdatedDateUTC", "")))
        gathered[resource.name][id_] = RecordedRow(id_, int(date[1]) if date else None, bytes(raw))


def _count(truth: Truth, name: str, row: dict[str, Any]) -> None:
    deleted = row.get("Status") == "DELETED"
    match name:
        case "Organisations":
            truth.count(["company"])
        case "Accounts":
            bank = ["bankAccounts"] if row.get("Type") == "BANK" else []
            truth.count(["chartOfAccounts", *bank], deleted=deleted)
        case "TaxRates":
            truth.count(["taxRates"], deleted=deleted)
        case "Items":
            truth.count(["items"], deleted=deleted)
        case "Contacts":
            types = contact_types(
                is_customer=bool(row.get("IsCustomer")), is_supplier=bool(row.get("IsSupplier"))
            )
            truth.count(types)
        case "Invoices" | "CreditNotes":
            data_type = _DOCUMENTS.get(str(row.get("Type")))
            if data_type is not None:
                truth.count([data_type], deleted=deleted, amount=Decimal(row.get("Total", 0)))
        case "PurchaseOrders":
            truth.count(["purchaseOrders"], deleted=deleted, amount=Decimal(row.get("Total", 0)))
        case "TrackingCategories":
            for each in (row, *row.get("Options", ())):
                truth.count(["trackingCategories"], deleted=deleted or each.get("Status") == "DELETED")
        case _:
            _count_money(truth, name, row, deleted=deleted)


def _count_money(truth: Truth, name: str, row: dict[str, Any], *, deleted: bool) -> None:
    match name:
        case "Overpayments" | "Prepayments":  # money on account is a payment, and void is gone
            data_type = "billPayments" if str(row.get("Type")).startswith("SPEND") else "payments"
            gone = row.get("Status") in {"VOIDED", "DELETED"}
            truth.count([data_type], deleted=gone, amount=Decimal(row.get("Total", 0)))
        case "Payments":
            _count_payment(truth, row, deleted=deleted)
        case "BankTransactions":
            _count_movement(truth, row, deleted=deleted)
        case "BankTransfers":
            truth.count(["transfers"], deleted=deleted, amount=Decimal(row.get("Amount", 0)))
        case "ManualJournals" if row.get("Status") != "DRAFT":
            gone = row.get("Status") in {"VOIDED", "DELETED"}
            truth.count(["journalEntries"], deleted=gone, amount=_debits(row))


def _count_payment(truth: Truth, row: dict[str, Any], *, deleted: bool) -> None:
    data_type, sign = _PAYMENTS.get(str(row.get("PaymentType")), (None, 1))
    if data_type is None:
        return
    truth.count([data_type], deleted=deleted, amount=sign * Decimal(row.get("Amount", 0)))
    if row.get("Account"):
        into = sign if data_type == "payments" else -sign
        moved = Decimal(row.get("BankAmount", row.get("Amount", 0)))
        truth.count(["accountTransactions"], deleted=deleted, amount=into * moved)


def _count_movement(truth: Truth, row: dict[str, Any], *, deleted: bool) -> None:
    kind, total = str(row.get("Type")), Decimal(row.get("Total", 0))
    gone = row.get("Status") in {"VOIDED", "DELETED"}
    moved = total if kind.startswith("RECEIVE") else -total
    truth.count(["bankTransactions"], deleted=gone, amount=moved)
    truth.count(["accountTransactions"], deleted=deleted, amount=moved)  # one that is void says so
    direct = {"RECEIVE": "directIncomes", "SPEND": "directCosts"}.get(kind)
    if direct is not None:
        truth.count([direct], deleted=gone, amount=total)


def _debits(row: dict[str, Any]) -> Decimal:
    """What is debited in a manual journal, its tax among it."""
    lines = row.get("JournalLines", ())
    taxes = [Decimal(line.get("TaxAmount", 0)) for line in lines]
    amounts = [Decimal(line.get("LineAmount", 0)) for line in lines]
    if str(row.get("LineAmountTypes")).upper() == "INCLUSIVE":
        amounts = [amount - tax for amount, tax in zip(amounts, taxes, strict=True)]
    return sum((max(amount, ZERO) for amount in (*amounts, sum(taxes, ZERO))), ZERO)
