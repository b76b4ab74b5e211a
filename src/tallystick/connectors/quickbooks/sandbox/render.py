"""Transactions as QuickBooks writes them: one function an entity, one dict a record.

Written from the provider's own documents, apart from the connector's mapping. Amounts stay `Decimal`; the
encoder writes them digit for digit. Source: providers.md §§2.3, 5 nos. 42-45, 51, 52, 6.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.quickbooks.sandbox.dialect import BASES, exchange_rate, plain, ref
from tallystick.connectors.quickbooks.sandbox.numbering import Numbering, customer_key, vendor_key
from tallystick.connectors.quickbooks.sandbox.render_lists import entity
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import (
    CREDITS,
    SALES,
    Account,
    Allocation,
    Books,
    Document,
    Line,
    Payment,
)

_SEVEN: Final = Decimal("0.0000001")


@frozen
class Renderer:
    """One company's books and the numbers of their records."""

    books: Books
    numbers: Numbering

    def document(self, source: Document) -> dict[str, Any]:
        """An invoice, a credit memo, a bill or a vendor credit. There are no drafts: they stand as open."""
        void = source.status == "voided"
        sale = source.kind in SALES
        lines = [self._line(source, line, place, void) for place, line in enumerate(source.lines, 1)]
        if sale:
            lines += _sums(source, lines, void)
        due = ZERO if void else source.due
        row = {
            **entity(self.numbers.of("Txn", source.id), source.updated_at),
            "DocNumber": source.number,
            "TxnDate": source.issued_on.isoformat(),
            **self._currency(source.currency, source.rate),
            "Line": lines,
            **self._party(source),
            "TotalAmt": ZERO if void else source.total,
            "Balance": due,
            "GlobalTaxCalculation": BASES[source.basis],
            "LinkedTxn": self._links(source),
        }
        if source.basis != "no_tax":
            row["TxnTaxDetail"] = self._taxes(source, void)
        if source.kind not in CREDITS:
            row["DueDate"] = source.due_on.isoformat()
        if source.kind == "credit_note":
            row["RemainingCredit"] = due
        note = source.reference if not void else f"Voided {source.reference}".strip()
        if note:
            row["PrivateNote"] = note
        return row

    def _party(self, source: Document) -> dict[str, Any]:
        contact = self.books.contacts[source.contact_id]
        if source.kind in SALES:
            return {"CustomerRef": ref(self.numbers.of("Name", customer_key(contact.id)), contact.name)}
        control = self._control("CREDITORS")
        return {
            "VendorRef": ref(self.numbers.of("Name", vendor_key(contact.id)), contact.name),
            "APAccountRef": self._account(control),
        }

    def _line(self, source: Document, line: Line, place: int, void: bool) -> dict[str, Any]:
        """An amount is always net; where prices hold the tax, the gross is told beside it (quirk 45)."""
        inclusive = source.basis == "inclusive"
        sale = source.kind in SALES
        amount = line.amount - line.tax if inclusive else line.amount + line.discount
        detail: dict[str, Any] = {"TaxCodeRef": ref(self.numbers.of("TaxCode", line.tax_code))}
        account = self._account(self.books.accounts[line.account_id])
        item = self.books.items.get(line.item_id) if line.item_id else None
        if line.item_id:
            number = self.numbers.of("Item", line.item_id)
            detail["ItemRef"] = ref(number, item.name if item is not None else line.description)
        if sale or line.item_id:
            price = (amount / line.quantity).quantize(_SEVEN) if inclusive else line.unit_price
            detail |= {"Qty": plain(line.quantity), "UnitPrice": price}
        if sale:
            kind = "SalesItemLineDetail"
            detail["ItemAccountRef"] = account
        elif line.item_id:
            kind = "ItemBasedExpenseLineDetail"
            detail["BillableStatus"] = "NotBillable"
        else:
            kind = "AccountBasedExpenseLineDetail"
            detail |= {"AccountRef": account, "BillableStatus": "NotBillable"}
        if inclusive:
            detail["TaxInclusiveAmt"] = ZERO if void else line.amount
        return {
            "Id": str(place),
            "LineNum": place,
            "Description": line.description,
            "Amount": ZERO if void else amount,
            "DetailType": kind,
            kind: detail,
        }

    def _taxes(self, source: Document, void: bool) -> dict[str, Any]:
        found: dict[str, list[Decimal]] = {}
        for line in source.lines:
            net = line.amount - line.tax if source.basis == "inclusive" else line.amount
            sums = found.setdefault(line.tax_code, [ZERO, ZERO])
            sums[0] += line.tax
            sums[1] += net
        return {
            "TotalTax": ZERO if void else source.tax,
            "TaxLine": [
                {
                    "Amount": ZERO if void else tax,
                    "DetailType": "TaxLineDetail",
                    "TaxLineDetail": {
                        "TaxRateRef": ref(self.numbers.of("TaxCode", code)),
                        "PercentBased": True,
                        "TaxPercent": plain(self.books.tax_rates[code].percent),
                        "NetAmountTaxable": ZERO if void else net,
                    },
                }
                for code, (tax, net) in found.items()
            ],
        }

    def _links(self, source: Document) -> list[dict[str, str]]:
        """What settled a document, and what a credit settled is told by payments: ids, no amounts."""
        if source.kind in CREDITS:
            return []
        kind = "Payment" if source.kind in SALES else "BillPaymentCheck"
        ids = [payment.id for payment in self.books.live_payments(source.id)]
        ids += [allocation.id for allocation in self.books.allocations_of.get(source.id, ())]
        return [{"TxnId": self.numbers.of("Txn", id_), "TxnType": kind} for id_ in ids]

    def payment(self, source: Payment) -> dict[str, Any]:
        """Money from a customer."""
        document = self.books.documents[source.document_id]
        return {
            **self._received(document, source.rate),
            **entity(self.numbers.of("Txn", source.id), source.updated_at),
            "TxnDate": source.paid_on.isoformat(),
            "PaymentRefNum": source.reference,
            "DepositToAccountRef": self._account(self.books.accounts[source.account_id]),
            "TotalAmt": source.amount,
            "Line": [self._settles(document, source.amount)],
        }

    def credit_applied(self, source: Allocation) -> dict[str, Any]:
        """A credit memo that was set against an invoice: a payment of nothing (quirk 43)."""
        credit, document = self.books.documents[source.credit_id], self.books.documents[source.document_id]
        return {
            **self._received(document, document.rate),
            **entity(self.numbers.of("Txn", source.id), _noon(source.made_on)),
            "TxnDate": source.made_on.isoformat(),
            "PrivateNote": "Created by QB Online to link credits to charges.",
            "TotalAmt": ZERO,
            "Line": [self._settles(document, source.amount), self._settles(credit, source.amount)],
        }

    def _received(self, document: Document, rate: Decimal) -> dict[str, Any]:
        return {
            **self._party(document),
            **self._currency(document.currency, rate),
            "UnappliedAmt": ZERO,
            "ProcessPayment": False,
        }

    def bill_payment(self, source: Payment) -> dict[str, Any]:
        """Money to a vendor."""
        document = self.books.documents[source.document_id]
        return {
            **entity(self.numbers.of("Txn", source.id), source.updated_at),
            **self._spent(document, source.rate),
            "TxnDate": source.paid_on.isoformat(),
            "DocNumber": source.reference,
            "PayType": "Check",
            "CheckPayment": {
                "BankAccountRef": self._account(self.books.accounts[source.account_id]),
                "PrintStatus": "NotSet",
            },
            "TotalAmt": source.amount,
            "Line": [self._settles(document, source.amount)],
        }

    def vendor_credit_applied(self, source: Allocation) -> dict[str, Any]:
        """A vendor credit that was set against a bill: a payment of nothing."""
        credit, document = self.books.documents[source.credit_id], self.books.documents[source.document_id]
        return {
            **entity(self.numbers.of("Txn", source.id), _noon(source.made_on)),
            **self._spent(document, document.rate),
            "TxnDate": source.made_on.isoformat(),
            "PayType": "Check",
            "TotalAmt": ZERO,
            "Line": [self._settles(document, source.amount), self._settles(credit, source.amount)],
        }

    def _spent(self, document: Document, rate: Decimal) -> dict[str, Any]:
        return {**self._party(document), **self._currency(document.currency, rate)}

    def _settles(self, document: Document, amount: Decimal) -> dict[str, Any]:
        kinds = {
            "invoice": "Invoice",
            "credit_note": "CreditMemo",
            "bill": "Bill",
            "bill_credit_note": "VendorCredit",
        }
        link = {"TxnId": self.numbers.of("Txn", document.id), "TxnType": kinds[document.kind]}
        return {"Amount": amount, "LinkedTxn": [link]}

    def refund(self, source: Payment) -> dict[str, Any]:
        """Money back to a customer: a cheque to what customers owe."""
        document = self.books.documents[source.document_id]
        contact = self.books.contacts[document.contact_id]
        return {
            **entity(self.numbers.of("Txn", source.id), source.updated_at),
            "TxnDate": source.paid_on.isoformat(),
            **self._currency(document.currency, source.rate),
            "AccountRef": self._account(self.books.accounts[source.account_id]),
            "PaymentType": "Check",
            "EntityRef": ref(
                self.numbers.of("Name", customer_key(contact.id)), contact.name, type="Customer"
            ),
            "Credit": False,
            "TotalAmt": source.amount,
            "PrivateNote": source.reference,
            "Line": [
                {
                    "Id": "1",
                    "Amount": source.amount,
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {
                        "AccountRef": self._account(self._control("DEBTORS")),
                        "BillableStatus": "NotBillable",
                    },
                }
            ],
        }

    def refund_banked(self, source: Payment) -> dict[str, Any]:
        """Money back from a vendor: a deposit from what is owed to vendors."""
        document = self.books.documents[source.document_id]
        contact = self.books.contacts[document.contact_id]
        return {
            **entity(self.numbers.of("Txn", source.id), source.updated_at),
            "TxnDate": source.paid_on.isoformat(),
            **self._currency(document.currency, source.rate),
            "DepositToAccountRef": self._account(self.books.accounts[source.account_id]),
            "TotalAmt": source.amount,
            "PrivateNote": source.reference,
            "Line": [
                {
                    "Id": "1",
                    "LineNum": 1,
                    "Amount": source.amount,
                    "DetailType": "DepositLineDetail",
                    "DepositLineDetail": {
                        "Entity": ref(
                            self.numbers.of("Name", vendor_key(contact.id)), contact.name, type="VENDOR"
                        ),
                        "AccountRef": self._account(self._control("CREDITORS")),
                    },
                }
            ],
        }

    def _currency(self, currency: str, rate: Decimal) -> dict[str, Any]:
        return {"CurrencyRef": ref(currency), "ExchangeRate": exchange_rate(rate)}

    def _account(self, source: Account) -> dict[str, Any]:
        return ref(self.numbers.of("Account", source.id), source.name)

    def _control(self, system: str) -> Account:
        return next(each for each in self.books.accounts.values() if each.system == system)


def _sums(source: Document, lines: Iterable[dict[str, Any]], void: bool) -> list[dict[str, Any]]:
    """What stands among the lines and is none: their sum, and what was taken off it (quirk 44)."""
    whole = sum((line["Amount"] for line in lines), ZERO)
    found: list[dict[str, Any]] = [
        {"Amount": whole, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    ]
    if source.discount and source.basis != "inclusive" and not void:
        found.append(
            {
                "Amount": source.discount,
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": {"PercentBased": False},
            }
        )
    return found


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def tombstone(number: str, at: datetime) -> dict[str, Any]:
    """All that is told of a transaction that was deleted, and to CDC only (quirk 37)."""
    told = entity(number, at)
    return {
        "domain": "QBO",
        "status": "Deleted",
        "Id": number,
        "MetaData": {"LastUpdatedTime": told["MetaData"]["LastUpdatedTime"]},
    }
