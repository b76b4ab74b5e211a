"""Sage's products, services and stock items. Source: providers §6.5."""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import account_ref, instant, list_of, metadata, tax_rate_ref
from tallystick.standard import BillItem, InvoiceItem, Item, ItemStatus, ItemType, StandardRecord

#: What an item is, by the list that it is of.
TYPE: Final[dict[str, ItemType]] = {
    "products": "NonInventory",
    "services": "Service",
    "stock_items": "Inventory",
}


def item(source: wire_lists.Item, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An item. It is sold or bought where Sage names the account that it is posted to."""
    doubts.data_type = "items"
    sold, bought = source.sales_ledger_account is not None, source.purchase_ledger_account is not None
    return [
        Item(
            id=source.id,
            name=source.description or source.displayed_as or None,
            code=source.item_code or None,
            type=TYPE.get(list_of(source.path), "Unknown"),
            itemStatus=_status(source),
            isInvoiceItem=sold,
            isBillItem=bought,
            invoiceItem=InvoiceItem(
                description=source.description or None,
                unitPrice=_price(source),
                accountRef=account_ref(source.sales_ledger_account),
                taxRateRef=tax_rate_ref(source.sales_tax_rate),
            )
            if sold
            else None,
            billItem=BillItem(
                description=source.purchase_description or None,
                unitPrice=source.cost_price,
                accountRef=account_ref(source.purchase_ledger_account),
                taxRateRef=tax_rate_ref(source.purchase_tax_rate),
            )
            if bought
            else None,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=metadata(source.deleted_at),
        )
    ]


def _status(source: wire_lists.Item) -> ItemStatus:
    if source.deleted_at:
        return "Archived"
    return "Unknown" if source.active is None else "Active" if source.active else "Archived"


def _price(source: wire_lists.Item) -> Decimal | None:
    """The first of its prices: Sage lists its own before those that the business has added."""
    prices = [each.price for each in source.sales_prices or ()]
    prices += [each.rate for each in source.sales_rates or ()]
    return next((price for price in prices if price is not None), None)
