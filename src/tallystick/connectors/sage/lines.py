"""The lines of Sage's documents. Source: providers §6.3."""

from decimal import Decimal
from typing import TypeVar

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire
from tallystick.connectors.sage.words import account_ref, categories, tax_rate_ref
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


def lines(kind: type[L], tracking: type[T], source: wire.Artefact, doubts: Doubts) -> tuple[L, ...]:
    """A document's lines, in its order, and after them what is charged for the delivery."""
    name, told = "invoice_lines", source.invoice_lines
    if told is None:
        name, told = "credit_note_lines", source.credit_note_lines
    found = [
        _line(kind, tracking, line, f"$.{name}[{place}]", doubts) for place, line in enumerate(told or ())
    ]
    if source.shipping_net_amount or source.shipping_total_amount:
        found.append(_delivery(kind, source))
    return tuple(found)


def entry_line(
    kind: type[L], tracking: type[T], source: wire.QuickEntry, figures: tuple[Decimal, Decimal, Decimal],
    doubts: Doubts,
) -> L:  # fmt: skip
    """The one line that a quick entry comes to; `figures` are its net, tax and total."""
    net, tax, total = figures
    refs = categories(source.analysis_type_categories, "$.analysis_type_categories", doubts)
    line: L = kind(
        description=source.details or None,
        quantity=ONE,
        unitAmount=net,
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        accountRef=account_ref(source.ledger_account),
        taxRateRef=tax_rate_ref(source.tax_rate),
        trackingCategoryRefs=refs,
        tracking=_counted(tracking, refs),  # type: ignore[arg-type] # the line's side and its own agree
    )
    return line


def _line(kind: type[L], tracking: type[T], source: wire.Line, path: str, doubts: Doubts) -> L:
    refs = categories(source.analysis_type_categories, f"{path}.analysis_type_categories", doubts)
    net, tax, total = source.net_amount, source.tax_amount, source.total_amount
    if net is None and total is not None:
        net = minus(total, tax or ZERO)
    if total is None and net is not None:
        total = plus(net, tax or ZERO)
    quantity, unit = source.quantity, source.unit_price
    if quantity is None or unit is None:
        # An amount is one of it, and a line of text is nothing of nothing.
        quantity, unit = (ONE, net) if net else (quantity or ZERO, unit or ZERO)
    line: L = kind(
        description=source.description or None,
        quantity=quantity,
        unitAmount=unit,
        discountAmount=source.discount_amount,
        discountPercentage=source.discount_percentage,
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        accountRef=account_ref(source.ledger_account),
        taxRateRef=tax_rate_ref(source.tax_rate),
        itemRef=_item_ref(source.product or source.service or source.stock_item),
        trackingCategoryRefs=refs,
        tracking=_counted(tracking, refs),  # type: ignore[arg-type] # the line's side and its own agree
    )
    return line


def _delivery(kind: type[L], source: wire.Artefact) -> L:
    """Delivery stands beside the lines at Sage, and within the totals: as a line the sums agree."""
    net, tax, total = source.shipping_net_amount, source.shipping_tax_amount, source.shipping_total_amount
    if net is None:
        net = minus(total or ZERO, tax or ZERO)
    if total is None:
        total = plus(net, tax or ZERO)
    return kind(
        description="Delivery",
        quantity=ONE,
        unitAmount=net,
        subTotal=net,
        taxAmount=minus(total, net) if tax is None else tax,
        totalAmount=total,
        taxRateRef=tax_rate_ref(source.shipping_tax_rate),
    )


def _counted(tracking: type[T], refs: tuple[TrackingCategoryRef, ...]) -> T | None:
    if not refs:
        return None
    return tracking(categoryRefs=refs, isBilledTo="NotApplicable", isRebilledTo="NotApplicable")


def _item_ref(told: wire.Ref | None) -> ItemRef | None:
    if told is None or not told.id:
        return None
    return written.ItemRef(id=told.id, name=told.displayed_as or None)
