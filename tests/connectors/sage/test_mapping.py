"""What holds for every row, whatever list it is of."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.sage.conftest import a_document, a_payment, map_row

from tallystick.connectors import Books, Issue
from tallystick.connectors.sage import MANIFEST
from tallystick.connectors.sage.listings import LISTINGS
from tallystick.connectors.sage.mapping import SageMapper
from tallystick.errors import PageUnreadable

NAMES = [resource.name for resource in MANIFEST.resources]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=6)
    | st.sampled_from(["NaN", "12.5", "2026-01-01", "2026-01-01T00:00:00Z", "CUSTOMER_RECEIPT"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["id", "displayed_as", "$path", "amount", "total_amount", "date"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "row", [b"", b"null", b"7", b"[]", b'"x"', b"{", b"\xff", b'{"id":1}', b"[" * 100_000, b"{}"],
    ids=["nothing", "null", "a number", "a list", "a text", "cut short", "no text", "a number for an id", "deep", "empty"],
)  # fmt: skip
def test_a_row_that_is_none_is_told_and_never_raised(name: str, row: bytes) -> None:
    mapped = map_row(name, row)
    assert mapped.records == [] or name == "business"
    assert name == "business" or [issue.severity for issue in mapped.issues] == ["rejected"]


@given(st.sampled_from(NAMES), st.data())
def test_no_row_of_whatever_shape_raises(name: str, data: st.DataObject) -> None:
    listing = data.draw(st.sampled_from(LISTINGS[name]))
    base: dict[str, Any] = a_payment() if name == "payments" else a_document(listing.path)
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(base)), VALUES, max_size=4))
    row = {**base, "$path": f"/{listing.path}/x", **changed}
    issues: list[Issue] = []
    records = SageMapper().records(
        MANIFEST.resource(name), msgspec.Raw(json.dumps(row).encode()), Books(), issues
    )
    assert records or issues


def test_a_row_is_of_the_list_that_its_path_names() -> None:
    assert map_row("sales", a_document("sales_credit_notes")).kinds == ["creditNotes"]
    assert map_row("sales", a_document("sales_invoices")).kinds == ["invoices"]


def test_a_row_without_a_path_is_of_the_first_list() -> None:
    row = a_document("sales_invoices")
    del row["$path"]
    assert map_row("sales", row).kinds == ["invoices"]


def test_the_path_of_another_resource_is_not_followed() -> None:
    row = a_document("sales_invoices") | {"$path": "/contacts/d1"}
    assert map_row("sales", row).kinds == ["invoices"]


def test_a_page_is_split_into_the_very_bytes_of_its_rows() -> None:
    rows = [b'{ "id" : "1" }', b'{"id":"2","x":1.10}']
    raw = b'\xef\xbb\xbf{"$total":2,"$items":[' + b",".join(rows) + b"]}"
    found = SageMapper().split(MANIFEST.resource("contacts"), raw)
    assert [bytes(row) for row in found] == rows


def test_a_page_of_too_many_tiny_rows_is_refused() -> None:
    raw = b'{"$items":[' + b",".join([b'{"a":1}'] * 1_000_001) + b"]}"
    with pytest.raises(PageUnreadable, match="objects"):
        SageMapper().split(MANIFEST.resource("contacts"), raw)


def test_a_date_that_is_none_is_doubted_and_the_record_kept() -> None:
    mapped = map_row("sales", a_document("sales_invoices", due_date="soon", updated_at="yesterday"))
    assert "dueDate" not in mapped.json
    assert set(mapped.told()) == {("warning", "$.due_date"), ("warning", "$.updated_at")}
