"""Fields that are new at a provider are found in the row that is looked at, however deep they are."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from msgspec import field as wire

from tallystick.connectors import Issue
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.drift import is_unknown_word, kind_read_by, known_to, unknown_in
from tallystick.connectors.quickbooks import mapping as quickbooks
from tallystick.connectors.quickbooks.left_alone import LEFT_ALONE as QUICKBOOKS
from tallystick.connectors.quickbooks.rows import split as quickbooks_rows
from tallystick.connectors.sage import mapping as sage
from tallystick.connectors.sage.left_alone import LEFT_ALONE as SAGE
from tallystick.connectors.xero import mapping as xero
from tallystick.connectors.xero.left_alone import LEFT_ALONE as XERO
from tallystick.connectors.xero.manifest import RESOURCES as XERO_RESOURCES
from tallystick.errors import PageUnreadable

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))
INDEX = PAYLOADS / "INDEX.json"


class Party(Struct):
    ContactID: str | None = None


class Line(Struct):
    Amount: int | None = None
    Owner: Party | None = None


class Invoice(Struct):
    InvoiceID: str
    LineItems: list[Line] | None = None
    Contact: Party | None = None
    Extra: msgspec.Raw = msgspec.Raw(b"{}")
    Type: str | None = wire(default=None, name="type")


def unknown(text: str, *left_alone: str) -> tuple[str, ...]:
    return unknown_in(msgspec.Raw(text.encode()), known_to(Invoice), frozenset(left_alone))


def test_what_a_wire_class_reads_is_known_and_the_rest_is_not() -> None:
    assert (
        unknown('{"InvoiceID":"1","LineItems":[{"Amount":1}],"Contact":{"ContactID":"c"},"type":"x"}') == ()
    )
    assert unknown('{"InvoiceID":"1","Type":"x","Colour":"red"}') == ("Type", "Colour")


def test_a_field_within_a_list_is_told_once_without_its_place() -> None:
    row = '{"LineItems":[{"Amount":1,"New":1},{"New":2,"Owner":{"Age":3}}]}'
    assert unknown(row) == ("LineItems.New", "LineItems.Owner.Age")


def test_what_is_left_alone_on_purpose_is_not_told() -> None:
    assert unknown('{"Colour":{"r":1},"LineItems":[{"New":1}]}', "Colour", "LineItems.New") == ()
    assert unknown('{"New":1,"LineItems":[{"New":1,"Old":1}]}', "*.New", "Colour") == ("LineItems.Old",)
    assert unknown('{"Contact":{"New":1}}', "Contact.*") == ()
    assert unknown('{"LineItems":[{"New":1}]}', "LineItems") == ("LineItems.New",), (
        "what is read is looked into"
    )


def test_what_a_class_keeps_raw_is_not_looked_into() -> None:
    assert unknown('{"Extra":{"anything":1}}') == ()


def test_a_row_that_cannot_be_read_tells_nothing() -> None:
    for text in ("{", "[]", "1", '"\\ud800"', "null"):
        assert unknown(text) == ()
    assert unknown_in(msgspec.Raw(b'{"a":"\xff"}'), known_to(Invoice)) == ()


def test_only_the_first_fields_of_many_are_told() -> None:
    assert len(unknown("{" + ",".join(f'"f{n}":1' for n in range(90)) + "}")) == 20


def test_the_class_that_a_decoder_reads_is_found() -> None:
    assert kind_read_by(msgspec.json.Decoder(Invoice).decode) is Invoice
    assert kind_read_by(msgspec.json.Decoder(list[Invoice]).decode) is None
    assert kind_read_by(len) is None


def test_a_word_that_a_mapping_does_not_know_is_recognised_by_its_doubt() -> None:
    issues: list[Issue] = []
    assert word({"A": "a"}, "NEW", "$.Status", Doubts(issues)) == "Unknown"
    assert [is_unknown_word(issue) for issue in issues] == [True]
    assert not is_unknown_word(Issue(severity="warning", path="$", message="no date"))


def recorded(provider: str) -> Iterator[tuple[str, bytes]]:
    """Each recorded answer, and the name of what it is of."""
    for row in json.loads(INDEX.read_text()):
        if row["provider"] == provider and row["kind"] == "response" and row["file"]:
            yield row["entity"], (PAYLOADS / row["file"]).read_bytes()


@pytest.mark.skipif(not INDEX.exists(), reason="optional: no recorded answers at hand")
def test_no_field_of_xero_s_recorded_answers_is_new() -> None:
    seen, resources = 0, {resource.name: resource for resource in XERO_RESOURCES}
    for entity, raw in recorded("xero"):
        way = xero.WAYS.get(entity)
        kind = None if way is None else kind_read_by(way.read)
        if kind is not None:
            for row in xero.XeroMapper().split(resources[entity], raw):
                assert unknown_in(row, known_to(kind), XERO) == (), entity
                seen += 1
    assert seen > 100


@pytest.mark.skipif(not INDEX.exists(), reason="optional: no recorded answers at hand")
def test_no_field_of_quickbooks_recorded_answers_is_new() -> None:
    seen = 0
    for entity, raw in recorded("quickbooks"):
        for resource, ways in quickbooks.WAYS.items():
            kind = kind_read_by(ways[entity].read) if entity in ways else None
            if kind is None:
                continue
            try:
                rows = quickbooks_rows(resource, raw)
            except PageUnreadable:
                continue
            parts = [msgspec.json.decode(row, type=dict[str, msgspec.Raw]) for row in rows]
            for part in parts:
                if entity in part:
                    assert unknown_in(part[entity], known_to(kind), QUICKBOOKS) == (), entity
                    seen += 1
    assert seen > 100


@pytest.mark.skipif(not INDEX.exists(), reason="optional: no recorded answers at hand")
def test_no_field_of_sage_s_recorded_answers_is_new() -> None:
    seen = 0
    for entity, raw in recorded("sage"):
        kind = kind_read_by(sage.WAYS[entity].read) if entity in sage.WAYS else None
        told = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if kind is None or "$items" not in told:
            continue
        for row in msgspec.json.decode(told["$items"], type=list[msgspec.Raw]):
            assert unknown_in(row, known_to(kind), SAGE) == (), entity
            seen += 1
    assert seen > 0
