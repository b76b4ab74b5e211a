"""What holds in the ledger: entries that balance, accounts that say what they are, the bank's lines."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.money import ZERO
from tallystick.standard.rules.currencies import NO_CURRENCY, UNITS
from tallystick.standard.rules.rule import Findings, Rule
from tallystick.standard.rules.sums import are_near, told

_CURRENCIES: Final[tuple[DataType, ...]] = (
    "accountTransactions",
    "bankAccounts",
    "chartOfAccounts",
    "journalEntries",
)

BALANCED: Final = Rule(number=10, types=("journalEntries",), holds="Its debits and its credits are equal.")
DATED: Final = Rule(number=20, types=("journalEntries",), holds="It names the day that it counts for.")
TYPE: Final = Rule(number=10, types=("chartOfAccounts",), holds="The account has one of the five types.")
CATEGORY: Final = Rule(number=20, types=("chartOfAccounts",), holds="The account has a category.")
POSTED: Final = Rule(number=10, types=("accountTransactions",), holds="The lines come to the total.")
MOVED: Final = Rule(
    number=10, types=("transfers",), holds="What arrives is what left, where both are of one currency."
)
ENDS: Final = Rule(number=20, types=("transfers",), holds="It names two accounts, and not one twice.")
RATE: Final = Rule(
    number=10, types=("taxRates",), holds="The rates of its components come to its total rate."
)
BANKED: Final = Rule(number=10, types=("bankTransactions",), holds="It names its account, day and amount.")
CURRENCY: Final = Rule(
    number=60, types=("accountTransactions", "bankAccounts"), holds="It names its currency."
)
KNOWN_CURRENCY: Final = Rule(number=70, types=_CURRENCIES, holds="Its currency is one of ISO 4217.")
RULES: Final = (
    BALANCED,
    DATED,
    TYPE,
    CATEGORY,
    POSTED,
    MOVED,
    ENDS,
    RATE,
    BANKED,
    CURRENCY,
    KNOWN_CURRENCY,
)


def look_at_entry(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one posting; lines of several currencies balance in each."""
    sides: defaultdict[str | None, Decimal] = defaultdict(lambda: ZERO)
    for place, line in enumerate(record.journalLines):
        sides[line.currency] += line.netAmount
        if line.currency is not None and line.currency not in UNITS:
            _look_at_currency(line.currency, f"$.journalLines[{place}].currency", findings)
    for currency, off in sides.items():
        if off and not are_near(off, ZERO, currency=currency):
            findings.add(BALANCED, "$.journalLines", f"debits and credits: {told(off)}")
    if record.postedOn is None:
        findings.add(DATED, "$.postedOn", "the day that it counts for is not told")


def look_at_account(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one account; the books' own currency need not be named."""
    if record.type == "Unknown":
        findings.add(TYPE, "$.type", "the type is not known")
    if not record.fullyQualifiedCategory:
        findings.add(CATEGORY, "$.fullyQualifiedCategory", "the category is not told")
    if record.currency is not None:
        _look_at_currency(record.currency, "$.currency", findings)


def look_at_bank_account(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one account at a bank."""
    _look_at_currency(record.currency, "$.currency", findings)


def look_at_account_transaction(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one posting to an account at a bank."""
    parts, total = [line.amount for line in record.lines], record.totalAmount
    if parts and total is not None and None not in parts:
        whole: Decimal = sum(parts, start=ZERO)
        if whole != total and not are_near(whole, total, currency=record.currency, of=len(parts)):
            findings.add(
                POSTED, "$.totalAmount", f"the lines do not come to totalAmount: {told(whole - total)}"
            )
    _look_at_currency(record.currency, "$.currency", findings)


def look_at_transfer(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one movement of money."""
    left, arrived = record.from_, record.to
    if left is None or arrived is None or left.accountRef is None or arrived.accountRef is None:
        findings.add(ENDS, "$", "an account is missing")
        return
    if left.accountRef.id and left.accountRef.id == arrived.accountRef.id:
        findings.add(ENDS, "$", "both accounts are one")
    if left.amount is None or arrived.amount is None or left.currency != arrived.currency:
        return
    if not are_near(left.amount, arrived.amount, currency=left.currency):
        findings.add(MOVED, "$.to.amount", f"from.amount and to.amount: {told(left.amount - arrived.amount)}")


def look_at_tax_rate(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one rate; rates are per cent, so a hundredth is as far as they go."""
    parts = [part.rate for part in record.components]
    if not parts or None in parts or record.totalTaxRate is None:
        return
    off = sum(parts, start=ZERO) - record.totalTaxRate
    if not are_near(off, ZERO, currency=None, of=len(parts)):
        findings.add(RATE, "$.totalTaxRate", f"the components do not come to totalTaxRate: {told(off)}")


def look_at_bank_transaction(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one line of a bank's statement."""
    for name in ("accountId", "clearedOnDate", "amount"):
        if getattr(record, name) is None:
            findings.add(BANKED, f"$.{name}", f"{name} is not told")


def _look_at_currency(currency: str | None, path: str, findings: Findings) -> None:
    if currency in UNITS:
        return
    if not currency or currency == NO_CURRENCY:
        if findings.data_type in CURRENCY.types:
            findings.add(CURRENCY, path, "the currency is not told")
    else:
        findings.add(KNOWN_CURRENCY, path, "no currency of ISO 4217")
