"""The lines of Xero's documents. Source: providers §§5 nos. 20-26, 6.3."""

from decimal import Decimal
from typing import Any, TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import wire, wire_bank
from tallystick.connectors.xero.tracking import category_refs
from tallystick.connectors.xero.words import account_of, account_ref, tax_rate_of
from tallystick.standard import (
    ONE,
    ZERO,
    BillCreditNoteLineItem,
    BillLineItem,
    CreditNoteLineItem,
    InvoiceLineItem,
    ItemRef,
    PayableTracking,
    ReceivableTracking,
    minus,
    plus,
    written,
)

L = TypeVar("L", InvoiceLineItem, CreditNoteLineItem, BillLineItem, BillCreditNoteLineItem)
T = TypeVar("T", ReceivableTracking, PayableTracking)


def lines(
    kind: type[L],
    tracking: type[T],
    source: wire.Invoice | wire.CreditNote,
    books: Books,
    doubts: Doubts,
) -> tuple[L, ...]:
    """A document's lines, in its order; none where Xero left them out."""
    inclusive = holds_tax(source.LineAmountTypes, doubts)
    return tuple(
        [
            _line(kind, tracking, item, place, inclusive, books, doubts)
            for place, item in enumerate(source.LineItems or ())
        ]
    )


def holds_tax(told: str | None, doubts: Doubts) -> bool:
    """Whether line amounts hold their tax, by a document's `LineAmountTypes`."""
    word = (told or "EXCLUSIVE").upper()
    if word not in ("EXCLUSIVE", "INCLUSIVE", "NOTAX"):
        doubts.warn("$.LineAmountTypes", "no word that this mapping knows; read as Exclusive")
    return word == "INCLUSIVE"


def fields_of_lines(
    source: wire.PurchaseOrder | wire_bank.BankTransaction, books: Books, doubts: Doubts
) -> list[dict[str, Any]]:
    """What the lines of orders and of direct costs and incomes have in common, by the model's field names."""
    inclusive = holds_tax(source.LineAmountTypes, doubts)
    return [
        _fields(line, f"$.LineItems[{place}]", inclusive, books, doubts)
        for place, line in enumerate(source.LineItems or ())
    ]


def _fields(
    source: wire.LineItem, path: str, inclusive: bool, books: Books, doubts: Doubts
) -> dict[str, Any]:
    quantity, unit = source.Quantity, source.UnitAmount
    if quantity is None or unit is None:
        quantity, unit = _quantity_and_price(source)
    net, gross = _net_and_gross(source, inclusive)
    return {
        "description": source.Description or None,
        "quantity": quantity,
        "unitAmount": unit,
        "discountAmount": source.DiscountAmount,
        "discountPercentage": source.DiscountRate,
        "subTotal": net,
        "taxAmount": source.TaxAmount,
        "totalAmount": gross,
        "accountRef": account_ref(source.AccountID, source.AccountCode, books, f"{path}.AccountCode", doubts),
        "taxRateRef": tax_rate_of(source.TaxType) if source.TaxType else None,
        "itemRef": _item_ref(source) if source.Item or source.ItemCode else None,
        "trackingCategoryRefs": category_refs(source.Tracking, f"{path}.Tracking", doubts),
    }


def _net_and_gross(source: wire.LineItem, inclusive: bool) -> tuple[Decimal | None, Decimal | None]:
    amount, tax = source.LineAmount, source.TaxAmount
    if inclusive:
        return None if amount is None or tax is None else minus(amount, tax), amount
    return amount, None if amount is None or tax is None else plus(amount, tax)


def _line(
    kind: type[L],
    tracking: type[T],
    source: wire.LineItem,
    place: int,
    inclusive: bool,
    books: Books,
    doubts: Doubts,
) -> L:
    quantity, unit = source.Quantity, source.UnitAmount
    if quantity is None or unit is None:
        quantity, unit = _quantity_and_price(source)
    net, gross = _net_and_gross(source, inclusive)
    account, rate = source.AccountID, source.TaxType
    categories = (
        category_refs(source.Tracking, f"$.LineItems[{place}].Tracking", doubts) if source.Tracking else ()
    )
    line: L = kind(
        description=source.Description or None,
        quantity=quantity,
        unitAmount=unit,
        discountAmount=source.DiscountAmount,
        discountPercentage=source.DiscountRate,
        subTotal=net,
        taxAmount=source.TaxAmount,
        totalAmount=gross,
        accountRef=account_of(account)
        if account
        else account_ref(None, source.AccountCode, books, f"$.LineItems[{place}].AccountCode", doubts),
        taxRateRef=tax_rate_of(rate) if rate else None,
        itemRef=_item_ref(source) if source.Item or source.ItemCode else None,
        trackingCategoryRefs=categories,
        tracking=tracking(  # type: ignore[arg-type] # the side of the line and of its tracking agree
            categoryRefs=categories, isBilledTo="NotApplicable", isRebilledTo="NotApplicable"
        )
        if categories
        else None,
    )
    return line


def _quantity_and_price(source: wire.LineItem) -> tuple[Decimal, Decimal]:
    """Where one is missing: an amount is one of it, and a line of text is nothing of nothing."""
    if source.LineAmount:
        return ONE, source.LineAmount
    return source.Quantity or ZERO, source.UnitAmount or ZERO


def _item_ref(source: wire.LineItem) -> ItemRef | None:
    if source.Item is not None and source.Item.ItemID:
        return written.ItemRef(id=source.Item.ItemID, name=source.Item.Name or None)
    return written.ItemRef(id=source.ItemCode) if source.ItemCode else None
