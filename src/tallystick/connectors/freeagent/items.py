"""FreeAgent's price list and its stock. Source: providers §§2.5, 6.5."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.freeagent import wire_lists
from tallystick.connectors.freeagent.keys import prefixed
from tallystick.connectors.freeagent.words import (
    PRESENT,
    category_ref,
    instant,
    own_id,
    tax_rate_ref,
)
from tallystick.standard import (
    ZERO,
    BillItem,
    InvoiceItem,
    Item,
    ItemType,
    StandardRecord,
    TaxRateRef,
)

#: Most of what FreeAgent lists here are units of time.
TYPE: Final[dict[str, ItemType]] = {
    "Hours": "Service",
    "Days": "Service",
    "Weeks": "Service",
    "Months": "Service",
    "Years": "Service",
    "Services": "Service",
    "Training": "Service",
    "Expenses": "Service",
    "Products": "NonInventory",
    "Stock": "Inventory",
    "Bills": "NonInventory",
    "Comment": "NonInventory",
    "Discount": "NonInventory",
    "Credit": "NonInventory",
    "VAT": "NonInventory",
}


def price_list_item(source: wire_lists.PriceListItem, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Something that is sold: the price list is for invoices alone."""
    doubts.data_type = "items"
    return [
        Item(
            id=own_id(source.url),
            name=source.description or source.code or None,
            code=source.code or None,
            type=word(TYPE, source.item_type, "$.item_type", doubts),
            itemStatus="Active",
            isInvoiceItem=True,
            isBillItem=False,
            invoiceItem=InvoiceItem(
                description=source.description or None,
                unitPrice=source.price,
                accountRef=category_ref(source.category),
                taxRateRef=_tax_rate(source),
            ),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def stock_item(source: wire_lists.StockItem, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Something in stock. It has no price; its id has a word before it, since two lists give items."""
    doubts.data_type = "items"
    return [
        Item(
            id=prefixed("stock_items", own_id(source.url)),
            name=source.description or None,
            type="Inventory",
            itemStatus="Active",
            isInvoiceItem=True,
            isBillItem=True,
            invoiceItem=InvoiceItem(description=source.description or None),
            billItem=BillItem(
                description=source.description or None,
                accountRef=category_ref(source.cost_of_sale_category),
            ),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def _tax_rate(source: wire_lists.PriceListItem) -> TaxRateRef | None:
    """In the United Kingdom a word stands for the rate: only of two is it told how much they are."""
    match source.vat_status:
        case None | "":
            return tax_rate_ref(source.sales_tax_rate, None)
        case "zero":
            return tax_rate_ref(ZERO, None)
        case "out_of_scope":
            return tax_rate_ref(None, "OUT_OF_SCOPE")
        case _:
            return None
