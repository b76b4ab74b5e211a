"""FreeAgent's categories, which are its ledger's accounts, and its bank accounts.

What kind of account a category is, is told by the list that it is in; of general categories by the number.
Source: providers §§2.5, 6.1.
"""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.freeagent import wire_lists
from tallystick.connectors.freeagent.words import PRESENT, instant, own_id
from tallystick.errors import RecordRejected
from tallystick.standard import (
    Account,
    AccountType,
    BankAccount,
    BankAccountStatus,
    BankAccountType,
    StandardRecord,
)

Kind = tuple[AccountType, str]

_INCOME: Final[Kind] = ("Income", "Sales")
_COST_OF_SALES: Final[Kind] = ("Expense", "CostOfSales")
_ADMIN: Final[Kind] = ("Expense", "AdminExpenses")
#: What is in each of the lists.
SETS: Final[dict[str, Kind]] = {
    "income_categories": _INCOME,
    "cost_of_sales_categories": _COST_OF_SALES,
    "admin_expenses_categories": _ADMIN,
}
#: What a number means, by the last number of its range. FreeAgent's own ranges are for categories that
#: somebody adds; those that it brings along lie between them, and are placed by what they are called there.
RANGES: Final[tuple[tuple[int, Kind], ...]] = (
    (49, _INCOME),
    (95, ("Income", "Other")),
    (199, _COST_OF_SALES),
    (599, _ADMIN),
    (608, ("Asset", "CapitalAssets")),
    (609, ("Asset", "Stock")),
    (649, ("Unknown", "General")),
    (670, ("Equity", "Capital")),
    (720, ("Asset", "Current")),
    (730, ("Unknown", "General")),
    (749, ("Liability", "Current")),
    (750, ("Asset", "Bank")),
    (816, ("Liability", "Current")),
    (829, ("Liability", "Taxes")),
    (899, ("Liability", "Current")),
    (910, ("Liability", "Users")),
    (960, ("Equity", "Equity")),
    (998, ("Unknown", "General")),
    (999, ("Liability", "Suspense")),
)

BANK_ACCOUNT_TYPE: Final[dict[str, BankAccountType]] = {
    "StandardBankAccount": "Debit",
    "PaypalAccount": "Debit",
    "CreditCardAccount": "Credit",
}
BANK_STATUS: Final[dict[str, BankAccountStatus]] = {"active": "Active", "hidden": "Archived"}


def kind_of(nominal_code: str | None) -> Kind:
    """What an account is, by its number: `750-1` is a part of `750`."""
    head = (nominal_code or "").partition("-")[0]
    if not (head.isascii() and head.isdecimal()) or len(head) != 3 or head == "000":
        return "Unknown", "General"
    return next(kind for last, kind in RANGES if int(head) <= last)


def category(row: wire_lists.CategoryRow, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account of the ledger. Raises: `RecordRejected`."""
    doubts.data_type = "chartOfAccounts"
    told = ((name, getattr(row, name)) for name in row.__struct_fields__)
    found = next(((name, source) for name, source in told if source is not None), None)
    if found is None:
        raise RecordRejected(path="$", reason="a category of no list")
    name, source = found
    id_ = doubts.record_id = own_id(source.url, f"$.{name}.url")
    code = source.nominal_code or None
    kind, part = SETS.get(name) or kind_of(code)
    if kind == "Unknown":
        doubts.warn(f"$.{name}.nominal_code", "a number that tells no kind of account")
    group = f"{kind}.{part}" if kind != "Unknown" else None
    title = source.description or None
    return [
        Account(
            id=id_,
            nominalCode=code,
            name=title,
            fullyQualifiedCategory=group,
            fullyQualifiedName=f"{group}.{title}" if group and title else None,
            currency=books.base_currency,
            type=kind,
            status="Active",
            isBankAccount=source.bank_account is not None,
            metadata=PRESENT,
        )
    ]


def bank_account(source: wire_lists.BankAccount, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account at a bank. Its account in the ledger has another id, and names it."""
    doubts.data_type = "bankAccounts"
    return [
        BankAccount(
            id=own_id(source.url),
            accountName=source.name or None,
            accountType=word(BANK_ACCOUNT_TYPE, source.type, "$.type", doubts),
            sortCode=source.sort_code or None,
            accountNumber=source.account_number or None,
            iBan=source.iban or None,
            currency=source.currency or books.base_currency,
            balance=source.current_balance,
            institution=source.bank_name or None,
            status=word(BANK_STATUS, source.status, "$.status", doubts),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]
