"""Records as JSON: the very bytes that the store keeps and the API sends.

Numbers keep their digits and their scale; fields without a value are left out, as the API's contract lets
them be (api-contract §3); instants end in `Z`.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import msgspec

from tallystick.standard.account_transactions import AccountTransaction
from tallystick.standard.accounts import Account, BankAccount
from tallystick.standard.aged_reports import AgedCreditorReport, AgedDebtorReport
from tallystick.standard.attachments import Attachment, Attachments
from tallystick.standard.bank_transactions import BankTransaction
from tallystick.standard.bills import Bill
from tallystick.standard.company import CompanyInfo
from tallystick.standard.contacts import Customer, Supplier
from tallystick.standard.credit_notes import BillCreditNote, CreditNote
from tallystick.standard.data_types import DataType
from tallystick.standard.direct_costs import DirectCost
from tallystick.standard.direct_incomes import DirectIncome
from tallystick.standard.invoices import Invoice
from tallystick.standard.item_receipts import ItemReceipt
from tallystick.standard.items import Item
from tallystick.standard.journals import Journal, JournalEntry
from tallystick.standard.orders import PurchaseOrder, SalesOrder
from tallystick.standard.payment_methods import PaymentMethod
from tallystick.standard.payments import BillPayment, Payment
from tallystick.standard.record import StandardRecord
from tallystick.standard.spelling import as_kept, as_sent
from tallystick.standard.statements import BalanceSheet, CashFlowStatement, ProfitAndLoss
from tallystick.standard.tax_rates import TaxRate
from tallystick.standard.tracking_categories import TrackingCategory, TrackingCategoryTree
from tallystick.standard.transfers import Transfer
from tallystick.standard.written import as_written

_CLASSES: Final[tuple[type[StandardRecord], ...]] = (
    Account,
    AccountTransaction,
    BalanceSheet,
    BankAccount,
    BankTransaction,
    Bill,
    BillCreditNote,
    BillPayment,
    CashFlowStatement,
    CompanyInfo,
    CreditNote,
    Customer,
    DirectCost,
    DirectIncome,
    Invoice,
    Item,
    ItemReceipt,
    Journal,
    JournalEntry,
    Payment,
    PaymentMethod,
    ProfitAndLoss,
    PurchaseOrder,
    SalesOrder,
    Supplier,
    TaxRate,
    TrackingCategory,
    Transfer,
)
#: The class of each data type.
RECORD_CLASSES: Final[Mapping[DataType, type[StandardRecord]]] = MappingProxyType(
    {kind.DATA_TYPE: kind for kind in _CLASSES}
)

#: What is made when somebody asks for it, and is not stored.
Answer = AgedCreditorReport | AgedDebtorReport | Attachment | Attachments | TrackingCategoryTree

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def encode(record: StandardRecord | Answer) -> bytes:
    """A record as a JSON object in UTF-8. Its numbers must be finite (`money.finite`).

    Cost: about 4 µs for a written invoice of three lines (`written`); several times that for one of attrs.
    """
    body = _ENCODER.encode(as_written(record))
    return as_sent(getattr(record, "DATA_TYPE", None), body)


def decode(data_type: DataType, body: bytes) -> StandardRecord:
    """The record that `encode` made these bytes of; fields that it does not know are passed over.

    Raises: `KeyError` for a data type without a class, `msgspec.ValidationError` for other content.
    """
    record: StandardRecord = _decoder(data_type).decode(as_kept(data_type, body))
    return record


@cache
def _decoder(data_type: DataType) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(RECORD_CLASSES[data_type])
