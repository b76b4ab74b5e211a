"""The lines of Xero's invoices and credit notes. Source: providers §§5 nos. 20-26, 6.3."""

from decimal import Decimal
from typing import TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.words import Doubts, account_of, account_ref, tax_rate_of
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
    TrackingCategoryRef,
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
    told = (source.LineAmountTypes or "EXCLUSIVE").upper()
    if told not in ("EXCLUSIVE", "INCLUSIVE", "NOTAX"):
        doubts.warn("$.LineAmountTypes", "no word that this mapping knows; read as Exclusive")
    inclusive = told == "INCLUSIVE"
    return tuple(
        [
            _line(kind, tracking, item, place, inclusive, books, doubts)
            for place, item in enumerate(source.LineItems or ())
        ]
    )


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
    amount, tax = source.LineAmount, source.TaxAmount
    if inclusive:
        net, gross = None if amount is None or tax is None else minus(amount, tax), amount
    else:
        net, gross = amount, None if amount is None or tax is None else plus(amount, tax)
    account, rate = source.AccountID, source.TaxType
    categories = _categories(source, place, doubts) if source.Tracking else ()
    line: L = kind(
        description=source.Description or None,
        quantity=quantity,
        unitAmount=unit,
        discountAmount=source.DiscountAmount,
        discountPercentage=source.DiscountRate,
        subTotal=net,
        taxAmount=tax,
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


def _categories(source: wire.LineItem, place: int, doubts: Doubts) -> tuple[TrackingCategoryRef, ...]:
    """The option of each tracking category; the category itself where the option has no id."""
    found = []
    for number, told in enumerate(source.Tracking or ()):
        if told.TrackingOptionID:
            found.append(written.TrackingCategoryRef(id=told.TrackingOptionID, name=told.Option or None))
            continue
        path = f"$.LineItems[{place}].Tracking[{number}].TrackingOptionID"
        if told.TrackingCategoryID:
            doubts.warn(path, "the option has no id: its category is named")
            found.append(written.TrackingCategoryRef(id=told.TrackingCategoryID, name=told.Name or None))
        else:
            doubts.warn(path, "neither the option nor its category has an id: left out")
    return tuple(found)
