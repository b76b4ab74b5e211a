"""`tallystick explain`: a record, its row, and what today's mapping makes of that."""

import json
from pathlib import Path

import pytest
from tests.cli.stored_books import StoredBooks, stored_books
from tests.cli.test_actors import Door, demo, door

from tallystick.cli import main

__all__ = ["demo", "door"]  # fixtures


@pytest.fixture
def books(tmp_path: Path) -> StoredBooks:
    return stored_books(tmp_path)


def test_a_record_is_shown_beside_its_row_and_what_a_remap_would_change(books: StoredBooks) -> None:
    done = books.run("explain", books.company_id, "invoices", books.ids[1])
    assert done.returncode == 1, "a remap would change it"
    for words in (
        f"invoices {books.ids[1]}, connection {books.connection_id} (xero)",
        "Invoices, answer 1, row 1",
        '"InvoiceID": ',
        '"currency": "EUR"',
        "mapping    1, today's is ",
        'currency: "EUR" → "GBP"',
    ):
        assert words in done.stdout, words


def test_after_a_remap_there_is_nothing_to_change(books: StoredBooks) -> None:
    assert books.run("remap", "--yes").returncode == 0
    done = books.run("explain", books.connection_id, "invoices", books.ids[0])
    assert done.returncode == 0
    assert "Today's mapping gives the same." in done.stdout


def test_for_scripts_the_row_and_the_record_are_byte_for_byte(books: StoredBooks) -> None:
    done = books.run("explain", books.company_id, "invoices", books.ids[0], "--json")
    found = json.loads(done.stdout)
    assert found["raw"]["InvoiceID"] == found["record"]["id"] == books.ids[0]
    (body,) = books.asked(f"select body from records where id = '{books.ids[0]}'")
    assert '"record":' + body[0].decode() in done.stdout
    assert found["changes"] == [{"path": "currency", "before": '"EUR"', "after": '"GBP"'}]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nobody", "invoices", "x"), 1, "has the ID nobody"),
        (("{company}", "invoices", "x"), 1, "there is no record x in the invoices of"),
        (("{company}", "invoice", "x"), 2, "there is no data type invoice; known: "),
    ],
    ids=["nobody", "no record", "no data type"],
)
def test_what_is_not_there_is_named(books: StoredBooks, words: tuple[str, ...], code: int, told: str) -> None:
    done = books.run("explain", *(word.format(company=books.company_id) for word in words))
    assert done.returncode == code
    assert told in done.stderr


def test_a_running_engine_is_asked_through_its_door(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What its mapping says counts, not what this command's would."""
    door.answers["/ops/api/explanations/c-1/invoices/i%2F1"] = (
        200,
        {
            "recordId": "i/1", "dataType": "invoices", "connectionId": "c-1", "platform": "xero",
            "resource": "Invoices", "page": 7, "place": 3, "fetchedAt": "2026-03-01T12:00:00Z",
            "mappingVersion": 2, "currentMappingVersion": 3, "modifiedDate": "2026-03-01T12:00:00Z",
            "record": {"id": "i/1"}, "raw": None, "isGiven": False, "changes": [], "siblings": [],
            "issues": [
                {"severity": "rejected", "path": "$.Total", "message": "is no number", "dataType": None,
                 "recordId": "i/1"}
            ],
        },
    )  # fmt: skip
    assert main(["explain", "c-1", "invoices", "i/1", "--data", demo]) == 1
    told = capsys.readouterr().out
    assert "answer 7, row 3" in told
    assert "rejected: $.Total is no number" in told
    assert "finds no row at that place" in told
