"""The model's schemas, and the examples that stand beside them in the pages of the data types."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standard.conftest import a_bare_one, a_full_one, any_of
from tests.standard.json_schema import faults
from tests.standard.test_sdk_models import MODELS

from tallystick.standard import (
    DATA_TYPES,
    RECORD_CLASSES,
    AgedCreditorReport,
    AgedDebtorReport,
    Answer,
    DataType,
    decode,
    encode,
)
from tallystick.standard.meanings import MEANINGS
from tallystick.standard.schema import classes_of, definitions, schema_of

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "data-types" / "examples"
REPORTS: dict[str, type[Any]] = {"agedDebtor": AgedDebtorReport, "agedCreditor": AgedCreditorReport}
CLASSES = [*RECORD_CLASSES.values(), *get_args(Answer)]
EVERY_CLASS = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def read(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal)


def broken(kind: type[Any], value: Any) -> list[str]:
    schema = schema_of(kind)
    return list(faults(value, schema, schema))


@EVERY_CLASS
def test_a_full_and_a_bare_one_are_what_the_schema_says(kind: type[Any]) -> None:
    assert broken(kind, read(encode(a_full_one(kind)))) == []
    assert broken(kind, read(encode(a_bare_one(kind)))) == []


@EVERY_CLASS
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_sent_is_what_the_schema_says(kind: type[Any], data: st.DataObject) -> None:
    assert broken(kind, read(encode(data.draw(any_of(kind))))) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"totalAmount": "12.50"}, "$.totalAmount is string, not number"),
        ({"issueDate": "2026-03-02"}, "$.issueDate is '2026-03-02'"),
        ({"issueDate": "2026-03-02T00:00:00Z"}, "$.issueDate is '2026-03-02T00:00:00Z'"),
        ({"sourceModifiedDate": "2026-03-02"}, "$.sourceModifiedDate is '2026-03-02', no date-time"),
        ({"status": "Paid in full"}, "$.status is 'Paid in full', none of"),
        ({"note": None}, "$.note is null, not string"),
        ({"lineItems": [{"unitAmount": 1}]}, "$.lineItems[0].quantity is missing"),
        ({"metadata": {"isDeleted": "no"}}, "$.metadata.isDeleted is string, not boolean"),
    ],
)
def test_the_schema_refuses_what_is_not_sent(change: dict[str, Any], expected: str) -> None:
    kind = RECORD_CLASSES["invoices"]
    found = broken(kind, read(encode(a_full_one(kind))) | change)
    assert found[0].startswith(expected)


def test_a_statement_is_checked_in_all_its_depth() -> None:
    sheet = read((EXAMPLES / "balanceSheet.json").read_bytes())
    sheet["reports"][0]["assets"]["items"][0]["items"][0]["value"] = "much"
    place = "$.reports[0].assets.items[0].items[0].value"
    assert broken(RECORD_CLASSES["balanceSheet"], sheet) == [f"{place} is string, not number"]


def test_one_name_is_one_class_so_that_one_description_can_hold_them_all() -> None:
    kinds = {part for kind in CLASSES for part in classes_of(kind)}
    found = definitions(CLASSES, "#/components/schemas/{name}")
    assert len(found) == len(kinds)
    assert '"#/components/schemas/ReportLine"' in json.dumps(found["ReportLine"])
    assert "#/$defs" not in json.dumps(found)


def test_no_meaning_is_told_of_a_field_that_there_is_none_of() -> None:
    kinds = {part for kind in CLASSES for part in classes_of(kind)}
    known = {f"{kind.__name__}.{name}" for kind in kinds for name in attrs.fields_dict(kind)}
    known |= {name.partition(".")[2] for name in known} | {"modifiedDate"}
    assert [name for name in MEANINGS if name not in known] == []


def test_a_field_that_json_has_no_type_for_is_refused() -> None:
    @attrs.frozen
    class Odd:
        at: complex

    with pytest.raises(TypeError, match="complex"):
        schema_of(Odd)


# --- the examples ---------------------------------------------------------------------------------------


def test_every_data_type_and_report_has_an_example() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == set(DATA_TYPES) | set(REPORTS)


@pytest.mark.parametrize("name", sorted([*DATA_TYPES, *REPORTS]))
def test_an_example_is_what_the_schema_says(name: str) -> None:
    kind = REPORTS.get(name) or RECORD_CLASSES[name]  # type: ignore[index]
    assert broken(kind, read((EXAMPLES / f"{name}.json").read_bytes())) == []


@pytest.mark.parametrize("data_type", DATA_TYPES)
def test_an_example_is_what_the_store_keeps_of_that_record(data_type: DataType) -> None:
    """Field by field and digit by digit: nothing that we do not send, nothing left out that we do."""
    text = (EXAMPLES / f"{data_type}.json").read_bytes()
    again = encode(decode(data_type, text))[:-1] + b',"modifiedDate":"2026-04-01T05:30:00Z"}'
    assert msgspec.json.format(again, indent=2) + b"\n" == text


@pytest.mark.parametrize("name", REPORTS)
def test_an_example_of_a_report_is_what_is_sent(name: str) -> None:
    text = (EXAMPLES / f"{name}.json").read_bytes()
    again = encode(msgspec.json.decode(text, type=REPORTS[name]))
    assert msgspec.json.format(again, indent=2) + b"\n" == text


@pytest.mark.parametrize("data_type", sorted(MODELS))
def test_the_sdk_reads_the_example(data_type: DataType) -> None:
    MODELS[data_type].model_validate_json((EXAMPLES / f"{data_type}.json").read_bytes())


def test_the_figures_of_the_examples_add_up() -> None:
    def told(name: str) -> Any:
        return read((EXAMPLES / f"{name}.json").read_bytes())

    for name, tax in (
        ("invoices", "totalTaxAmount"),
        ("bills", "taxAmount"),
        ("creditNotes", "totalTaxAmount"),
    ):
        each = told(name)
        assert each["subTotal"] + each[tax] == each["totalAmount"]
        assert sum(line["totalAmount"] for line in each["lineItems"]) == each["totalAmount"]
    for name in ("invoices", "bills"):
        each = told(name)
        paid = sum(part["allocation"]["totalAmount"] for part in each["paymentAllocations"])
        assert each["totalAmount"] + paid == each["amountDue"]
    assert sum(line["netAmount"] for line in told("journalEntries")["journalLines"]) == 0
    sheet = told("balanceSheet")["reports"][0]
    assert sheet["assets"]["value"] - sheet["liabilities"]["value"] == sheet["netAssets"]
    assert sheet["equity"]["value"] == sheet["netAssets"]
    result = told("profitAndLoss")["reports"][0]
    assert result["income"]["value"] - result["costOfSales"]["value"] == result["grossProfit"]
    assert result["grossProfit"] - result["expenses"]["value"] == result["netOperatingProfit"]
    other = result["otherIncome"]["value"] - result["otherExpenses"]["value"]
    assert (other, result["netOperatingProfit"] + other) == (result["netOtherIncome"], result["netProfit"])

    def rows(line: Any) -> None:
        if line["items"]:
            assert sum(each["value"] for each in line["items"]) == line["value"], line["name"]
        for each in line["items"]:
            rows(each)

    for name in ("balanceSheet", "profitAndLoss", "cashFlowStatement"):
        for line in told(name)["reports"][0].values():
            if isinstance(line, dict):
                rows(line)
