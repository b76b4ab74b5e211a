"""`tallystick map`."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.cli import main

FIXTURES = Path(__file__).resolve().parents[1] / "connectors" / "xero" / "fixtures"


def printed(capture: pytest.CaptureFixture[bytes]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capture.readouterr().out, parse_float=str, parse_int=str)
    return told


def test_records_are_printed_as_the_api_serves_them(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["map", "xero", "Invoices", str(FIXTURES / "Invoices.json")]) == 0
    told = printed(capsysbinary)

    invoice, bill = told["records"]
    assert told["issues"] == []
    assert (invoice["dataType"], bill["dataType"]) == ("invoices", "bills")
    assert (invoice["totalAmount"], invoice["lineItems"][0]["unitAmount"]) == ("108.00", "33.3333")
    assert invoice["customerRef"]["companyName"] == "Zoë's Garden Café"
    assert invoice["modifiedDate"] is None
    assert invoice["metadata"] == {"isDeleted": False}


@pytest.mark.parametrize("entity", ["Organisation", "Organisations", "organisations"])
def test_the_singular_and_any_case_will_do(capsysbinary: pytest.CaptureFixture[bytes], entity: str) -> None:
    assert main(["map", "xero", entity, str(FIXTURES / "Organisations.json")]) == 0
    (company,) = printed(capsysbinary)["records"]
    assert (company["dataType"], company["baseCurrency"]) == ("company", "GBP")


def test_a_row_that_cannot_be_used_is_told_beside_those_that_can(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "page.json"
    file.write_text('{"Items":[{"ItemID":"1"},{"ItemID":"2","SalesDetails":{"UnitPrice":"NaN"}}]}')

    assert main(["map", "xero", "Items", str(file)]) == 0
    told = printed(capsysbinary)
    assert [record["id"] for record in told["records"]] == ["1"]
    (issue,) = told["issues"]
    assert issue == {
        "severity": "rejected",
        "path": "$.SalesDetails.UnitPrice",
        "message": "not a finite number",
        "recordId": "2",
        "dataType": None,
    }


def test_a_page_that_cannot_be_read_is_not_well(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "page.json"
    file.write_text('{"Items":[{"ItemID":"1"},')

    assert main(["map", "xero", "Items", str(file)]) == 1
    told = printed(capsysbinary)
    assert told["records"] == []
    assert told["issues"][0]["severity"] == "rejected"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["zero", "Items", "x.json"], "xero"),
        (["xero", "Widgets", "x.json"], "Items, Contacts, Invoices"),
        (["xero", "Items", "no-such-file.json"], "No such file"),
        (["xero", "Items", "."], "directory"),
        (["xero", "Items", "nul\0.json"], "cannot be read"),
    ],
    ids=["provider", "entity", "file", "folder", "name"],
)
def test_wrong_use_is_told_in_one_line(
    capsysbinary: pytest.CaptureFixture[bytes], words: list[str], named: str
) -> None:
    assert main(["map", *words]) == 2
    out, error = capsysbinary.readouterr()
    assert out == b""
    assert error.count(b"\n") == 1
    assert named.encode() in error


@pytest.mark.slow
def test_an_answer_may_come_through_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "map", "xero", "TaxRates", "-"],
        input=(FIXTURES / "TaxRates.json").read_bytes(),
        capture_output=True,
        check=True,
    )
    rates = json.loads(done.stdout, parse_float=Decimal)["records"]
    assert [str(rate["effectiveTaxRate"]) for rate in rates] == ["20.0000", "15.5025"]
