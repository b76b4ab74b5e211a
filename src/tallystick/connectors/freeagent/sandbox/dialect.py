"""FreeAgent's words, ids, numbers and moments, for neutral books. Source: providers.md §2.5."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from tallystick.connectors.freeagent.sandbox.answers import HOST
from tallystick.connectors.sandbox.books import Account, AccountKind, Books, Document

#: The first number of the accounts of each kind: FreeAgent's own ranges.
FIRST_CODES: Final[dict[AccountKind, int]] = {
    "income": 1,
    "other_income": 51,
    "cost_of_sales": 101,
    "expense": 201,
    "depreciation": 380,
    "fixed_asset": 601,
    "current_asset": 671,
    "current_liability": 731,
    "long_term_liability": 770,
    "equity": 921,
}
#: Accounts that FreeAgent brings along, and their numbers.
OWN_CODES: Final = {"DEBTORS": "681", "CREDITORS": "796", "GST": "817"}
#: The account that all accounts at banks are parts of.
BANKS: Final = "750"
#: Where money on account stands, which FreeAgent has no word for: added to the chart by its bookkeeper.
FROM_CUSTOMERS: Final = "768"
TO_SUPPLIERS: Final = "718"
#: The list that categories of each kind are in; all others are general.
SETS: Final[dict[AccountKind, str]] = {
    "income": "income_categories",
    "cost_of_sales": "cost_of_sales_categories",
    "expense": "admin_expenses_categories",
    "depreciation": "admin_expenses_categories",
}
#: Rates of nothing that lines tell by a word.
_EXEMPT: Final = frozenset({"SE", "PE", "EXEMPT"})
_OUT_OF_SCOPE: Final = frozenset({"NONE"})


def number_of(id_: str, what: str = "") -> int:
    """A record's id: a number. Up to 15 digits, so that no two are the same."""
    digest = hashlib.blake2b(f"{id_}{what}".encode(), digest_size=6, person=b"freeagent").digest()
    return int.from_bytes(digest, "big") + 1


def address(name: str, id_: str | int) -> str:
    """How a record is named, by itself and by others."""
    return f"{HOST}/{name}/{id_}"


def money(amount: Decimal) -> str:
    """A number, as a text, with one decimal at least."""
    if not amount:
        return "0.0"
    text = format(amount, "f")
    text = text.rstrip("0") if "." in text else f"{text}."
    return f"{text}0" if text.endswith(".") else text


def moment(at: datetime) -> str:
    """An instant to the thousandth, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def codes_of(books: Books) -> dict[str, str]:
    """The number of each account, by its id; those that were deleted keep theirs."""
    counts = dict(FIRST_CODES)
    banks = 0
    found: dict[str, str] = {}
    taken = {*OWN_CODES.values(), BANKS, FROM_CUSTOMERS, TO_SUPPLIERS}
    for account in books.accounts.values():
        if account.kind == "bank":
            banks += 1
            found[account.id] = f"{BANKS}-{banks}"
        elif account.system in OWN_CODES:
            found[account.id] = OWN_CODES[account.system]
        else:
            while f"{counts[account.kind]:03d}" in taken:
                counts[account.kind] += 1
            found[account.id] = f"{counts[account.kind]:03d}"
            counts[account.kind] += 1
    return found


def banks_of(books: Books) -> Iterator[Account]:
    """The accounts at banks that stand."""
    return (each for each in books.accounts.values() if each.kind == "bank" and each.status != "deleted")


def taxed(tax_code: str, books: Books) -> tuple[str, str]:
    """What a line says of its rate: the status, and the percentage."""
    if tax_code in _EXEMPT:
        return "EXEMPT", "0.0"
    if tax_code in _OUT_OF_SCOPE:
        return "OUT_OF_SCOPE", "0.0"
    return "TAXABLE", money(books.tax_rates[tax_code].percent)


def percentages(books: Books) -> list[Decimal]:
    """The rates that the company may charge."""
    found = {
        rate.percent.normalize(): rate.percent
        for rate in books.tax_rates.values()
        if rate.status != "deleted" and rate.code not in _EXEMPT | _OUT_OF_SCOPE
    }
    return sorted(found.values(), reverse=True)


def is_shown(document: Document) -> bool:
    """Whether FreeAgent has it: a bill is neither drafted nor voided there, it is deleted."""
    if document.kind in {"bill", "bill_credit_note"}:
        return document.status in {"authorised", "paid"}
    return document.status != "deleted"


def status_of(document: Document, today: date) -> str:
    """How far a document is. What is void counts as written off."""
    if document.status in {"draft", "submitted"}:
        return "Draft"
    if document.status == "voided":
        return "Written-off"
    if not document.total:
        return "Zero Value"
    if document.status == "paid":
        return "Refunded" if document.kind in {"credit_note", "bill_credit_note"} else "Paid"
    return "Overdue" if document.due_on < today else "Open"
