"""The lines of QuickBooks' documents, but those that add up others. Source: providers §§5 nos. 44-45, 6.3."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.line_taxes import TAXED, line_taxes
from tallystick.connectors.quickbooks.words import (
    account_ref,
    class_refs,
    customer_ref,
    item_ref,
    tax_rate_ref,
)
from tallystick.standard import (
    ONE,
    ZERO,
    AccountRef,
    ItemRef,
    PayableTracking,
    ReceivableTracking,
    TaxRateRef,
    TrackingCategoryRef,
    minus,
    plus,
    written,
)

#: Lines that are a sum of others, and what is told apart from the lines.
_NO_LINES: Final = frozenset({"SubTotalLineDetail", "DiscountLineDetail"})
_LINES: Final = frozenset(
    {
        "SalesItemLineDetail",
        "AccountBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail",
        "DescriptionOnly",
        "DescriptionLineDetail",
        "TaxLineDetail",
        "DepositLineDetail",
        "ReimburseLineDetail",
        "TDSLineDetail",
    }
)
_BILLED: Final = frozenset({"Billable", "HasBeenBilled"})
_NOTHING: Final = wire.Detail()


@frozen(kw_only=True)
class LineItem:
    """A line of any document, in the words that all of ours have."""

    source: wire.TxnLine
    detail: wire.Detail
    quantity: Decimal
    unit_amount: Decimal
    sub_total: Decimal | None
    tax: Decimal | None
    total: Decimal | None
    account: AccountRef | None
    tax_rate: TaxRateRef | None
    item: ItemRef | None
    categories: tuple[TrackingCategoryRef, ...]

    def told(self) -> dict[str, Any]:
        """The fields that the lines of all our documents have."""
        return {
            "description": self.source.Description or None,
            "unitAmount": self.unit_amount,
            "quantity": self.quantity,
            "subTotal": self.sub_total,
            "taxAmount": self.tax,
            "totalAmount": self.total,
            "accountRef": self.account,
            "taxRateRef": self.tax_rate,
            "itemRef": self.item,
            "trackingCategoryRefs": self.categories,
        }

    @property
    def receivable(self) -> ReceivableTracking | None:
        """What a line that the company charges is counted towards."""
        if not self.categories:
            return None
        return written.ReceivableTracking(
            categoryRefs=self.categories, isBilledTo="NotApplicable", isRebilledTo="NotApplicable"
        )

    @property
    def payable(self) -> PayableTracking | None:
        """What a line that the company is charged is counted towards, and which customer pays for it."""
        customer = customer_ref(self.detail.CustomerRef)
        if not self.categories and customer is None:
            return None
        billed = customer is not None and self.detail.BillableStatus in _BILLED
        return written.PayableTracking(
            categoryRefs=self.categories,
            isBilledTo="NotApplicable" if customer is None else "Customer",
            isRebilledTo="Customer" if billed else "NotApplicable",
            customerRef=customer,
        )


def line_items(source: wire.Transaction, doubts: Doubts) -> tuple[LineItem, ...]:
    """A document's lines in its order: those within a group by themselves, sums and discounts left out."""
    found = list(_lines(source.Line or (), "$", doubts))
    inclusive = source.GlobalTaxCalculation == "TaxInclusive"
    shares = line_taxes(source.TxnTaxDetail, total_tax(source), found)
    items = []
    for (line, detail), share in zip(found, shares, strict=True):
        own = share
        if inclusive and detail.TaxInclusiveAmt is not None and line.Amount is not None:
            own = minus(detail.TaxInclusiveAmt, line.Amount)
        items.append(_item(source, line, detail, own))
    return tuple(items)


def _item(source: wire.Transaction, line: wire.TxnLine, detail: wire.Detail, tax: Decimal | None) -> LineItem:
    quantity, unit = detail.Qty, detail.UnitPrice
    if quantity is None or unit is None:
        quantity, unit = (ONE, line.Amount) if line.Amount else (ZERO, ZERO)
    net = line.Amount
    return LineItem(
        source=line,
        detail=detail,
        quantity=quantity,
        unit_amount=unit,
        sub_total=net,
        tax=tax,
        total=None if net is None or tax is None else plus(net, tax),
        account=account_ref(detail.AccountRef or detail.ItemAccountRef),
        tax_rate=tax_rate_ref(_tax_code(source, detail)),
        item=item_ref(detail.ItemRef),
        categories=class_refs(
            ("Class", detail.ClassRef or source.ClassRef), ("Department", source.DepartmentRef)
        )
        if detail.ClassRef or source.ClassRef or source.DepartmentRef
        else (),
    )


def _tax_code(source: wire.Transaction, detail: wire.Detail) -> wire.Ref | None:
    """An American line says only whether it is taxed; with what, its document."""
    told, taxes = detail.TaxCodeRef, source.TxnTaxDetail
    if told is not None and told.value == TAXED and taxes is not None and taxes.TxnTaxCodeRef is not None:
        return taxes.TxnTaxCodeRef
    return told


def _lines(
    source: Sequence[wire.TxnLine], path: str, doubts: Doubts
) -> Iterator[tuple[wire.TxnLine, wire.Detail]]:
    for place, line in enumerate(source):
        kind = line.DetailType
        if kind == "GroupLineDetail":
            group = line.GroupLineDetail or wire.GroupDetail()
            yield from _lines(group.Line or (), f"{path}.Line[{place}].GroupLineDetail", doubts)
        elif kind not in _NO_LINES:
            if kind is not None and kind not in _LINES:
                doubts.warn(
                    f"{path}.Line[{place}].DetailType", "no word that this mapping knows; read as a line"
                )
            yield line, detail_of(line)


def detail_of(line: wire.TxnLine) -> wire.Detail:
    """What a line is of. A line of an item may tell the account beside it."""
    item = line.SalesItemLineDetail or line.ItemBasedExpenseLineDetail
    return item or line.AccountBasedExpenseLineDetail or line.DepositLineDetail or _NOTHING


def total_tax(source: wire.Transaction) -> Decimal:
    """The tax of a whole document."""
    taxes = source.TxnTaxDetail
    if taxes is None:
        return ZERO
    if taxes.TotalTax is not None:
        return taxes.TotalTax
    total = ZERO
    for part in taxes.TaxLine or ():
        total = plus(total, part.Amount or ZERO)
    return total


@frozen
class Discount:
    """What was taken off a whole document."""

    amount: Decimal
    percentage: Decimal | None


def discount_of(source: wire.Transaction) -> Discount:
    """The discount lines, which stand among the others."""
    amount, percentage = ZERO, None
    for line in source.Line or ():
        if line.DetailType == "DiscountLineDetail":
            amount = plus(amount, line.Amount or ZERO)
            detail = line.DiscountLineDetail or _NOTHING
            percentage = detail.DiscountPercent if percentage is None else percentage
    return Discount(amount, percentage)


def totals(source: wire.Transaction) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and total of a document; the total follows from the lines where QuickBooks left it out."""
    tax = total_tax(source)
    total = source.TotalAmt
    if total is None:
        total = minus(tax, discount_of(source).amount)
        for line in source.Line or ():
            if line.DetailType not in _NO_LINES:
                total = plus(total, line.Amount or ZERO)
    return minus(total, tax), tax, total
