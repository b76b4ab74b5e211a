"""Records as mappings write them, against the attrs classes that they stand for."""

from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest

from tallystick import standard
from tallystick.standard import Customer, Invoice, Metadata, decode, encode, written


def an_invoice(**told: Any) -> dict[str, Any]:
    return {
        "id": "i-1",
        "issueDate": "2026-03-01T00:00:00",
        "totalTaxAmount": Decimal("0.00"),
        "totalAmount": Decimal("12.50"),
        "amountDue": Decimal("12.50"),
        "status": "Submitted",
        **told,
    }


STRUCTS = {name: kind for name, kind in vars(written).items() if hasattr(kind, "__struct_fields__")}


@pytest.mark.parametrize("name", STRUCTS)
def test_a_written_class_has_the_fields_of_the_one_that_it_is_named_after(name: str) -> None:
    struct, kind = STRUCTS[name], getattr(standard, name)
    fields = {field.name: field.default is attrs.NOTHING for field in attrs.fields(kind)}

    assert {field.name: field.required for field in msgspec.structs.fields(struct)} == fields
    assert getattr(struct, "DATA_TYPE", None) == getattr(kind, "DATA_TYPE", None)


def test_both_ways_to_make_a_record_give_the_same_bytes() -> None:
    by_attrs = Invoice(**an_invoice(metadata=Metadata(), note="from the phone"))
    by_mapping = written.Invoice(**an_invoice(metadata=written.Metadata(), note="from the phone"))

    assert encode(by_attrs) == encode(by_mapping)
    assert decode("invoices", encode(by_mapping)) == by_attrs


def test_what_has_no_value_is_left_out_and_what_is_empty_or_false_stays() -> None:
    body = encode(Customer(id="c-1", status="Active", metadata=Metadata()))

    assert b"null" not in body
    assert b'"addresses":[]' in body
    assert b'"metadata":{"isDeleted":false}' in body


def test_a_written_record_cannot_be_changed() -> None:
    invoice = written.Invoice(**an_invoice(metadata=written.Metadata()))

    with pytest.raises(AttributeError):
        invoice.note = "later"  # type: ignore[misc]
