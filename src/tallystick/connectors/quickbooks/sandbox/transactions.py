"""What QuickBooks' companies have posted, transaction by transaction, under the ids and words of QuickBooks.

Of the books' own ledger, in the company's own currency. A sum of money for several documents is one
transaction; a credit that was set against a document is one, also where nothing was posted by it.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import define, field

from tallystick.connectors.quickbooks.sandbox.numbering import customer_key, link_key, vendor_key
from tallystick.connectors.quickbooks.sandbox.render_bank import entity_of, payment_type
from tallystick.connectors.quickbooks.sandbox.render_money import LINKS_CREDITS
from tallystick.connectors.quickbooks.sandbox.rows import CompanyRows
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import CREDITS, SALES, DocumentKind
from tallystick.connectors.sandbox.postings import Entry, entries

_WORDS: Final[dict[DocumentKind, str]] = {
    "invoice": "Invoice",
    "bill": "Bill",
    "credit_note": "Credit Memo",
    "bill_credit_note": "Vendor Credit",
}
_RECEIPTS: Final = {"SalesReceipt": "Sales Receipt", "RefundReceipt": "Refund", "Deposit": "Deposit"}


@define(eq=False, kw_only=True)
class Transaction:
    """One transaction: account's id, amount (a debit is positive) and memo of each side."""

    number: str
    word: str
    day: date
    doc_number: str = ""
    name: tuple[str, str] = ("", "")  #: id and name of whom it is with
    sides: list[tuple[str, Decimal, str]] = field(factory=list)

    @property
    def debits(self) -> Decimal:
        """What all debits come to."""
        return sum((amount for _, amount, _ in self.sides if amount > 0), ZERO)


def transactions(rows: CompanyRows) -> Sequence[Transaction]:
    """All of them by their day, those of a day by their ids. Cost: reads all books."""
    found: dict[str, Transaction] = {}
    links = {link.number: link for link in _links(rows)}
    for entry in entries(rows.books):
        number, word, document_number = _who(rows, entry)
        if entry.kind == "settlement":
            # A credit's difference of exchange is on the payment of nothing that set it against the document.
            # That of money on account is told by itself: the payment is of another day.
            word = links[number].word if number in links else "Exchange Gain or Loss"
        told = found.get(number)
        if told is None:
            told = found[number] = Transaction(
                number=number,
                word=word,
                day=entry.posted_on,
                doc_number=document_number,
                name=_name(rows, entry, word),
            )
        told.sides += [(each.account_id, each.amount, each.description) for each in entry.postings]
    for link in links.values():
        found.setdefault(link.number, link)
    return sorted(found.values(), key=lambda each: (each.day, int(each.number)))


def _who(rows: CompanyRows, entry: Entry) -> tuple[str, str, str]:
    """Id, word and number of an entry's transaction."""
    books, parts, id_ = rows.books, rows.parts, entry.source_id
    match entry.kind:
        case "payment":
            payment = books.payments[id_]
            id_ = payment.batch_id or id_
            if payment.kind in CREDITS:
                return parts.number(id_), "Check" if payment.kind in SALES else "Deposit", ""
            return parts.number(id_), _paid(rows, payment.account_id, sales=payment.kind in SALES), ""
        case "on_account":
            source = books.on_account[id_]
            return parts.number(id_), _paid(rows, source.account_id, sales=source.side == "sales"), ""
        case "settlement":
            return parts.number(id_), "", ""
        case "bank_transaction":
            transaction = books.bank_transactions[id_]
            kind = entity_of(transaction)
            if kind == "Purchase":
                word = "Check" if payment_type(parts, transaction) == "Check" else "Expense"
                return parts.number(id_), word, transaction.number
            return parts.number(id_), _RECEIPTS[kind], "" if kind == "Deposit" else transaction.number
        case "transfer":
            return parts.number(id_), "Transfer", ""
        case "journal":
            return parts.number(id_), "Journal Entry", books.manual_journals[id_].number
        case _:
            document = books.documents[id_]
            return parts.number(id_), _WORDS[document.kind], document.number


def _paid(rows: CompanyRows, account_id: str, *, sales: bool) -> str:
    if sales:
        return "Payment"
    by_card = rows.books.accounts[account_id].bank_kind == "credit_card"
    return "Bill Payment (Credit Card)" if by_card else "Bill Payment (Check)"


def _name(rows: CompanyRows, entry: Entry, word: str) -> tuple[str, str]:
    contact = rows.books.contacts.get(entry.contact_id or "")
    if contact is None:
        return "", ""
    bought = word in {"Bill", "Vendor Credit", "Expense"} or word.startswith("Bill Payment")
    key = vendor_key(contact.id) if bought else customer_key(contact.id)
    return rows.numbers.of("Name", key), contact.name


def _links(rows: CompanyRows) -> list[Transaction]:
    """Payments of nothing: they name the control account, and post nothing to it."""
    books, found = rows.books, []
    for id_, allocations in books.allocations_of.items():
        kind = books.documents[id_].kind
        if kind in CREDITS:  # each stands at both of its documents
            found += [_link(rows, each.id, each.made_on, sales=kind in SALES) for each in allocations]
    for payment in books.payments.values():
        if payment.kind in CREDITS and payment.status == "authorised":
            sales = payment.kind in SALES
            found.append(_link(rows, link_key(payment.id), payment.paid_on, sales=sales))
    return found


def _link(rows: CompanyRows, id_: str, day: date, *, sales: bool) -> Transaction:
    control = rows.books.system_account("DEBTORS" if sales else "CREDITORS")
    return Transaction(
        number=rows.parts.number(id_),
        word="Payment" if sales else "Bill Payment (Check)",
        day=day,
        sides=[(control.id, ZERO, LINKS_CREDITS)],
    )
