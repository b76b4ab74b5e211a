"""What holds for documents with lines: invoices, bills, credit notes, orders, direct costs and incomes.

A document that adds up to the last digit, as nearly all do, is looked at once, line by line; what does not
is looked at again by `sums`, with what rounding may have done to it.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.money import ZERO
from tallystick.standard.rules import sums
from tallystick.standard.rules.currencies import NO_CURRENCY, UNITS
from tallystick.standard.rules.rule import Findings, Rule

_ISSUED: Final[tuple[DataType, ...]] = ("invoices", "bills", "creditNotes", "billCreditNotes")
_DIRECT: Final[tuple[DataType, ...]] = ("directCosts", "directIncomes")
_ORDERS: Final[tuple[DataType, ...]] = ("purchaseOrders", "salesOrders")
TAXED: Final = (*_ISSUED, *_DIRECT, *_ORDERS)
DOCUMENTS: Final[tuple[DataType, ...]] = (*TAXED, "itemReceipts")

TOTALS: Final = Rule(number=10, types=TAXED, holds="The sum before tax and the tax come to the total.")
LINES: Final = Rule(number=20, types=DOCUMENTS, holds="The lines come to the document's sum before tax.")
TAX: Final = Rule(number=30, types=TAXED, holds="The lines' tax comes to the document's tax.")
LINE: Final = Rule(
    number=40,
    types=DOCUMENTS,
    holds="A line's quantity times its unit amount, less its discount, is its amount.",
)
LEFT: Final = Rule(
    number=50,
    types=_ISSUED,
    holds="What is due, or left of a credit, is the total less what was set against it.",
)
CURRENCY: Final = Rule(number=60, types=DOCUMENTS, holds="It names its currency.")
KNOWN_CURRENCY: Final = Rule(number=70, types=DOCUMENTS, holds="Its currency is one of ISO 4217.")
DATES: Final = Rule(
    number=80,
    types=(*_ISSUED, *_ORDERS),
    holds="It is neither due, paid, used nor delivered before it is issued.",
)
RULES: Final = (TOTALS, LINES, TAX, LINE, LEFT, CURRENCY, KNOWN_CURRENCY, DATES)

_LINE_PARTS: Final = attrgetter("quantity", "unitAmount", "subTotal", "taxAmount")


@frozen(kw_only=True)
class Form:
    """Where one data type has what the rules are about."""

    parts: Callable[[Any], tuple[Any, ...]]
    """Lines, net, tax, total, currency, day of issue, two later days, what is left, allocations.

    Where a type has no such field another one stands for it, so that one look gives all of them.
    """
    tax: str
    later: tuple[str, ...]  #: days that do not come before the day of issue
    left: str | None
    sign: int  #: of allocations: -1 where they are told as negative


def _form(tax: str, *later: str, left: str | None = None, settled: str = "lineItems", sign: int = -1) -> Form:
    days = [*later, "issueDate", "issueDate"][:2]
    named = ("lineItems", "subTotal", tax, "totalAmount", "currency", "issueDate", *days)
    parts = attrgetter(*named, left or "totalAmount", settled)
    return Form(parts=parts, tax=tax, later=later, left=left, sign=sign)


_ALLOCATED: Final = "paymentAllocations"
FORMS: Final[dict[DataType, Form]] = {
    "invoices": _form("totalTaxAmount", "dueDate", "paidOnDate", left="amountDue", settled=_ALLOCATED),
    "bills": _form("taxAmount", "dueDate", left="amountDue", settled=_ALLOCATED),
    "creditNotes": _form(
        "totalTaxAmount", "allocatedOnDate", left="remainingCredit", settled=_ALLOCATED, sign=1
    ),
    "billCreditNotes": _form(
        "totalTaxAmount", "allocatedOnDate", left="remainingCredit", settled=_ALLOCATED, sign=1
    ),
    "directCosts": _form("taxAmount"),
    "directIncomes": _form("taxAmount"),
    "purchaseOrders": _form("totalTaxAmount", "deliveryDate", "paymentDueDate"),
    "salesOrders": _form("totalTaxAmount", "expectedDeliveryDate"),
}


def is_well(record: Any, form: Form) -> bool:
    """Whether a document keeps all rules to the last digit; False: it is to be looked at.

    Cost: about 1 µs for one of three lines.
    """
    lines, net, tax, total, currency, issued, later, latest, left, settled = form.parts(record)
    if net is None or tax is None or total is None or currency not in UNITS:
        return False
    if lines:
        nets = taxes = ZERO
        try:
            for quantity, unit, amount, line_tax in map(_LINE_PARTS, lines):
                if quantity * unit != amount:
                    return False
                nets += amount
                if line_tax:
                    taxes += line_tax
        except TypeError:  # a figure is missing
            return False
        if nets != net or taxes != tax:
            return False
    if net + tax != total:
        return False
    if form.left is not None and (settled or left != total):
        return False
    return not (issued and ((later and later < issued) or (latest and latest < issued)))


def look(record: Any, form: Form, findings: Findings) -> None:
    """Add what is doubtful in one document."""
    sums.look_at_lines(record, LINE, findings)
    sums.look_at_net(record, LINES, findings)
    sums.look_at_tax(record, form.tax, TAX, findings)
    sums.look_at_total(record, form.tax, TOTALS, findings)
    if form.left is not None:
        sums.look_at_left(record, form.left, form.sign, LEFT, findings)
    if record.currency not in UNITS:
        look_at_currency(record.currency, findings)
    for name in form.later:
        day = getattr(record, name)
        if day and record.issueDate and day < record.issueDate:
            findings.add(DATES, f"$.{name}", f"{name} is before issueDate")


def look_at_receipt(record: Any, findings: Findings) -> None:
    """Add what is doubtful in the receipt of items, which knows no tax."""
    sums.look_at_lines(record, LINE, findings)
    sums.look_at_net(record, LINES, findings)
    if record.currency not in UNITS:
        look_at_currency(record.currency, findings)


def look_at_currency(currency: str | None, findings: Findings) -> None:
    """Add that a currency is missing, or not known."""
    if not currency or currency == NO_CURRENCY:
        findings.add(CURRENCY, "$.currency", "the currency is not told")
    else:
        findings.add(KNOWN_CURRENCY, "$.currency", "no currency of ISO 4217")
