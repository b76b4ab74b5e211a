"""Our classes against the models of the SDK that clients read the API with."""

import json
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from codat_lending.models import shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.standard.conftest import a_bare_one, a_full_one, any_of

from tallystick.standard import (
    RECORD_CLASSES,
    AgedCreditorReport,
    AgedDebtorReport,
    Attachments,
    BankTransaction,
    BillItem,
    DataType,
    InvoiceItem,
    Item,
    ItemReceipt,
    ItemReceiptLineItem,
    OrderedBy,
    PaymentMethod,
    PurchaseOrder,
    PurchaseOrderLineItem,
    SalesOrder,
    SalesOrderLineItem,
    ShipTo,
    ShipToContact,
    TaxRate,
    TaxRateComponent,
    TrackingCategory,
    TrackingCategoryTree,
    TransferAccountRef,
    encode,
    spelt,
)

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

MODELS: dict[DataType, type[BaseModel]] = {
    "chartOfAccounts": shared.AccountingAccount,
    "bankAccounts": shared.AccountingBankAccount,
    "customers": shared.AccountingCustomer,
    "suppliers": shared.AccountingSupplier,
    "invoices": shared.AccountingInvoice,
    "bills": shared.AccountingBill,
    "payments": shared.AccountingPayment,
    "billPayments": shared.AccountingBillPayment,
    "creditNotes": shared.AccountingCreditNote,
    "billCreditNotes": shared.AccountingBillCreditNote,
    "company": shared.AccountingCompanyInfo,
    "accountTransactions": shared.AccountingAccountTransaction,
    "bankTransactions": shared.AccountingBankTransaction,
    "directCosts": shared.AccountingDirectCost,
    "directIncomes": shared.AccountingDirectIncome,
    "journals": shared.AccountingJournal,
    "journalEntries": shared.AccountingJournalEntry,
    "transfers": shared.AccountingTransfer,
    "balanceSheet": shared.AccountingBalanceSheet,
    "profitAndLoss": shared.AccountingProfitAndLossReport,
    "cashFlowStatement": shared.AccountingCashFlowStatement,
}
ANSWERS: dict[Any, type[BaseModel]] = {
    AgedDebtorReport: shared.AccountingAgedDebtorReport,
    AgedCreditorReport: shared.AccountingAgedCreditorReport,
    Attachments: shared.Attachments,
}
PAIRS = [*((RECORD_CLASSES[name], model) for name, model in MODELS.items()), *ANSWERS.items()]
#: What the store adds, and what the SDK's older models call otherwise.
THEIRS_ALONE = {"modifiedDate", "additional_properties"}
#: What the SDK's model lacks and passes over: the mark of deletion that the contract's §3 promises for every
#: record, and the name that the other SDK reads.
OURS_ALONE = {BankTransaction: {"metadata"}, TransferAccountRef: {"name"}}
ALL = pytest.mark.parametrize(("kind", "model"), PAIRS, ids=lambda each: each.__name__)

#: The fields of types that the SDK lacks, by the contract (api-contract §3.1); `!` for one that is never null.
CONTRACT: dict[type[Any], str] = {
    Item: "id name code type! itemStatus! isBillItem! isInvoiceItem! billItem invoiceItem supplementalData",
    BillItem: "description unitPrice accountRef taxRateRef",
    InvoiceItem: "description unitPrice accountRef taxRateRef",
    TaxRate: "id name code effectiveTaxRate totalTaxRate components validDatatypeLinks status supplementalData",
    TaxRateComponent: "name rate isCompound!",
    ItemReceipt: "id reference supplierRef purchaseOrderRefs receivedDate currency currencyRate lineItems status "
    "subTotal totalAmount note supplementalData",
    ItemReceiptLineItem: "lineNumber description unitAmount quantity unitOfMeasurement subTotal totalAmount "
    "accountRef itemRef purchaseOrderLineRef tracking",
    PaymentMethod: "id name type status",
    PurchaseOrder: "id purchaseOrderNumber supplierRef issueDate expectedDeliveryDate deliveryDate paymentDueDate "
    "currency currencyRate lineItems shipTo createdBy status subTotal totalDiscount totalTaxAmount totalAmount note",
    PurchaseOrderLineItem: "lineNumber description unitAmount quantity unitOfMeasurement discountAmount "
    "discountPercentage subTotal taxAmount totalAmount accountRef taxRateRef itemRef trackingCategoryRefs",
    OrderedBy: "email firstName lastName",
    SalesOrder: "id salesOrderNumber customerPurchaseOrderNumber customerRef issueDate expectedDeliveryDate "
    "currency currencyRate lineItems shipTo status invoicingStatus subTotal totalDiscount totalTaxAmount "
    "totalAmount note",
    SalesOrderLineItem: "description unitAmount quantity discountAmount discountPercentage subTotal taxAmount "
    "totalAmount accountRef taxRateRef itemRef tracking",
    ShipTo: "address contact",
    ShipToContact: "name email phone",
    TrackingCategory: "id name parentId hasChildren status",
    TrackingCategoryTree: "id name parentId hasChildren status subCategories",
}


def parts(annotation: Any) -> Iterator[Any]:
    """The classes within an annotation, whatever it wraps them in."""
    if get_origin(annotation) is Literal:
        yield annotation
        return
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from parts(each)


def same_shape(ours: type, theirs: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every way in which our class would surprise a reader of theirs."""
    hints = get_type_hints(ours)
    fields = {spelt(name): hints[name] for name in attrs.fields_dict(ours)}
    known = {field.alias or name: field for name, field in theirs.model_fields.items()}
    yield from (f"{path}{name} is theirs alone" for name in known.keys() - fields - THEIRS_ALONE)
    for name, annotation in fields.items():
        if name not in known:
            if name not in OURS_ALONE.get(ours, ()):
                yield f"{path}{name} is ours alone"
            continue
        if known[name].is_required() and type(None) in get_args(annotation):
            yield f"{path}{name} may be null and must not"
        mine, other = list(parts(annotation)), list(parts(known[name].annotation))
        words = {w for p in mine if get_origin(p) is Literal for w in get_args(p)}
        enum = {w.value for p in other if isinstance(p, type) and issubclass(p, Enum) for w in p}
        if words != enum and words:
            yield f"{path}{name} has the words {words ^ enum} on one side only"
        inner = [p for p in mine if attrs.has(p)]
        model = [p for p in other if isinstance(p, type) and issubclass(p, BaseModel)]
        for a, b in zip(inner, model, strict=True):
            if a is not ours:  # a line of a statement has lines within it
                yield from same_shape(a, b, f"{path}{name}.")


@ALL
def test_fields_and_words_are_those_of_the_sdk(kind: type[Any], model: type[BaseModel]) -> None:
    assert list(same_shape(kind, model)) == []


@pytest.mark.parametrize("kind", CONTRACT, ids=lambda kind: kind.__name__)
def test_fields_of_types_that_the_sdk_lacks_are_those_of_the_contract(kind: type[Any]) -> None:
    hints = get_type_hints(kind)
    fields = set(attrs.fields_dict(kind))
    if "metadata" in fields:
        fields -= {"metadata", "sourceModifiedDate"}  # every record's
    told = CONTRACT[kind].split()

    assert fields == {name.rstrip("!") for name in told}
    assert not [name for name in told if name.endswith("!") and type(None) in get_args(hints[name[:-1]])]


@pytest.mark.parametrize(
    ("data_type", "field", "words"),
    [
        ("items", "type", "Unknown|Inventory|NonInventory|Service"),
        ("items", "itemStatus", "Unknown|Active|Archived"),
        ("taxRates", "status", "Unknown|Active|Archived"),
        ("itemReceipts", "status", "Unknown|Draft|Received|Rejected|Void"),
        ("paymentMethods", "status", "Unknown|Active|Archived"),
        ("paymentMethods", "type", "Unknown|Cash|Check|CreditCard|DebitCard|BankTransfer|Other"),
        ("purchaseOrders", "status", "Unknown|Draft|Open|Closed|Void"),
        ("salesOrders", "status", "Unknown|Draft|Open|Closed|Void"),
        ("salesOrders", "invoicingStatus", "Unknown|PartiallyInvoiced|Invoiced|NotInvoiced"),
        ("trackingCategories", "status", "Unknown|Active|Archived"),
    ],
)
def test_words_of_types_that_the_sdk_lacks_are_those_of_the_contract(
    data_type: DataType, field: str, words: str
) -> None:
    hint = get_type_hints(RECORD_CLASSES[data_type])[field]
    told = {word for part in parts(hint) for word in get_args(part)}
    assert told == set(words.split("|"))


def test_every_data_type_is_compared_with_the_sdk_or_with_the_contract() -> None:
    assert {name for name, kind in RECORD_CLASSES.items() if kind not in CONTRACT} == set(MODELS)


@pytest.mark.parametrize("data_type", RECORD_CLASSES)
def test_every_literal_but_a_kind_of_record_can_be_unknown(data_type: DataType) -> None:
    """A word that a provider invents tomorrow must not make a page unreadable."""
    words = [
        get_args(part)
        for name, hint in get_type_hints(RECORD_CLASSES[data_type]).items()
        if name != "DATA_TYPE"
        for part in parts(hint)
        if get_origin(part) is Literal
    ]
    assert all("Unknown" in each for each in words)


@ALL
def test_the_sdk_reads_a_full_one(kind: type[Any], model: type[BaseModel]) -> None:
    body = encode(a_full_one(kind))

    model.model_validate_json(body)
    model.model_validate(json.loads(body))


@ALL
def test_the_sdk_reads_a_bare_one_whose_other_fields_are_left_out(
    kind: type[Any], model: type[BaseModel]
) -> None:
    model.model_validate_json(encode(a_bare_one(kind)))


@ALL
@FEW
@given(data=st.data())
def test_the_sdk_reads_whatever_there_can_be(
    kind: type[Any], model: type[BaseModel], data: st.DataObject
) -> None:
    model.model_validate_json(encode(data.draw(any_of(kind))))


def test_the_sdk_keeps_what_a_record_says() -> None:
    """Names that it does not know it passes over in silence."""
    read = shared.AccountingTransfer.model_validate_json(encode(a_full_one(RECORD_CLASSES["transfers"])))

    assert read.from_ is not None
    assert read.from_.amount == Decimal("1234567.89")
    assert read.supplemental_data is not None
    assert read.supplemental_data.content == {"here": {"here": {"rate": 1.1}}}
