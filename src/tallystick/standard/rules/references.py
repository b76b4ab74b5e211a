"""Which records a record names, and that they exist.

Whether they do is not seen in one record: ids are gathered while records are mapped, and looked up, each
once, when what they name has been read.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.rules.documents import DOCUMENTS
from tallystick.standard.rules.payments import PAYMENTS
from tallystick.standard.rules.rule import Rule

_LINED: Final[tuple[DataType, ...]] = (*DOCUMENTS, "journalEntries")

CONTACT: Final = Rule(
    number=100,
    types=(*DOCUMENTS, *PAYMENTS, "journalEntries"),
    holds="The customer or supplier that it names exists.",
)
ACCOUNT: Final = Rule(
    number=110,
    types=(*_LINED, *PAYMENTS, "items"),
    holds="The accounts that it names exist.",
)
ITEM: Final = Rule(number=120, types=DOCUMENTS, holds="The items that it names exist.")
TAX_RATE: Final = Rule(
    number=130, types=(*DOCUMENTS[:-1], "items"), holds="The tax rates that it names exist."
)
TRACKING: Final = Rule(
    number=140,
    types=(
        "invoices",
        "bills",
        "creditNotes",
        "billCreditNotes",
        "directCosts",
        "directIncomes",
        "transfers",
    ),
    holds="The tracking categories that it names exist.",
)
BANK_ACCOUNT: Final = Rule(
    number=150,
    types=("accountTransactions", "bankTransactions"),
    holds="The account at the bank that it names exists.",
)
JOURNAL: Final = Rule(number=160, types=("journalEntries",), holds="The journal that it names exists.")
#: By the data type that is named.
RULE_OF: Final[dict[str, Rule]] = {
    "customers": CONTACT,
    "suppliers": CONTACT,
    "chartOfAccounts": ACCOUNT,
    "items": ITEM,
    "taxRates": TAX_RATE,
    "trackingCategories": TRACKING,
    "bankAccounts": BANK_ACCOUNT,
    "journals": JOURNAL,
}
RULES: Final = (CONTACT, ACCOUNT, ITEM, TAX_RATE, TRACKING, BANK_ACCOUNT, JOURNAL)
#: Data types that others name.
NAMED: Final[tuple[DataType, ...]] = (
    "customers",
    "suppliers",
    "chartOfAccounts",
    "items",
    "taxRates",
    "trackingCategories",
    "bankAccounts",
    "journals",
)
NAMED_SET: Final[frozenset[DataType]] = frozenset(NAMED)
#: An account at a bank is told as either.
_ALSO: Final[dict[DataType, DataType]] = {
    "bankAccounts": "chartOfAccounts",
    "chartOfAccounts": "bankAccounts",
}


def stand_ins(data_type: DataType) -> tuple[DataType, ...]:
    """The types in which an id may stand that is named as one of `data_type`."""
    other = _ALSO.get(data_type)
    return (data_type,) if other is None else (data_type, other)


def named_by(record: Any) -> Iterator[tuple[DataType, str]]:
    """What a record names: data types and ids, some of them more than once."""
    kind: DataType = record.DATA_TYPE
    reader = _READERS.get(kind)
    return iter(()) if reader is None else reader(record)


def _of_document(record: Any) -> Iterator[tuple[DataType, str]]:
    customer, supplier = getattr(record, "customerRef", None), getattr(record, "supplierRef", None)
    contact = getattr(record, "contactRef", None)
    if customer is not None:
        yield "customers", customer.id
    if supplier is not None:
        yield "suppliers", supplier.id
    if contact is not None and contact.dataType:
        yield contact.dataType, contact.id
    for line in record.lineItems:
        account, item = line.accountRef, line.itemRef
        rate = getattr(line, "taxRateRef", None)
        if account is not None and account.id:
            yield "chartOfAccounts", account.id
        if item is not None:
            yield "items", item.id
        if rate is not None and rate.id:
            yield "taxRates", rate.id
        for category in getattr(line, "trackingCategoryRefs", ()):
            yield "trackingCategories", category.id


def _of_payment(record: Any) -> Iterator[tuple[DataType, str]]:
    customer, supplier = getattr(record, "customerRef", None), getattr(record, "supplierRef", None)
    if customer is not None:
        yield "customers", customer.id
    if supplier is not None:
        yield "suppliers", supplier.id
    if record.accountRef is not None and record.accountRef.id:
        yield "chartOfAccounts", record.accountRef.id


def _of_entry(record: Any) -> Iterator[tuple[DataType, str]]:
    if record.journalRef is not None:
        yield "journals", record.journalRef.id
    for line in record.journalLines:
        if line.accountRef is not None and line.accountRef.id:
            yield "chartOfAccounts", line.accountRef.id
        if line.contactRef is not None and line.contactRef.dataType:
            yield line.contactRef.dataType, line.contactRef.id


def _of_item(record: Any) -> Iterator[tuple[DataType, str]]:
    for side in (record.billItem, record.invoiceItem):
        if side is not None and side.accountRef is not None and side.accountRef.id:
            yield "chartOfAccounts", side.accountRef.id
        if side is not None and side.taxRateRef is not None and side.taxRateRef.id:
            yield "taxRates", side.taxRateRef.id


def _of_account_transaction(record: Any) -> Iterator[tuple[DataType, str]]:
    if record.bankAccountRef is not None and record.bankAccountRef.id:
        yield "bankAccounts", record.bankAccountRef.id


def _of_bank_transaction(record: Any) -> Iterator[tuple[DataType, str]]:
    if record.accountId:
        yield "bankAccounts", record.accountId


def _of_transfer(record: Any) -> Iterator[tuple[DataType, str]]:
    for category in record.trackingCategoryRefs:
        yield "trackingCategories", category.id


_READERS: Final[dict[DataType, Callable[[Any], Iterator[tuple[DataType, str]]]]] = {
    **dict.fromkeys(DOCUMENTS, _of_document),
    **dict.fromkeys(PAYMENTS, _of_payment),
    "journalEntries": _of_entry,
    "items": _of_item,
    "accountTransactions": _of_account_transaction,
    "bankTransactions": _of_bank_transaction,
    "transfers": _of_transfer,
}
#: Data types that name others.
NAMING: Final[frozenset[DataType]] = frozenset(_READERS)
