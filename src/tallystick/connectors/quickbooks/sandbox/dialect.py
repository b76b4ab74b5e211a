"""QuickBooks' words, numbers and times, for neutral books. Source: providers.md §§2.3, 3.5, 3.6, 6.1."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Context, Decimal
from typing import Any, Final

from tallystick.connectors.sandbox.amounts import TaxBasis
from tallystick.connectors.sandbox.books import Account, DocumentKind, MethodKind, PaymentKind

#: Type, classification and sub-type of each kind of account; of some, what the provider keeps it for decides.
ACCOUNT_TYPES: Final = {
    "bank": ("Bank", "Asset", "Checking"),
    "current_asset": ("Other Current Asset", "Asset", "OtherCurrentAssets"),
    "fixed_asset": ("Fixed Asset", "Asset", "FurnitureAndFixtures"),
    "current_liability": ("Other Current Liability", "Liability", "OtherCurrentLiabilities"),
    "long_term_liability": ("Long Term Liability", "Liability", "NotesPayable"),
    "equity": ("Equity", "Equity", "OwnersEquity"),
    "income": ("Income", "Revenue", "SalesOfProductIncome"),
    "other_income": ("Other Income", "Revenue", "InterestEarned"),
    "cost_of_sales": ("Cost of Goods Sold", "Expense", "SuppliesMaterialsCogs"),
    "expense": ("Expense", "Expense", "OtherMiscellaneousServiceCost"),
    "depreciation": ("Other Expense", "Expense", "Depreciation"),
}
BANK_TYPES: Final = {
    "current": ACCOUNT_TYPES["bank"],
    "savings": ("Bank", "Asset", "Savings"),
    "credit_card": ("Credit Card", "Liability", "CreditCard"),
}
SYSTEM_TYPES: Final = {
    "DEBTORS": ("Accounts Receivable", "Asset", "AccountsReceivable"),
    "CREDITORS": ("Accounts Payable", "Liability", "AccountsPayable"),
    "RETAINEDEARNINGS": ("Equity", "Equity", "RetainedEarnings"),
}
ENTITIES: Final[dict[DocumentKind, str]] = {
    "invoice": "Invoice",
    "bill": "Bill",
    "credit_note": "CreditMemo",
    "bill_credit_note": "VendorCredit",
}
BASES: Final[dict[TaxBasis, str]] = {
    "exclusive": "TaxExcluded",
    "inclusive": "TaxInclusive",
    "no_tax": "NotApplicable",
}
#: What a payment is at QuickBooks; one that gives a credit back is none there, but money spent or taken in.
PAYMENT_ENTITIES: Final[dict[PaymentKind, str]] = {
    "invoice": "Payment",
    "bill": "BillPayment",
    "credit_note": "Purchase",
    "bill_credit_note": "Deposit",
}
METHOD_TYPES: Final[dict[MethodKind, str]] = {
    "cash": "NON_CREDIT_CARD",
    "cheque": "NON_CREDIT_CARD",
    "card": "CREDIT_CARD",
    "electronic": "NON_CREDIT_CARD",
}
#: What American lines bear: whether they are taxed. Which tax it is, the document says as a whole.
TAXED, UNTAXED = "TAX", "NON"
_TEN_DIGITS: Final = Context(prec=10)
_STANDARD, _SUMMER = timezone(timedelta(hours=-8)), timezone(timedelta(hours=-7))


def account_type(account: Account) -> tuple[str, str, str]:
    """Type, classification and sub-type."""
    if account.kind == "bank":
        return BANK_TYPES[account.bank_kind]
    return SYSTEM_TYPES.get(account.system) or ACCOUNT_TYPES[account.kind]


def moment(at: datetime) -> str:
    """As the Pacific coast's clocks showed it, with the offset of that day."""
    local = at.astimezone(_SUMMER if _is_summer(at) else _STANDARD)
    return local.isoformat(timespec="seconds")


def answered(at: datetime) -> str:
    """The time of an answer, with milliseconds."""
    return at.astimezone(_SUMMER if _is_summer(at) else _STANDARD).isoformat(timespec="milliseconds")


def _is_summer(at: datetime) -> bool:
    """From March's second Sunday to November's first, at two o'clock each. Source: 15 U.S.C. §260a."""
    begins = datetime.combine(_sunday(at.year, 3, 2), time(10), UTC)
    ends = datetime.combine(_sunday(at.year, 11, 1), time(9), UTC)
    return begins <= at < ends


def _sunday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))


def exchange_rate(rate: Decimal) -> Decimal:
    """Home currency for one foreign: the other way round from the books' (quirk 51)."""
    return Decimal(1) if rate == 1 else _TEN_DIGITS.divide(Decimal(1), rate)


def ref(value: object, name: str | None = None, **more: str) -> dict[str, Any]:
    """A reference."""
    return {"value": str(value), **({"name": name} if name else {}), **more}


def plain(amount: Decimal) -> Decimal:
    """A number without the zeros that mean nothing, as QuickBooks writes quantities and percentages."""
    whole = amount.to_integral_value()
    return whole if amount == whole else amount.normalize()
