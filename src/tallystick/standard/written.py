"""The model's classes as structs, for mappings: they make records by the thousand.

`written.Invoice(…)` takes the fields of `Invoice`, is frozen as it is, and costs a third of it: attrs fills a
frozen instance by one call a field. To the type checker it *is* that class; at run time it is none of its
instances, so whoever reads records goes by `DATA_TYPE`, or decodes them.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import attrs
import msgspec

from tallystick.standard import (
    allocations,
    bills,
    contacts,
    credit_notes,
    invoices,
    payments,
    record,
    references,
    tracking,
)

T = TypeVar("T")


def struct_of(kind: type[T]) -> type[T]:
    """The struct with the fields of an attrs class; a field without a value is left out of its JSON."""
    return cast(type[T], _struct_of(kind))  # type: ignore[arg-type] # a class can be hashed


@cache
def _struct_of(kind: type[Any]) -> type[msgspec.Struct]:
    told = {"DATA_TYPE": kind.DATA_TYPE} if hasattr(kind, "DATA_TYPE") else {}
    return msgspec.defstruct(
        kind.__name__,
        [_field(each) for each in attrs.fields(kind)],
        namespace=told,
        frozen=True,
        kw_only=True,
        omit_defaults=True,
        gc=False,  # a record is a tree
    )


def _field(told: "attrs.Attribute[Any]") -> Any:
    """`omit_defaults` leaves out what equals a plain default, and never what a factory gives."""
    if told.default is attrs.NOTHING:
        return (told.name, Any)
    if told.default is None:
        return (told.name, Any, None)
    return (told.name, Any, msgspec.field(default_factory=_giving(told.default)))


def _giving(value: T) -> Callable[[], T]:
    return lambda: value


def as_written(value: Any) -> Any:
    """A record of attrs as a struct, with all that is in it; what is a struct stays as it is."""
    if isinstance(value, msgspec.Struct):
        return value
    if isinstance(value, tuple):
        return tuple(map(as_written, value))
    if not attrs.has(type(value)):
        return value
    told = {each.name: as_written(getattr(value, each.name)) for each in attrs.fields(type(value))}
    return struct_of(type(value))(**told)


Metadata = struct_of(record.Metadata)

AccountRef = struct_of(references.AccountRef)
CustomerRef = struct_of(references.CustomerRef)
ItemRef = struct_of(references.ItemRef)
SupplierRef = struct_of(references.SupplierRef)
TaxRateRef = struct_of(references.TaxRateRef)
TrackingCategoryRef = struct_of(references.TrackingCategoryRef)
PayableTracking = struct_of(tracking.PayableTracking)
ReceivableTracking = struct_of(tracking.ReceivableTracking)

AllocatedPayment = struct_of(allocations.AllocatedPayment)
Allocation = struct_of(allocations.Allocation)
PaymentAllocation = struct_of(allocations.PaymentAllocation)
WithholdingTax = struct_of(allocations.WithholdingTax)

Bill = struct_of(bills.Bill)
BillLineItem = struct_of(bills.BillLineItem)
BillCreditNote = struct_of(credit_notes.BillCreditNote)
BillCreditNoteLineItem = struct_of(credit_notes.BillCreditNoteLineItem)
CreditNote = struct_of(credit_notes.CreditNote)
CreditNoteLineItem = struct_of(credit_notes.CreditNoteLineItem)
Invoice = struct_of(invoices.Invoice)
InvoiceLineItem = struct_of(invoices.InvoiceLineItem)

BillPayment = struct_of(payments.BillPayment)
BillPaymentLine = struct_of(payments.BillPaymentLine)
BillPaymentLineLink = struct_of(payments.BillPaymentLineLink)
Payment = struct_of(payments.Payment)
PaymentLine = struct_of(payments.PaymentLine)
PaymentLineLink = struct_of(payments.PaymentLineLink)

Address = struct_of(contacts.Address)
Contact = struct_of(contacts.Contact)
Customer = struct_of(contacts.Customer)
Phone = struct_of(contacts.Phone)
Supplier = struct_of(contacts.Supplier)
