"""What holds for payments: lines come to the total, links to their lines, with the signs of the contract."""

from decimal import Decimal
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.money import ONE, ZERO
from tallystick.standard.rules.currencies import NO_CURRENCY, UNITS
from tallystick.standard.rules.rule import Findings, Rule
from tallystick.standard.rules.sums import are_near, told

PAYMENTS: Final[tuple[DataType, ...]] = ("payments", "billPayments")

LINES: Final = Rule(number=10, types=PAYMENTS, holds="The lines come to the total.")
LINKS: Final = Rule(number=20, types=PAYMENTS, holds="A line is the negative of the sum of its links.")
SIGNS: Final = Rule(
    number=30,
    types=PAYMENTS,
    holds="A link that pays an invoice or a bill is negative, and one to a credit note positive.",
)
CURRENCY: Final = Rule(number=60, types=PAYMENTS, holds="It names its currency.")
KNOWN_CURRENCY: Final = Rule(number=70, types=PAYMENTS, holds="Its currency is one of ISO 4217.")
RULES: Final = (LINES, LINKS, SIGNS, CURRENCY, KNOWN_CURRENCY)

#: The sign of a link by what it is to, in a line of money that goes its usual way.
_SIGN: Final[dict[str, int]] = {"Invoice": -1, "Bill": -1, "CreditNote": 1}


def look(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one payment."""
    lines, total, currency = record.lines, record.totalAmount, record.currency
    parts: Decimal = sum((line.amount for line in lines), start=ZERO)
    if lines and parts != total and not are_near(parts, total, currency=currency, of=len(lines)):
        findings.add(LINES, "$.totalAmount", f"the lines do not come to totalAmount: {told(parts - total)}")
    for place, line in enumerate(lines):
        _look_at_links(line, f"$.lines[{place}]", currency, findings)
    if currency not in UNITS:
        if not currency or currency == NO_CURRENCY:
            findings.add(CURRENCY, "$.currency", "the currency is not told")
        else:
            findings.add(KNOWN_CURRENCY, "$.currency", "no currency of ISO 4217")


def _look_at_links(line: Any, path: str, currency: str | None, findings: Findings) -> None:
    """Links of another currency than the payment's are not added up, nor is what is told of in part.

    Nor is one link of a payment of nothing: in the payment's currency it may be less than a coin.
    """
    links = line.links
    is_less_than_a_coin = len(links) == 1 and not line.amount
    if (
        links
        and not is_less_than_a_coin
        and all(link.amount is not None and link.currencyRate in (None, ONE) for link in links)
    ):
        linked: Decimal = sum((link.amount for link in links), start=ZERO)
        if linked != -line.amount and not are_near(-linked, line.amount, currency=currency, of=len(links)):
            off = told(linked + line.amount)
            findings.add(LINKS, path, f"the links do not come to the line's amount: {off}")
    for place, link in enumerate(links):
        wanted = _SIGN.get(link.type)
        if wanted and link.amount and (link.amount < 0) != (wanted < 0):
            findings.add(SIGNS, f"{path}.links[{place}].amount", f"a link to {link.type} has the other sign")
