"""Documents that bear one number twice: the same contact, the same number, another id.

Two records are needed to see it, so what is here only tells what would be the same; the engine compares.
"""

from operator import attrgetter
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.rules.rule import Rule

#: Where each data type has its number and its contact.
_PLACES: Final[dict[DataType, tuple[str, str]]] = {
    "invoices": ("invoiceNumber", "customerRef"),
    "bills": ("reference", "supplierRef"),
    "creditNotes": ("creditNoteNumber", "customerRef"),
    "billCreditNotes": ("billCreditNoteNumber", "supplierRef"),
    "purchaseOrders": ("purchaseOrderNumber", "supplierRef"),
    "salesOrders": ("salesOrderNumber", "customerRef"),
}
DUPLICATE: Final = Rule(
    number=90, types=tuple(_PLACES), holds="No other document of the same contact bears its number."
)
RULES: Final = (DUPLICATE,)
#: How a document's number and contact are read, by data type.
READERS: Final = {data_type: attrgetter(*places) for data_type, places in _PLACES.items()}


def number_of(record: Any) -> tuple[str, str] | None:
    """A document's number and the id of its contact; None where one is missing, or it is void or deleted."""
    reader = READERS.get(record.DATA_TYPE)
    if reader is None:
        return None
    number, contact = reader(record)
    if not number or contact is None or record.status == "Void" or record.metadata.isDeleted:
        return None
    return number, contact.id
