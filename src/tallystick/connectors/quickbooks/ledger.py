"""QuickBooks' accounts, items and ways to pay. Source: providers §§5 no. 36, 6.1, 6.5."""

from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, exact_word
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.words import (
    PRESENT,
    account_ref,
    changed,
    class_refs,
    entity_id,
    id_of,
    name_of,
    tax_rate_ref,
)
from tallystick.standard import (
    Account,
    AccountType,
    BankAccount,
    BankAccountType,
    BillItem,
    InvoiceItem,
    Item,
    ItemType,
    PaymentMethod,
    PaymentMethodType,
    StandardRecord,
    TrackingCategory,
)

CLASSIFICATION: Final[dict[str, AccountType]] = {
    "Asset": "Asset",
    "Liability": "Liability",
    "Equity": "Equity",
    "Revenue": "Income",
    "Expense": "Expense",
}
#: What an account of each type is where its classification is not told.
TYPE: Final[dict[str, AccountType]] = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Income",
    "Other Income": "Income",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Non-Posting": "Unknown",
}
BANK_ACCOUNT_TYPE: Final[dict[str, BankAccountType]] = {"Bank": "Debit", "Credit Card": "Credit"}
ITEM_TYPE: Final[dict[str, ItemType]] = {
    "Inventory": "Inventory",
    "NonInventory": "NonInventory",
    "Service": "Service",
    "Group": "Unknown",  # several items that are sold as one
    "Fixed Asset": "Unknown",
    "Other Charge": "Unknown",
    "Assembly": "Inventory",
}
#: A heading in the list of items: nothing that could be bought or sold.
_HEADING: Final = "Category"
#: QuickBooks tells cards from everything else; what else it is, only the name says.
PAYMENT_METHOD_TYPE: Final[dict[str, PaymentMethodType]] = {
    "CREDIT_CARD": "CreditCard",
    "NON_CREDIT_CARD": "Other",
}
PAYMENT_METHOD_NAME: Final[dict[str, PaymentMethodType]] = {
    "cash": "Cash",
    "check": "Check",
    "cheque": "Check",
    "debit card": "DebitCard",
    "bank transfer": "BankTransfer",
}


def account(source: wire.Account, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account of the ledger, and the bank account that it may be as well."""
    doubts.data_type = "chartOfAccounts"
    kind = exact_word(CLASSIFICATION, source.Classification, "$.Classification", doubts)
    by_type = exact_word(TYPE, source.AccountType, "$.AccountType", doubts)
    if kind == "Unknown":
        kind = by_type
    category = ".".join(part for part in (kind, source.AccountType, source.AccountSubType) if part)
    status: Literal["Archived", "Active"] = "Archived" if source.Active is False else "Active"
    money = id_of(source.CurrencyRef) or books.base_currency
    name = name_of(source.FullyQualifiedName or source.Name)
    is_bank = source.AccountType in BANK_ACCOUNT_TYPE
    found: list[StandardRecord] = [
        Account(
            id=source.Id,
            nominalCode=source.AcctNum or None,
            name=name_of(source.Name),
            description=source.Description or None,
            fullyQualifiedCategory=category or None,
            fullyQualifiedName=f"{category}.{name.replace(':', '.')}" if category and name else None,
            currency=money,
            currentBalance=source.CurrentBalance,
            type=kind,
            status=status,
            isBankAccount=is_bank,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]
    if is_bank:
        doubts.data_type = "bankAccounts"
        found.append(
            BankAccount(
                id=source.Id,
                accountName=name_of(source.Name),
                accountType=BANK_ACCOUNT_TYPE[source.AccountType or ""],
                nominalCode=source.AcctNum or None,
                currency=money,
                balance=source.CurrentBalance,
                status=status,
                sourceModifiedDate=changed(source, doubts),
                metadata=PRESENT,
            )
        )
    return found


def item(source: wire.Item, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An item; a heading among them is none."""
    if source.Type == _HEADING:
        return []
    sold, bought = source.IncomeAccountRef is not None, source.ExpenseAccountRef is not None
    return [
        Item(
            id=source.Id,
            name=name_of(source.Name),
            code=source.Sku or None,
            type=exact_word(ITEM_TYPE, source.Type, "$.Type", doubts),
            itemStatus="Archived" if source.Active is False else "Active",
            isInvoiceItem=sold,
            isBillItem=bought,
            invoiceItem=InvoiceItem(
                description=source.Description or None,
                unitPrice=source.UnitPrice,
                accountRef=account_ref(source.IncomeAccountRef),
                taxRateRef=tax_rate_ref(source.SalesTaxCodeRef),
            )
            if sold
            else None,
            billItem=BillItem(
                description=source.PurchaseDesc or None,
                unitPrice=source.PurchaseCost,
                accountRef=account_ref(source.ExpenseAccountRef),
                taxRateRef=tax_rate_ref(source.PurchaseTaxCodeRef),
            )
            if bought
            else None,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def category(
    source: wire.Category, entity: str, *, has_children: bool, doubts: Doubts
) -> list[StandardRecord]:
    """A class or a department. Its id is that of a reference from a line: see `words.class_refs`."""
    parent = class_refs((entity, source.ParentRef))
    return [
        TrackingCategory(
            id=entity_id(entity, source.Id),
            name=name_of(source.Name),
            parentId=parent[0].id if parent else None,
            hasChildren=has_children,
            status="Archived" if source.Active is False else "Active",
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def payment_method(source: wire.PaymentMethod, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A way to pay."""
    kind = exact_word(PAYMENT_METHOD_TYPE, source.Type, "$.Type", doubts)
    if kind != "CreditCard":
        kind = PAYMENT_METHOD_NAME.get((source.Name or "").strip().lower(), kind)
    return [
        PaymentMethod(
            id=source.Id,
            name=name_of(source.Name),
            type=kind,
            status="Archived" if source.Active is False else "Active",
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]
