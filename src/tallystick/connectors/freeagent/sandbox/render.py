"""Rows of invoices, credit notes and bills: a dict a row.

Written from the provider's own documents, apart from the connector's mapping. Source: providers.md §2.5.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.freeagent.sandbox.dialect import (
    address,
    codes_of,
    moment,
    money,
    number_of,
    status_of,
    taxed,
)
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Books, Document, Line

_CENT: Final = Decimal("0.01")
_SIX: Final = Decimal("0.000001")


@frozen
class Renderer:
    """Writes rows of one company's books as they are now."""

    books: Books
    codes: dict[str, str]
    today: date

    @classmethod
    def of(cls, books: Books, today: date) -> "Renderer":
        """Of books as they are now."""
        return cls(books, codes_of(books), today)

    def category(self, account_id: str) -> str:
        """The address of an account."""
        return address("categories", self.codes[account_id])

    def project(self, tracking: tuple[str, ...]) -> str | None:
        """The project that stands for a department."""
        categories = self.books.tracking_categories
        options = (self.books.tracking_options[each] for each in tracking)
        found = (each.id for each in options if categories[each.category_id].kind == "department")
        id_ = next(found, None)
        return None if id_ is None else address("projects", number_of(id_))

    def rate(self, document_rate: Decimal) -> str:
        """The company's currency for one of the document's."""
        return "1.0" if document_rate == 1 else money((1 / document_rate).quantize(_SIX))

    def sale(self, source: Document, *, nested: bool) -> dict[str, Any]:
        """A row of `invoices`, or of `credit_notes`, whose amounts are negative."""
        credit = source.kind == "credit_note"
        sign, name = (-1, "credit_notes") if credit else (1, "invoices")
        settled = source.paid + source.credited
        over = source.status == "voided"
        row = {
            **self._head(source, name),
            "net_value": money(sign * (source.total - source.tax)),
            "sales_tax_value": money(sign * source.tax),
            "total_value": money(sign * source.total),
            "due_value": money(ZERO if over else sign * source.due),
            "refunded_value" if credit else "paid_value": money(sign * settled),
            "involves_sales_tax": bool(source.tax),
            "is_interim_uk_vat": False,
            "omit_header": False,
            "payment_terms_in_days": max(0, (source.due_on - source.issued_on).days),
        }
        if source.settled_on is not None:
            row["refunded_on" if credit else "paid_on"] = source.settled_on.isoformat()
        if over:
            row["written_off_date"] = source.updated_at.date().isoformat()
        if nested:
            row["credit_note_items" if credit else "invoice_items"] = [
                self._sales_line(line, place, source, sign) for place, line in enumerate(source.lines, 1)
            ]
        return row

    def bill(self, source: Document, *, nested: bool) -> dict[str, Any]:
        """A row of `bills`: a credit note is a bill with a negative total. Tax has the other sign."""
        sign = -1 if source.kind == "bill_credit_note" else 1
        row = {
            **self._head(source, "bills"),
            "net_value": money(-sign * (source.total - source.tax)),
            "sales_tax_value": money(-sign * source.tax),
            "total_value": money(sign * source.total),
            "paid_value": money(sign * (source.paid + source.credited)),
            "due_value": money(sign * source.due),
            "is_paid_by_hire_purchase": False,
            "input_total_values_inc_tax": source.basis == "inclusive",
        }
        if source.settled_on is not None:
            row["paid_on"] = source.settled_on.isoformat()
        if nested:
            row["bill_items"] = [self._bill_line(line, source, sign) for line in source.lines]
        return row

    def _head(self, source: Document, name: str) -> dict[str, Any]:
        contact = self.books.contacts[source.contact_id]
        status = status_of(source, self.today)
        return {
            "url": address(name, number_of(source.id)),
            "contact": address("contacts", number_of(contact.id)),
            "contact_name": contact.name,
            "dated_on": source.issued_on.isoformat(),
            "due_on": source.due_on.isoformat(),
            "reference": source.number,
            "currency": source.currency,
            "exchange_rate": self.rate(source.rate),
            "status": status,
            "long_status": status,
            "comments": source.reference,
            "created_at": moment(source.created_at),
            "updated_at": moment(source.updated_at),
        }

    def _sales_line(self, line: Line, place: int, source: Document, sign: int) -> dict[str, Any]:
        net = _net(line, source)
        quantity, price = line.quantity, line.unit_price
        if (quantity * price).quantize(_CENT, ROUND_HALF_UP) != net:
            # A discount of one line, or a price with its tax: FreeAgent has neither.
            quantity, price = Decimal(1), net
        status, percentage = taxed(line.tax_code, self.books)
        item = self.books.items.get(line.item_id) if line.item_id else None
        stock = item is not None and item.kind == "stock"
        row: dict[str, Any] = {
            "url": address("invoice_items", number_of(line.id)),
            "position": place,
            "item_type": "Stock" if stock else "Products",
            "description": line.description,
            "quantity": money(quantity),
            "price": money(sign * price),
            "sales_tax_rate": percentage,
            # An invoice knows two words only.
            "sales_tax_status": "EXEMPT" if status == "OUT_OF_SCOPE" and source.kind == "invoice" else status,
            "category": self.category(line.account_id),
        }
        if item is not None and stock:
            row["stock_item"] = address("stock_items", number_of(item.id))
        return self._counted(row, line)

    def _bill_line(self, line: Line, source: Document, sign: int) -> dict[str, Any]:
        net = _net(line, source)
        status, percentage = taxed(line.tax_code, self.books)
        item = self.books.items.get(line.item_id) if line.item_id else None
        row: dict[str, Any] = {
            "url": address("bill_items", number_of(line.id)),
            "bill": address("bills", number_of(source.id)),
            "description": line.description,
            "category": self.category(line.account_id),
            "quantity": "1.0",
            "unit": "-no unit-",
            "total_value": money(sign * (net + line.tax)),
            "total_value_ex_tax": money(sign * net),
            "sales_tax_status": status,
            "sales_tax_rate": percentage,
            "sales_tax_value": money(-sign * line.tax),
        }
        if item is not None and item.kind == "stock":
            row["stock_item"] = address("stock_items", number_of(item.id))
            row["stock_item_description"] = item.name
        return self._counted(row, line)

    def _counted(self, row: dict[str, Any], line: Line) -> dict[str, Any]:
        project = self.project(line.tracking)
        return row if project is None else {**row, "project": project}


def _net(line: Line, source: Document) -> Decimal:
    return line.amount - line.tax if source.basis == "inclusive" else line.amount
