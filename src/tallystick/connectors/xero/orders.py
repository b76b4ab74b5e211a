"""Xero's purchase orders. Source: providers §2.1."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.lines import fields_of_lines
from tallystick.connectors.xero.words import GONE, PRESENT, day, instant, rate
from tallystick.standard import (
    PurchaseOrder,
    PurchaseOrderLineItem,
    PurchaseOrderStatus,
    ShipTo,
    ShipToContact,
    StandardRecord,
    written,
)

#: `BILLED` orders have become bills. A deleted order is void, and gone as well.
STATUS: Final[dict[str, PurchaseOrderStatus]] = {
    "DRAFT": "Draft",
    "SUBMITTED": "Open",
    "AUTHORISED": "Open",
    "BILLED": "Closed",
    "DELETED": "Void",
}
_PurchaseOrder = written.struct_of(PurchaseOrder)
_ShipTo = written.struct_of(ShipTo)
_ShipToContact = written.struct_of(ShipToContact)
_Line = written.struct_of(PurchaseOrderLineItem)


def purchase_order(source: wire.PurchaseOrder, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An order to a supplier."""
    doubts.data_type = "purchaseOrders"
    notes = [text for text in (source.Reference, source.DeliveryInstructions) if text]
    party = source.Contact or wire.Party()
    return [
        _PurchaseOrder(
            id=source.PurchaseOrderID,
            purchaseOrderNumber=source.PurchaseOrderNumber or None,
            supplierRef=written.SupplierRef(id=party.ContactID, supplierName=party.Name or None)
            if party.ContactID
            else None,
            issueDate=day(source.DateString, source.Date, "$.Date", doubts),
            expectedDeliveryDate=day(
                source.ExpectedArrivalDateString,
                source.ExpectedArrivalDate,
                "$.ExpectedArrivalDate",
                doubts,
            ),
            deliveryDate=day(source.DeliveryDateString, source.DeliveryDate, "$.DeliveryDate", doubts),
            currency=source.CurrencyCode or books.base_currency,
            currencyRate=rate(source.CurrencyRate, "$.CurrencyRate", doubts),
            lineItems=tuple(_Line(**line) for line in fields_of_lines(source, books, doubts)),
            shipTo=_ship_to(source),
            status=word(STATUS, source.Status, "$.Status", doubts),
            subTotal=source.SubTotal,
            totalDiscount=source.TotalDiscount,
            totalTaxAmount=source.TotalTax,
            totalAmount=source.Total,
            note="\n".join(notes) or None,
            sourceModifiedDate=instant(
                source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts
            ),
            metadata=GONE if source.Status == "DELETED" else PRESENT,
        )
    ]


def _ship_to(source: wire.PurchaseOrder) -> ShipTo | None:
    """The address is one text of several lines at Xero: the first is ours, the others are the second."""
    lines = [line.strip() for line in (source.DeliveryAddress or "").splitlines() if line.strip()]
    address = None
    if lines:
        address = written.Address(type="Delivery", line1=lines[0], line2=", ".join(lines[1:]) or None)
    contact = None
    if source.AttentionTo or source.Telephone:
        contact = _ShipToContact(name=source.AttentionTo or None, phone=source.Telephone or None)
    return _ShipTo(address=address, contact=contact) if address or contact else None
