"""What was open of invoices, bills, credits and payments on a day, worked out from what is open now.

A document tells what is left of it now (`amountDue`, `remainingCredit`), and that is believed: it knows of
discounts, write-offs and tax held back that no list of payments tells. What was set against it on the day or
later is put back; of what nobody tells the day, or the amount, it is not. Drafts, void documents and records
that are gone never count.

A settlement has two sides that may bear different days (an invoice at Xero tells a credit note's own day, the
credit note when it was used). One day counts for both, the side's that gives; else money would be counted
twice between the two. Where a document tells no amounts (QuickBooks), those of the payments' links count.

Of a payment what is set against nothing is open, as money on account. Source: api-contract §3 (signs), §3.1.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from attrs import define, field, frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.money import ZERO, minus, negated, plus


@frozen
class Side:
    """The ledger of those who owe, or of those who are owed: its data types, and the words of its report."""

    documents: DataType
    credits: DataType
    payments: DataType
    contacts: DataType
    words: tuple[str, str, str]  #: of documents, credits, payments

    @property
    def data_types(self) -> tuple[DataType, DataType, DataType]:
        """What has to be read for it, in the order in which it is counted."""
        return self.payments, self.credits, self.documents


DEBTORS: Final = Side(
    "invoices", "creditNotes", "payments", "customers", ("Invoices", "CreditNotes", "Payments")
)
CREDITORS: Final = Side(
    "bills", "billCreditNotes", "billPayments", "suppliers", ("Bills", "BillCreditNotes", "BillPayments")
)


class Party(msgspec.Struct, frozen=True, gc=False):
    """A customer or a supplier, as documents name it."""

    id: str | None = None
    companyName: str | None = None
    supplierName: str | None = None

    @property
    def name(self) -> str | None:
        """What it is called."""
        return self.companyName or self.supplierName


_NOBODY: Final = Party()


class _Metadata(msgspec.Struct, gc=False):
    isDeleted: bool = False


class _Allocation(msgspec.Struct, gc=False):
    allocatedOnDate: str | None = None
    totalAmount: Decimal | None = None


class _Allocated(msgspec.Struct, gc=False):
    id: str | None = None
    paidOnDate: str | None = None


class _Settlement(msgspec.Struct, gc=False):
    allocation: _Allocation
    payment: _Allocated


class _Document(msgspec.Struct, gc=False):
    id: str
    totalAmount: Decimal
    metadata: _Metadata
    status: str | None = None
    issueDate: str | None = None
    currency: str | None = None
    amountDue: Decimal | None = None
    remainingCredit: Decimal | None = None
    customerRef: Party | None = None
    supplierRef: Party | None = None
    paymentAllocations: list[_Settlement] = []


class _Link(msgspec.Struct, gc=False):
    type: str
    id: str | None = None
    amount: Decimal | None = None


class _Line(msgspec.Struct, gc=False):
    amount: Decimal
    links: list[_Link] = []
    allocatedOnDate: str | None = None


class _Payment(msgspec.Struct, gc=False):
    id: str
    date: str
    metadata: _Metadata
    currency: str | None = None
    customerRef: Party | None = None
    supplierRef: Party | None = None
    lines: list[_Line] = []


_DOCUMENTS: Final = msgspec.json.Decoder(list[_Document])
_PAYMENTS: Final = msgspec.json.Decoder(list[_Payment])
#: Not in the books (yet, or any more).
_NOT_POSTED: Final = frozenset({"Draft", "Void"})
#: Set against nothing.
_ON_ACCOUNT: Final = frozenset({"PaymentOnAccount", "Unlinked"})


@define
class OpenAmount:
    """Something open: positive where the company's customer, or the company itself, owes it."""

    party: Party
    currency: str | None
    day: str | None  #: the day that the document bears, ISO 8601
    amount: Decimal


@define(eq=False)
class OpenAmounts:
    """One connection's ledger on the eve of a day. Give it all payments, then credits, then documents.

    Each is a JSON array of stored records. Cost: 5 µs a record; memory for what is on account, for every
    credit's use, and for what was settled on the day or later.
    """

    until: str  #: the day after the last that counts: `2026-04-01`
    _later: dict[str, Decimal] = field(factory=dict, init=False)  #: links' sum by document, since the day
    #: What a credit or a payment on account gave to a document since the day, by both ids.
    _given: dict[tuple[str, str], Decimal] = field(factory=dict, init=False)
    _on_account: dict[str, OpenAmount] = field(factory=dict, init=False)  #: by payment
    _used: dict[str, Decimal] = field(factory=dict, init=False)  #: of money on account, by its id
    _same: dict[str, str] = field(factory=dict, init=False)  #: other ids of money on account: its payment

    def payments(self, batch: bytes) -> None:
        """Count payments or bill payments."""
        for payment in _PAYMENTS.decode(batch):
            if not payment.metadata.isDeleted:
                self._payment(payment)

    def on_account(self) -> Iterator[OpenAmount]:
        """What is on account, when all payments are counted."""
        for identity, amount in self._used.items():
            held = self._on_account.get(self._same.get(identity, identity))
            if held is not None:  # else it was never counted here: a cheque, an opening balance
                held.amount = plus(held.amount, amount)
        yield from (held for held in self._on_account.values() if held.amount)

    def credits(self, batch: bytes) -> Iterator[OpenAmount]:
        """What is open of credit notes or bill credit notes."""
        for credit in _posted(batch):
            left = credit.remainingCredit
            used = _told(credit.paymentAllocations)
            if left is None:
                left = minus(credit.totalAmount, _sum(used))
            if used:
                left = plus(left, self._given_later(credit, used))
            else:
                left = plus(left, self._later.get(credit.id, ZERO))
            if left and not self._is_later(credit.issueDate):
                yield _open(credit, negated(left))

    def documents(self, batch: bytes) -> Iterator[OpenAmount]:
        """What is open of invoices or bills."""
        for document in _posted(batch):
            if self._is_later(document.issueDate):
                continue
            due = document.amountDue
            settled = _told(document.paymentAllocations)
            if due is None:
                due = plus(document.totalAmount, _sum(settled))
            if settled:
                later = self._settled_later(document, settled)
            else:
                later = negated(self._later.get(document.id, ZERO))
            if later:
                due = plus(due, later)
            if due:
                yield _open(document, due)

    def _is_later(self, told: str | None) -> bool:
        return told is not None and told[:10] >= self.until

    def _payment(self, payment: _Payment) -> None:
        is_here = not self._is_later(payment.date)
        days = {(line.allocatedOnDate or payment.date)[:10] for line in payment.lines}
        is_set_later = days != {payment.date[:10]}
        for line in payment.lines:
            is_later = self._is_later(line.allocatedOnDate or payment.date)
            for link in line.links:
                amount = link.amount
                if amount is None:
                    if len(line.links) > 1:
                        continue  # how much is for each is not told
                    amount = negated(line.amount)
                if link.type in _ON_ACCOUNT:
                    if is_here:
                        self._hold(payment, link.id, amount)
                    continue
                if link.id and is_later:
                    self._later[link.id] = plus(self._later.get(link.id, ZERO), amount)
                if link.id and is_set_later:
                    pair = (link.id, payment.id)
                    given = negated(amount) if is_later else ZERO
                    self._given[pair] = plus(self._given.get(pair, ZERO), given)
                if is_here and is_later:
                    self._hold(payment, None, amount)

    def _hold(self, payment: _Payment, identity: str | None, amount: Decimal) -> None:
        """Money on account, or what was used of it where `identity` says whose."""
        if identity is not None and amount > 0:
            self._used[identity] = plus(self._used.get(identity, ZERO), amount)
            return
        if identity is not None:
            self._same[identity] = payment.id
        held = self._on_account.get(payment.id)
        if held is None:
            party = payment.customerRef or payment.supplierRef or _NOBODY
            held = OpenAmount(party, payment.currency, payment.date, ZERO)
            self._on_account[payment.id] = held
        held.amount = plus(held.amount, amount)

    def _given_later(self, credit: _Document, used: Sequence[_Settlement]) -> Decimal:
        """What a credit gave on the day and since; remembered for the documents that it gave it to."""
        total = ZERO
        for each in used:
            amount = each.allocation.totalAmount or ZERO
            given = amount if self._is_later(_day(each)) else ZERO
            total = plus(total, given)
            if each.payment.id:
                pair = (each.payment.id, credit.id)
                self._given[pair] = plus(self._given.get(pair, ZERO), given)
        return total

    def _settled_later(self, document: _Document, settled: Sequence[_Settlement]) -> Decimal:
        total, told = ZERO, set[str]()
        for each in settled:
            giver = each.payment.id
            given = self._given.get((document.id, giver)) if giver and self._given else None
            if given is None:
                if self._is_later(_day(each)):
                    total = minus(total, each.allocation.totalAmount or ZERO)
            elif giver not in told:
                told.add(giver or "")
                total = plus(total, given)
        return total


def _posted(batch: bytes) -> Iterator[_Document]:
    for document in _DOCUMENTS.decode(batch):
        if not document.metadata.isDeleted and document.status not in _NOT_POSTED:
            yield document


def _told(settlements: Sequence[_Settlement]) -> Sequence[_Settlement]:
    """A document's own list, where it tells every amount; else none of it."""
    for each in settlements:
        if each.allocation.totalAmount is None:
            return ()
    return settlements


def _day(settlement: _Settlement) -> str | None:
    return settlement.allocation.allocatedOnDate or settlement.payment.paidOnDate


def _sum(settlements: Sequence[_Settlement]) -> Decimal:
    total = ZERO
    for each in settlements:
        total = plus(total, each.allocation.totalAmount or ZERO)
    return total


def _open(document: _Document, amount: Decimal) -> OpenAmount:
    party = document.customerRef or document.supplierRef or _NOBODY
    return OpenAmount(party, document.currency, document.issueDate, amount)
