"""From bytes to records: exact numbers, pages that cannot be read, rows that cannot be used."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connectors import Books, Issue
from tallystick.connectors.xero import MANIFEST
from tallystick.connectors.xero.manifest import RESOURCES
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.errors import PageUnreadable
from tallystick.standard import decode, encode

MAPPER = XeroMapper()
INVOICES = MANIFEST.resource("Invoices")


@st.composite
def literals(draw: st.DrawFn) -> str:
    """A JSON number of up to 15 digits, as somebody might write it."""
    digits = str(draw(st.integers(0, 10**15 - 1)))
    places = draw(st.integers(0, 6))
    if places:
        digits = digits.rjust(places + 1, "0")
        digits = f"{digits[:-places]}.{digits[-places:]}"
    signs = ["", "-"] if digits.strip("0.") else [""]
    return draw(st.sampled_from(signs)) + digits


def values(record: Any) -> Iterator[Any]:
    """Everything in a record, however deep."""
    if attrs.has(type(record)):
        for field in attrs.fields(type(record)):
            yield from values(getattr(record, field.name))
    elif isinstance(record, tuple):
        for each in record:
            yield from values(each)
    else:
        yield record


@given(total=literals(), due=literals(), quantity=literals(), unit=literals(), amount=literals())
def test_amounts_travel_digit_for_digit_both_ways(
    total: str, due: str, quantity: str, unit: str, amount: str
) -> None:
    row = (
        '{"Type":"ACCREC","InvoiceID":"1","Status":"DRAFT","DateString":"2025-01-01","TotalTax":0.00,'
        f'"SubTotal":{total},"Total":{total},"AmountDue":{due},"LineItems":[{{"Quantity":{quantity},'
        f'"UnitAmount":{unit},"LineAmount":{amount},"TaxAmount":0.00}}],'
        f'"Payments":[{{"PaymentID":"2","Amount":{amount}}}]}}'
    ).encode()
    issues: list[Issue] = []
    (record,) = MAPPER.records(INVOICES, msgspec.Raw(row), Books(), issues)
    body = encode(record)
    told = json.loads(body, parse_float=str, parse_int=str)
    (line,), (paid,) = told["lineItems"], told["paymentAllocations"]

    assert issues == []
    assert (told["totalAmount"], told["subTotal"], told["amountDue"]) == (total, total, due)
    assert (line["quantity"], line["unitAmount"], line["subTotal"]) == (quantity, unit, amount)
    assert paid["payment"]["totalAmount"] == amount
    assert Decimal(paid["allocation"]["totalAmount"]) == -Decimal(amount)
    assert encode(decode("invoices", body)) == body
    assert not any(isinstance(value, float) for value in values(decode("invoices", body)))


@pytest.mark.parametrize("literal", ["0.1000000000000000055", "12345678901234567890.12", "1e400", '"7.50"'])
def test_numbers_that_no_float_holds_and_numbers_in_strings_are_read(
    mapped: Any, row: Any, literal: str
) -> None:
    source = msgspec.json.encode(row("Items", 1, SalesDetails={"UnitPrice": "HERE"}))
    item = mapped("Items", source.replace(b'"HERE"', literal.encode())).only
    assert item.invoiceItem.unitPrice == Decimal(literal.strip('"'))


@pytest.mark.parametrize("number", ["NaN", "nan", "Infinity", "-inf", "sNaN", "\\u004eaN"])
@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('{"Total":%s}', "$.Total"),
        ('{"LineItems":[{},{"UnitAmount":%s}]}', "$.LineItems[1].UnitAmount"),
        ('{"Payments":[{"Amount":%s}]}', "$.Payments[0].Amount"),
    ],
)
def test_a_number_that_is_none_is_rejected_where_it_stands(
    mapped: Any, number: str, source: str, path: str
) -> None:
    whole = '{"InvoiceID":"i-1","Type":"ACCPAY",' + (source % f'"{number}"').lstrip("{")
    found = mapped("Invoices", whole)

    assert (found.records, found.told()) == ([], [("rejected", path)])
    assert (found.issues[0].record_id, found.issues[0].data_type) == ("i-1", "bills")


def test_the_words_of_a_text_are_not_taken_for_numbers(mapped: Any, row: Any) -> None:
    found = mapped("Invoices", row("Invoices", Reference="NaN infinity"))
    assert found.only.note == "NaN infinity"


@pytest.mark.parametrize(
    ("source", "path", "record_id"),
    [
        ('{"InvoiceID":"i-1","Total":{}}', "$.Total", "i-1"),
        ('{"InvoiceID":"i-1","Total":"ten"}', "$.Total", "i-1"),
        ('{"InvoiceID":"i-1","LineItems":[{"Quantity":[]}]}', "$.LineItems[0].Quantity", "i-1"),
        ('{"InvoiceID":"i-1","LineItems":"none"}', "$.LineItems", "i-1"),
        ('{"InvoiceID":7}', "$.InvoiceID", None),
        ('{"Total":1}', "$.InvoiceID", None),
        ("null", "$", None),
        ("[]", "$", None),
        ('{"InvoiceID":"\\ud800"}', "$", None),
        (b'{"InvoiceID":"\xff"}', "$", None),
        ('{"InvoiceID":"i-1",', "$", None),
        ('{"InvoiceID":"i-1","x":' + "[" * 5000 + "]" * 5000 + "}", "$", None),
        (
            '{"InvoiceID":"i-1","Type":"ACCREC","Total":1e400,"TotalTax":0.01,"DateString":"2025-01-01"}',
            "$",
            "i-1",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_path(
    mapped: Any, source: str | bytes, path: str, record_id: str | None
) -> None:
    found = mapped("Invoices", source)

    assert (found.records, found.told()) == ([], [("rejected", path)])
    assert found.issues[0].record_id == record_id
    assert found.issues[0].message


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["InvoiceID", "Type", "Status", "Total", "LineItems", "Contact", "Date"]),
        inner,
        max_size=6,
    ),
    max_leaves=12,
))  # fmt: skip
def test_no_row_whatever_it_holds_raises(source: Any) -> None:
    issues: list[Issue] = []
    row = msgspec.Raw(msgspec.json.encode(source))
    found = MAPPER.records(INVOICES, row, Books(), issues)
    assert found or issues


def test_a_page_is_split_into_the_exact_bytes_of_its_records(page: Any) -> None:
    for resource in RESOURCES:
        raw = page(resource.name)
        rows = MAPPER.split(resource, raw)
        answer = json.loads(raw)
        assert len(rows) == len(answer.get(resource.name) or answer["Reports"])
        assert all(bytes(row) in raw for row in rows)


def test_every_row_of_the_invented_books_maps_without_a_doubt(page: Any) -> None:
    for resource in RESOURCES:
        issues: list[Issue] = []
        found = [
            record
            for row in MAPPER.split(resource, page(resource.name))
            for record in MAPPER.records(resource, row, Books(), issues)
        ]
        assert issues == []
        assert {record.DATA_TYPE for record in found} == set(resource.data_types)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"InvoiceID":"1"}',
        b'{"Invoice":{"InvoiceID":"1"}}',
        b'{"Invoice":[{"InvoiceID":"1"}]}',
        b'\xef\xbb\xbf {"Invoices":[{"InvoiceID":"1"}]}',
    ],
    ids=["bare", "singular", "list in the singular", "byte order mark"],
)
def test_one_record_is_taken_in_any_wrapping(raw: bytes) -> None:
    assert [bytes(row) for row in MAPPER.split(INVOICES, raw)] == [b'{"InvoiceID":"1"}']


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not whole JSON"),
        (b"<html>busy</html>", "an HTML page"),
        (b'{"Invoices":[{"InvoiceID":"1"},', "not whole JSON"),
        (b'{"Invoices":[{"InvoiceID":"1"}]} trailing', "not whole JSON"),
        (b'{"Status":"OK"}', "no list Invoices"),
        (b'{"Invoices":null}', "no list Invoices"),
        (b'{"Items":[]}', "no list Invoices"),
        (b"[]", "no envelope"),
        (b'{"Invoices":' + b"[" * 5000 + b"]" * 5000 + b"}", "too deep"),
        (b'{"\xff":1}', "UTF-8"),
    ],
)
def test_a_page_that_is_not_what_it_promises_cannot_be_read(raw: bytes, reason: str) -> None:
    with pytest.raises(PageUnreadable, match=reason) as caught:
        MAPPER.split(INVOICES, raw)
    assert caught.value.raw == raw
    assert caught.value.resource == "Invoices"
