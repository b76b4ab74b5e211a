"""What rows of several lists have in common: contacts, bank accounts, lines, tracking.

Written from the provider's own documents, apart from the connector's mapping. Source: providers.md §§2.2, 6.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tallystick.connectors.sandbox.books import Account, Books, Contact, Line
from tallystick.connectors.xero.sandbox.dialect import View, tax_type, unit_amount


def contact_brief(source: Contact) -> dict[str, Any]:
    """The contact that a record names."""
    return {
        "ContactID": source.id,
        "Name": source.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def account_brief(source: Account) -> dict[str, Any]:
    """The bank account that a record names."""
    return {"AccountID": source.id, "Code": source.code, "Name": source.name}


def tracking(option_ids: Iterable[str], books: Books) -> list[dict[str, Any]]:
    """The options that a line is counted by, with their categories."""
    found: list[dict[str, Any]] = []
    for id_ in option_ids:
        option = books.tracking_options[id_]
        category = books.tracking_categories[option.category_id]
        found.append(
            {
                "Name": category.name,
                "Option": option.name,
                "TrackingCategoryID": category.id,
                "TrackingOptionID": option.id,
            }
        )
    return found


def lines(source: Sequence[Line], books: Books, view: View) -> list[dict[str, Any]]:
    """A record's lines; none where they were not asked for (quirk 1)."""
    return [_line(line, books, view) for line in source] if view.lines else []


def _line(source: Line, books: Books, view: View) -> dict[str, Any]:
    row: dict[str, Any] = {
        "LineItemID": source.id,
        "Description": source.description,
        "UnitAmount": unit_amount(source.unit_price, view),
        "TaxType": tax_type(source.tax_code),
        "TaxAmount": source.tax,
        "LineAmount": source.amount,
        "AccountCode": source.account_code,
        "AccountID": source.account_id,
        "Tracking": tracking(source.tracking, books),
        "Quantity": source.quantity,
        "ValidationErrors": [],
    }
    if source.discount_rate is not None:
        row["DiscountRate"] = source.discount_rate
    if source.discount_amount is not None:
        row["DiscountAmount"] = source.discount_amount
    found = books.items.get(source.item_id) if source.item_id else None
    if found is not None:
        row["ItemCode"] = found.code
        row["Item"] = {"ItemID": found.id, "Name": found.name, "Code": found.code}
    return row


def beside_lines(source: Sequence[Line], books: Books) -> tuple[object, ...]:
    """The other records that lines tell of."""
    found: list[object] = []
    for line in source:
        found += beside_tracking(line.tracking, books)
        if line.item_id:
            found.append(books.items.get(line.item_id))
    return tuple(found)


def beside_tracking(option_ids: Iterable[str], books: Books) -> list[object]:
    """Options and their categories."""
    options = [books.tracking_options[id_] for id_ in option_ids]
    return [*options, *(books.tracking_categories[option.category_id] for option in options)]
