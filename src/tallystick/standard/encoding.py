"""Records as JSON: the very bytes that the store keeps and the API sends.

Numbers keep their digits and their scale; fields without a value are `null`; instants end in `Z`.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import msgspec

from tallystick.standard.accounts import Account, BankAccount
from tallystick.standard.bills import Bill
from tallystick.standard.company import CompanyInfo
from tallystick.standard.contacts import Customer, Supplier
from tallystick.standard.credit_notes import BillCreditNote, CreditNote
from tallystick.standard.data_types import DataType
from tallystick.standard.invoices import Invoice
from tallystick.standard.items import Item
from tallystick.standard.payments import BillPayment, Payment
from tallystick.standard.record import StandardRecord
from tallystick.standard.tax_rates import TaxRate

_CLASSES: Final[tuple[type[StandardRecord], ...]] = (
    Account,
    BankAccount,
    Bill,
    BillCreditNote,
    BillPayment,
    CompanyInfo,
    CreditNote,
    Customer,
    Invoice,
    Item,
    Payment,
    Supplier,
    TaxRate,
)
#: The class of each data type that there is one for.
RECORD_CLASSES: Final[Mapping[DataType, type[StandardRecord]]] = MappingProxyType(
    {kind.DATA_TYPE: kind for kind in _CLASSES}
)

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def encode(record: StandardRecord) -> bytes:
    """A record as a JSON object in UTF-8. Its numbers must be finite (`money.finite`).

    Cost: about 10 µs for an invoice of three lines.
    """
    return _ENCODER.encode(record)


def decode(data_type: DataType, body: bytes) -> StandardRecord:
    """The record that `encode` made these bytes of; fields that it does not know are passed over.

    Raises: `KeyError` for a data type without a class, `msgspec.ValidationError` for other content.
    """
    record: StandardRecord = _decoder(data_type).decode(body)
    return record


@cache
def _decoder(data_type: DataType) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(RECORD_CLASSES[data_type])
