"""Sage's ledger accounts, bank accounts, tax rates and ways to pay. Source: providers §§6.1, 6.5."""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import PRESENT, id_of, instant, metadata, name_of, nominal_code
from tallystick.standard import (
    Account,
    AccountStatus,
    AccountType,
    BankAccount,
    BankAccountStatus,
    BankAccountType,
    PaymentMethod,
    PaymentMethodType,
    StandardRecord,
    TaxRate,
    TaxRateComponent,
    TaxRateStatus,
    negated,
)

#: What an account of each type is, and the category within.
TYPE: Final[dict[str, tuple[AccountType, str]]] = {
    "SALES": ("Income", "Sales"),
    "OTHER_INCOME": ("Income", "Other"),
    "DIRECT_EXPENSES": ("Expense", "DirectExpenses"),
    "OVERHEADS": ("Expense", "Overheads"),
    "DEPRECIATION": ("Expense", "Depreciation"),
    "CURRENT_ASSETS": ("Asset", "Current"),
    "FIXED_ASSETS": ("Asset", "Fixed"),
    "FUTURE_ASSETS": ("Asset", "Future"),
    "BANK": ("Asset", "Bank"),
    "CURRENT_LIABILITY": ("Liability", "Current"),
    "FUTURE_LIABILITY": ("Liability", "Future"),
    "LINE_OF_CREDIT": ("Liability", "LineOfCredit"),
    "TAXES": ("Liability", "Taxes"),
    "EQUITY": ("Equity", "Equity"),
    "SPECIAL": ("Unknown", "Special"),
}
#: Accounts that carry a balance from year to year; of the others it would be that of all years.
_CARRIED: Final[frozenset[AccountType]] = frozenset({"Asset", "Liability", "Equity"})
#: On which side an account's balance stands, naturally.
_NATURAL: Final[dict[AccountType, str]] = {"Asset": "debit", "Liability": "credit", "Equity": "credit"}

BANK_ACCOUNT_TYPE: Final[dict[str, BankAccountType]] = {
    "CHECKING": "Debit",
    "SAVINGS": "Debit",
    "CASH_IN_HAND": "Debit",
    "CREDIT_CARD": "Credit",
    "LOAN": "Credit",
    "LINE_OF_CREDIT": "Credit",
    "OTHER": "Unknown",
    "STRIPE": "Debit",
    "PAYPAL": "Debit",
}
PAYMENT_METHOD: Final[dict[str, PaymentMethodType]] = {
    "CASH": "Cash",
    "CHECK": "Check",
    "CHEQUE": "Check",
    "CREDIT_DEBIT": "CreditCard",
    "ELECTRONIC": "BankTransfer",
    "BANK_TRANSFER": "BankTransfer",
    "DIRECT_DEBIT": "BankTransfer",
    "OTHER": "Other",
}


def ledger_account(source: wire_lists.LedgerAccount, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account of the ledger."""
    doubts.data_type = "chartOfAccounts"
    kind, category = _category(source, doubts)
    name = source.name or source.display_name or source.displayed_as or None
    return [
        Account(
            id=source.id,
            nominalCode=nominal_code(source.nominal_code, source.displayed_as),
            name=name,
            fullyQualifiedCategory=category,
            fullyQualifiedName=f"{category}.{name}" if category and name else None,
            currency=books.base_currency,
            currentBalance=_balance(source.balance_details, kind, doubts),
            type=kind,
            status=_in_chart(source.included_in_chart),
            isBankAccount=id_of(source.ledger_account_type) == "BANK",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def _category(source: wire_lists.LedgerAccount, doubts: Doubts) -> tuple[AccountType, str | None]:
    told = id_of(source.ledger_account_type)
    if told is None:
        return "Unknown", None
    found = TYPE.get(told)
    if found is None:
        doubts.warn("$.ledger_account_type.id", "no type of account that this mapping knows")
        return "Unknown", None
    return found[0], f"{found[0]}.{found[1]}"


def _balance(details: wire_lists.BalanceDetails | None, kind: AccountType, doubts: Doubts) -> Decimal | None:
    """Positive on the account's natural side. Only of what is carried forward: see `_CARRIED`."""
    if details is None or details.balance is None or kind not in _CARRIED:
        return None
    side = (details.credit_or_debit or "").lower()
    if side not in ("credit", "debit"):
        if details.balance:
            doubts.warn("$.balance_details.credit_or_debit", "neither credit nor debit: left out")
        return None if details.balance else details.balance
    size = abs(details.balance)
    return size if side == _NATURAL[kind] else negated(size)


def _in_chart(told: bool | None) -> AccountStatus:
    return "Unknown" if told is None else "Active" if told else "Archived"


def bank_account(source: wire_lists.BankAccount, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account at a bank. The ledger's account of it has an id of its own, and the same nominal code."""
    doubts.data_type = "bankAccounts"
    details = source.bank_account_details or wire_lists.BankAccountDetails()
    kind = word(BANK_ACCOUNT_TYPE, id_of(source.bank_account_type), "$.bank_account_type.id", doubts)
    ledger = source.ledger_account.displayed_as if source.ledger_account else None
    return [
        BankAccount(
            id=source.id,
            accountName=details.account_name or name_of(source.displayed_as),
            accountType=kind,
            nominalCode=nominal_code(source.nominal_code, source.displayed_as) or _shown_code(ledger),
            sortCode=details.sort_code or None,
            accountNumber=details.account_number or None,
            iBan=details.iban or None,
            currency=id_of(source.currency) or books.base_currency,
            balance=source.balance,
            status=_bank_status(source),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=metadata(source.deleted_at),
        )
    ]


def _bank_status(source: wire_lists.BankAccount) -> BankAccountStatus:
    if source.deleted_at:
        return "Archived"
    return "Unknown" if source.is_active is None else "Active" if source.is_active else "Archived"


def _shown_code(text: str | None) -> str | None:
    """The code that the ledger account's text ends with: of most bank accounts Sage sends no other."""
    head, _, tail = (text or "").rpartition("(")
    return tail.rstrip(") ") or None if head and text and text.rstrip().endswith(")") else None


def tax_rate(source: wire_lists.TaxRate, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A tax rate; its id is a word such as `GB_STANDARD`, and its code too."""
    doubts.data_type = "taxRates"
    status: TaxRateStatus = (
        "Unknown" if source.is_visible is None else "Active" if source.is_visible else "Archived"
    )
    return [
        TaxRate(
            id=source.id,
            code=source.id,
            name=source.name or source.displayed_as or None,
            effectiveTaxRate=source.percentage,
            totalTaxRate=source.percentage,
            components=tuple(
                TaxRateComponent(
                    name=part.name or part.displayed_as or None, rate=part.percentage, isCompound=False
                )
                for part in source.component_tax_rates or ()
            ),
            status=status,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def payment_method(source: wire_lists.PaymentMethod, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A way to pay. The list is Sage's own, and all of it is in use."""
    doubts.data_type = "paymentMethods"
    return [
        PaymentMethod(
            id=source.id,
            name=source.name or source.displayed_as or None,
            type=word(PAYMENT_METHOD, source.id, "$.id", doubts),
            status="Active",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]
