"""FreeAgent's payments: explanations that pay an invoice or a bill, and credit notes set against invoices.

An explanation pays one document, in its bank account's currency; a refund is negative and its link positive.
A reconciliation moves no money: it is a payment of nothing whose links cancel each other out.
Source: providers §§2.5, 6.4; signs: the head of api-contract §3.
"""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire_bank
from tallystick.connectors.freeagent.explanations import CREDIT_NOTES
from tallystick.connectors.freeagent.keys import prefixed
from tallystick.connectors.freeagent.words import (
    PRESENT,
    account_of,
    day_or_entered,
    id_of,
    instant,
    list_of,
    own_id,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    AccountRef,
    BillPayment,
    Payment,
    StandardRecord,
    negated,
    written,
)

#: Where an explanation stands in its row.
AT: Final = "$.bank_transaction_explanation"


def payment(
    source: wire_bank.Explanation,
    accounts: wire_bank.Accounts,
    amount: Decimal,
    books: Books,
    doubts: Doubts,
) -> Payment:
    """Money from a customer, or back to one; FreeAgent does not name the customer."""
    paid = day_or_entered(source.dated_on, source.created_at, AT, "payment", doubts)
    document = id_of(source.paid_invoice)
    link = written.PaymentLineLink(
        type="CreditNote" if list_of(source.paid_invoice) == CREDIT_NOTES else "Invoice",
        id=document,
        amount=negated(_of_document(source, amount)),
        currencyRate=_link_rate(source, amount),
    )
    return written.Payment(
        id=own_id(source.url, f"{AT}.url"),
        accountRef=bank_ref(accounts.own),
        totalAmount=amount,
        currency=currency_of(accounts.own, books),
        date=paid,
        note=source.description or None,
        lines=(written.PaymentLine(amount=amount, allocatedOnDate=paid, links=(link,)),),
        reference=reference_of(source),
        sourceModifiedDate=instant(source.updated_at, f"{AT}.updated_at", doubts),
        metadata=PRESENT,
    )


def bill_payment(
    source: wire_bank.Explanation,
    accounts: wire_bank.Accounts,
    told: Decimal,
    books: Books,
    doubts: Doubts,
) -> BillPayment:
    """Money to a supplier, or back from one: then what was paid is a bill refund."""
    amount = negated(told)
    paid = day_or_entered(source.dated_on, source.created_at, AT, "payment", doubts)
    link = written.BillPaymentLineLink(
        type="CreditNote" if amount < ZERO else "Bill",
        id=id_of(source.paid_bill),
        amount=negated(_of_document(source, amount)),
        currencyRate=_link_rate(source, told),
    )
    return written.BillPayment(
        id=own_id(source.url, f"{AT}.url"),
        accountRef=bank_ref(accounts.own),
        totalAmount=amount,
        currency=currency_of(accounts.own, books),
        date=paid,
        note=source.description or None,
        lines=(written.BillPaymentLine(amount=amount, allocatedOnDate=paid, links=(link,)),),
        reference=reference_of(source),
        sourceModifiedDate=instant(source.updated_at, f"{AT}.updated_at", doubts),
        metadata=PRESENT,
    )


def reconciliation(source: wire_bank.Reconciliation, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note set against an invoice. Raises: `RecordRejected`."""
    doubts.data_type = "payments"
    if source.gross_value is None:
        raise RecordRejected(path="$.gross_value", reason="the reconciliation has no amount")
    amount = source.gross_value.copy_abs()
    made = day_or_entered(source.dated_on, source.created_at, "$", "reconciliation", doubts)
    links = (
        written.PaymentLineLink(type="Invoice", id=id_of(source.invoice), amount=negated(amount)),
        written.PaymentLineLink(type="CreditNote", id=id_of(source.credit_note), amount=amount),
    )
    for link, name in zip(links, ("invoice", "credit_note"), strict=True):
        if link.id is None:
            doubts.warn(f"$.{name}", "names no document")
    return [
        written.Payment(
            # Its list shares a data type with explanations: so its id has a word before it.
            id=prefixed("credit_note_reconciliations", own_id(source.url)),
            totalAmount=ZERO,
            currency=source.currency or books.base_currency,
            date=made,
            lines=(written.PaymentLine(amount=ZERO, allocatedOnDate=made, links=links),),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def currency_of(account: wire_bank.Account | None, books: Books) -> str | None:
    """The currency of an account; the books' own where it is not told."""
    return (account.currency if account is not None else None) or books.base_currency


def bank_ref(account: wire_bank.Account | None) -> AccountRef | None:
    """The ledger's account of one at the bank; the bank's own id where the ledger has none for it."""
    if account is None:
        return None
    found = account.code or id_of(account.url)
    return account_of(found) if found else None


def reference_of(source: wire_bank.Explanation) -> str | None:
    """What the movement is called on paper."""
    return source.receipt_reference or source.cheque_number or None


def _of_document(source: wire_bank.Explanation, amount: Decimal) -> Decimal:
    """What a payment is worth in the document's currency, by which what is due of it falls."""
    foreign = source.foreign_currency_value
    return foreign.copy_abs().copy_sign(amount) if foreign else amount


def _link_rate(source: wire_bank.Explanation, amount: Decimal) -> Decimal | None:
    """The document's currency for one of the bank account's, where they differ."""
    foreign = source.foreign_currency_value
    if not foreign or not amount:
        return None
    return foreign.copy_abs() / amount.copy_abs()
