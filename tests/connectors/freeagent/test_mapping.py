"""What holds for every row, whatever list it is of."""

import msgspec
import pytest
from tests.connectors.freeagent.conftest import an_invoice, at, map_row

from tallystick.connectors import Gone
from tallystick.connectors.freeagent import MANIFEST
from tallystick.connectors.freeagent.mapping import FreeAgentMapper
from tallystick.errors import PageUnreadable

NAMES = [resource.name for resource in MANIFEST.resources]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "row", [b"", b"null", b"7", b"[]", b'"x"', b"{", b"\xff", b'{"url":1}', b"[" * 100_000, b"{}"],
    ids=["nothing", "null", "a number", "a list", "a text", "cut short", "no text", "a number for an address", "deep", "empty"],
)  # fmt: skip
def test_a_row_that_is_none_is_told_and_never_raised(name: str, row: bytes) -> None:
    mapped = map_row(name, row)
    known = name == "company" and row in (b"{}", b'{"url":1}')
    assert known or [issue.severity for issue in mapped.issues] == ["rejected"]
    assert known or mapped.records == []


def test_a_row_is_of_the_list_that_its_address_names() -> None:
    assert map_row("items", {"url": at("stock_items", 1)}).json["id"] == "stock-1"
    assert map_row("items", {"url": at("price_list_items", 1)}).json["id"] == "1"


def test_a_record_alone_is_read_as_one_of_a_list() -> None:
    alone = map_row("invoices", {"invoice": an_invoice()})
    assert alone.json == map_row("invoices", an_invoice()).json


def test_a_number_that_is_none_is_told_by_its_path() -> None:
    row = an_invoice(invoice_items=[{"price": "NaN", "quantity": "1.0"}])
    assert map_row("invoices", row).told() == [("rejected", "$.invoice_items[0].price")]


@pytest.mark.parametrize("amount", ["1e400", "9" * 120])
def test_amounts_that_are_too_far_apart_are_told(amount: str) -> None:
    mapped = map_row("invoices", an_invoice(total_value=amount))
    assert [issue.severity for issue in mapped.issues] == ["rejected"]


def test_numbers_are_read_as_texts_and_as_numbers() -> None:
    texts = map_row("invoices", an_invoice()).json
    numbers = map_row(
        "invoices", an_invoice(net_value=100.0, sales_tax_value=20, total_value=120.0, due_value=120)
    )
    assert numbers.json == texts


def test_a_record_that_is_gone_is_gone_of_everything_that_its_list_gives() -> None:
    mapped = map_row("explanations", {"gone": "reconciliation-4"})
    assert mapped.records == [
        Gone(data_type=each, id="reconciliation-4") for each in MANIFEST.resource("explanations").data_types
    ]
    assert map_row("invoices", {"gone": 7}).told() == [("rejected", "$.gone")]


def test_a_page_splits_into_the_exact_bytes_of_its_rows() -> None:
    raw = b'\xef\xbb\xbf{ "invoices" : [ {"url": "a",  "n": 1.50 } , {"url":"b"} ] }'
    rows = FreeAgentMapper().split(MANIFEST.resource("invoices"), raw)
    assert [bytes(row) for row in rows] == [b'{"url": "a",  "n": 1.50 }', b'{"url":"b"}']


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_another_list_is_not_taken_for_an_empty_one(name: str) -> None:
    with pytest.raises(PageUnreadable):
        FreeAgentMapper().split(MANIFEST.resource(name), b'{"timeslips": []}')


def test_an_id_is_told_even_of_a_row_that_cannot_be_read() -> None:
    mapped = map_row("invoices", an_invoice(total_value={}))
    (issue,) = mapped.issues
    assert (issue.record_id, issue.path, issue.data_type) == ("7", "$.total_value", "invoices")
    assert isinstance(msgspec.json.encode(issue.message), bytes)
