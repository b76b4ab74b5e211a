"""The lines of FreeAgent's documents.

Of a line of an invoice FreeAgent tells price, quantity and rate, and only of the whole document what it comes
to. So each line is reckoned here, and the pennies by which their sum is off go to the largest line.
Source: providers §2.5.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

from attrs import define

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire
from tallystick.connectors.freeagent.keys import prefixed
from tallystick.connectors.freeagent.words import (
    category_ref,
    id_of,
    project_refs,
    tax_of,
    tax_rate_ref,
)
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
    negated,
    plus,
    written,
)

S = TypeVar("S", InvoiceLineItem, CreditNoteLineItem)
B = TypeVar("B", BillLineItem, BillCreditNoteLineItem)
T = TypeVar("T", ReceivableTracking, PayableTracking)

_CENT: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)


@define
class _Reckoned:
    """A line of a document of sales, as it is reckoned."""

    unit: Decimal
    quantity: Decimal
    gross: Decimal  #: before discount and tax
    net: Decimal
    tax: Decimal


def sales_lines(
    kind: type[S], source: wire.SalesDocument, figures: tuple[Decimal, Decimal], doubts: Doubts
) -> tuple[S, ...]:
    """The lines of an invoice or a credit note; `figures` are its net and its tax, positive for either."""
    name, told = "invoice_items", source.invoice_items
    if told is None:
        name, told = "credit_note_items", source.credit_note_items
    told = told or []
    turned = kind is written.CreditNoteLineItem and not (source.total_value or ZERO) > ZERO
    percent = source.discount_percent or ZERO
    found = [_reckoned(line, percent, turned=turned) for line in told]
    _spread(found, figures, f"$.{name}", doubts)
    return tuple(
        _sales_line(kind, line, reckoned, source) for line, reckoned in zip(told, found, strict=True)
    )


def _reckoned(line: wire.SalesLine, percent: Decimal, *, turned: bool) -> _Reckoned:
    unit, quantity = line.price or ZERO, line.quantity or ZERO
    if turned:  # a credit note's amounts are negative at FreeAgent, and positive in our model
        unit = negated(unit)
    gross = unit * quantity
    net = _cents(gross * (_HUNDRED - percent) / _HUNDRED)
    rates = (line.sales_tax_rate or ZERO) + (line.second_sales_tax_rate or ZERO)
    return _Reckoned(unit, quantity, gross, net, _cents(net * rates / _HUNDRED))


def _spread(found: Sequence[_Reckoned], figures: tuple[Decimal, Decimal], path: str, doubts: Doubts) -> None:
    """Make the lines come to the document, where they are off by no more than rounding explains."""
    if not found:
        return
    largest = max(found, key=lambda line: line.net.copy_abs())
    allowed = _CENT * len(found)
    net, tax = ZERO, ZERO
    for line in found:
        net, tax = plus(net, line.net), plus(tax, line.tax)
    for name, left in (("net", minus(figures[0], net)), ("tax", minus(figures[1], tax))):
        if left.copy_abs() > allowed:
            doubts.warn(path, f"the lines do not come to the document's {name}")
        elif left:
            setattr(largest, name, plus(getattr(largest, name), left))


def _sales_line(kind: type[S], line: wire.SalesLine, reckoned: _Reckoned, source: wire.SalesDocument) -> S:
    refs = project_refs(line.project, source.project)
    discount = minus(reckoned.gross, reckoned.net) if source.discount_percent else None
    made: S = kind(
        description=line.description or None,
        quantity=reckoned.quantity,
        unitAmount=reckoned.unit,
        discountAmount=discount,
        discountPercentage=source.discount_percent,
        subTotal=reckoned.net,
        taxAmount=reckoned.tax,
        totalAmount=plus(reckoned.net, reckoned.tax),
        accountRef=category_ref(line.category),
        taxRateRef=tax_rate_ref(line.sales_tax_rate, line.sales_tax_status),
        itemRef=stock_ref(line.stock_item, None),
        trackingCategoryRefs=refs,
        tracking=_counted(written.ReceivableTracking, refs),
    )
    return made


def bill_lines(kind: type[B], source: wire.Bill, *, turned: bool) -> tuple[B, ...]:
    """The lines of a bill; `turned`: of a bill refund, whose amounts are negative at FreeAgent."""
    return tuple(_bill_line(kind, line, source, turned=turned) for line in source.bill_items or ())


def _bill_line(kind: type[B], line: wire.BillLine, source: wire.Bill, *, turned: bool) -> B:
    total, net = line.total_value, line.total_value_ex_tax
    if total is None and net is not None:
        total = plus(net, tax_of(line.sales_tax_value, line.second_sales_tax_value, net))
    if net is None and total is not None:
        net = minus(total, tax_of(line.sales_tax_value, line.second_sales_tax_value, total))
    net, total = net or ZERO, total or ZERO
    if turned:
        net, total = negated(net), negated(total)
    quantity, unit = _priced(net, line.quantity)
    refs = project_refs(line.project, source.project)
    made: B = kind(
        description=line.description or line.stock_item_description or None,
        quantity=quantity,
        unitAmount=unit,
        unitOfMeasurement=line.unit if line.unit and not line.unit.startswith("-") else None,
        subTotal=net,
        taxAmount=minus(total, net),
        totalAmount=total,
        accountRef=category_ref(line.category),
        taxRateRef=tax_rate_ref(line.sales_tax_rate, line.sales_tax_status),
        itemRef=stock_ref(line.stock_item, line.stock_item_description),
        trackingCategoryRefs=refs,
        tracking=_counted(written.PayableTracking, refs),
    )
    return made


def _priced(net: Decimal, quantity: Decimal | None) -> tuple[Decimal, Decimal]:
    """Quantity and unit price; of what does not divide, one at the whole price."""
    if not quantity or quantity == ONE:
        return ONE, net
    unit = net / quantity
    return (quantity, unit) if unit * quantity == net else (ONE, net)


def stock_ref(url: str | None, name: str | None) -> ItemRef | None:
    """A stock item; it shares its data type with the price list, and so its id has a word before it."""
    found = id_of(url)
    return written.ItemRef(id=prefixed("stock_items", found), name=name or None) if found else None


def _counted(tracking: type[T], refs: tuple[TrackingCategoryRef, ...]) -> T | None:
    if not refs:
        return None
    return tracking(categoryRefs=refs, isBilledTo="NotApplicable", isRebilledTo="NotApplicable")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
