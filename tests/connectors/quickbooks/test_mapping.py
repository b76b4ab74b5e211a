"""Rows of any kind: what cannot be read is told with its place, and nothing raises."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books, Issue
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.mapping import WAYS, QuickBooksMapper
from tallystick.errors import PageUnreadable
from tallystick.standard import encode

Map = Callable[..., Mapped]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("{}", "$.Id"),
        ("17", "$"),
        ('{"Id":"1","Line":7}', "$.Line"),
        ('{"Id":"1","TotalAmt":"NaN","TxnDate":"2026-01-01"}', "$.TotalAmt"),
        ('{"Id":"1","Line":[{"Amount":"Infinity"}]}', "$.Line[0].Amount"),
        ('{"Id":"1","Balance":" -\\u0049nf"}', "$.Balance"),
        ('{"Id":"1","TotalAmt":"lots"}', "$.TotalAmt"),
        ('{"Id":"1","TotalAmt":1e90,"TxnTaxDetail":{"TotalTax":1e-90}}', "$"),
        ('{"Id":"1"', "$"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_place(mapped: Map, source: str, path: str) -> None:
    found = mapped("Invoice", source)
    assert found.records == []
    assert found.told() == [("rejected", path)]
    (issue,) = found.issues
    assert issue.data_type == "invoices"
    assert issue.record_id == ("1" if source.startswith('{"Id":"1",') else None)


def test_numbers_that_come_as_texts_are_numbers(mapped: Map) -> None:
    told = mapped("Payment", '{"Id":"1","TxnDate":"2026-01-01","TotalAmt":"12.30"}').json
    assert told["totalAmount"] == Decimal("12.30")


def test_a_row_of_another_list_is_rejected() -> None:
    issues: list[Issue] = []
    resource = MANIFEST.resource("Invoice")
    assert QuickBooksMapper().records(resource, msgspec.Raw(b'{"Bill":{"Id":"1"}}'), Books(), issues) == []
    assert [issue.path for issue in issues] == ["$"]


def test_a_deletion_is_told_as_gone_by_every_data_type_of_its_resource(mapped: Map) -> None:
    gone = {"domain": "QBO", "status": "Deleted", "Id": "39", "MetaData": {}}
    for resource, ways in WAYS.items():
        for entity in ways:
            if entity in {"Report", "JournalReport", "CompanyInfo"}:
                continue
            found = mapped(resource, gone, entity=entity)
            told = {record.data_type for record in found.records}
            assert told == set(MANIFEST.resource(resource).data_types) - {"journals"}, (
                "a book of entries stays"
            )
            assert all("39" in record.id for record in found.records)
            assert found.issues == []


@pytest.mark.parametrize(
    ("resource", "entity", "ids"),
    [
        ("Invoice", "Invoice", {"39"}),
        ("DirectIncome", "Deposit", {"Deposit-39"}),
        ("Transfer", "Deposit", {"Deposit-39"}),
        ("TrackingCategory", "Class", {"Class-39"}),
        ("AccountTransaction", "Payment", {"Payment-39"}),
        ("AccountTransaction", "Transfer", {"Transfer-39-from", "Transfer-39-to"}),
    ],
)
def test_a_deletion_names_the_ids_that_its_records_have_here(
    mapped: Map, resource: str, entity: str, ids: set[str]
) -> None:
    found = mapped(resource, {"status": "Deleted", "Id": "39"}, entity=entity)
    assert {record.id for record in found.records} == ids


def page(**answer: Any) -> bytes:
    return json.dumps(answer).encode()


@pytest.mark.parametrize(
    ("resource", "raw", "rows"),
    [
        (
            "Invoice",
            page(QueryResponse={"Invoice": [{"Id": "1"}], "maxResults": 1}),
            ['{"Invoice":{"Id": "1"}}'],
        ),
        ("Invoice", page(QueryResponse={}), []),
        ("Invoice", page(Invoice={"Id": "1"}, time="x"), ['{"Invoice":{"Id": "1"}}']),
        ("Invoice", b"\xef\xbb\xbf" + page(QueryResponse={"Invoice": []}), []),
        (
            "Invoice",
            page(CDCResponse=[{"QueryResponse": [{"Bill": [{"Id": "2"}]}, {"Invoice": [{"Id": "1"}]}, {}]}]),
            ['{"Invoice":{"Id": "1"}}'],
        ),
        (
            "TrackingCategory",
            b"[%b,%b]"
            % (
                page(QueryResponse={"Class": [{"Id": "1"}, {"Id": "2", "ParentRef": {"value": "1"}}]}),
                page(QueryResponse={"Department": [{"Id": "1"}]}),
            ),
            [
                '{"Class":{"Id": "1"},"hasChildren":true}',
                '{"Class":{"Id": "2", "ParentRef": {"value": "1"}},"hasChildren":false}',
                '{"Department":{"Id": "1"},"hasChildren":false}',
            ],
        ),
    ],
)
def test_a_page_is_cut_into_the_exact_bytes_of_its_rows(resource: str, raw: bytes, rows: list[str]) -> None:
    found = QuickBooksMapper().split(MANIFEST.resource(resource), raw)
    assert [bytes(row).decode() for row in found] == rows


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[", b'{"a":1}', b'{"QueryResponse":7}', b"[" * 5000, b'{"CDCResponse":{}}']
)
def test_what_is_no_page_says_so(raw: bytes) -> None:
    with pytest.raises(PageUnreadable):
        QuickBooksMapper().split(MANIFEST.resource("Invoice"), raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "1", "NaN", "2026-01-01", "Voided", "Deleted"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["Id", "Line", "Amount", "DetailType", "SalesItemLineDetail", "TotalAmt", "TxnDate", "LinkedTxn", "value",
             "Header", "Rows", "Row", "ColData", "Columns", "MetaData", "status", "TaxRateRef", "CurrencyRef"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(value=json_values, place=st.integers(0, 99))
def test_no_row_whatever_it_holds_raises(value: Any, place: int) -> None:
    every = [(resource, entity) for resource, ways in WAYS.items() for entity in ways]
    resource, entity = every[place % len(every)]
    issues: list[Issue] = []
    row = msgspec.Raw(json.dumps({entity: value}).encode())
    records = QuickBooksMapper().records(MANIFEST.resource(resource), row, Books(), issues)
    for record in records:
        encode(record)
