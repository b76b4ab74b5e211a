"""`tallystick remap`, on a folder whose engine does not run and through the door of one that does."""

import json
from pathlib import Path

import pytest
from tests.cli.stored_books import StoredBooks, stored_books
from tests.cli.test_actors import TOKEN, Door, demo, door

__all__ = ["demo", "door"]  # fixtures

from tallystick.cli import main
from tallystick.store import DataFolder, parse_key


@pytest.fixture
def books(tmp_path: Path) -> StoredBooks:
    return stored_books(tmp_path)


def test_a_dry_run_shows_what_would_change_with_values_and_changes_nothing(books: StoredBooks) -> None:
    done = books.run("remap", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "invoices currency: 3 records" in done.stdout
    assert f'{books.ids[0]}: "EUR" → "GBP"' in done.stdout
    assert books.currencies() == {"EUR"}


def test_with_a_yes_it_is_done_and_a_second_time_there_is_nothing_to_do(books: StoredBooks) -> None:
    done = books.run("remap", "--yes")
    assert done.returncode == 0, done.stderr
    assert books.currencies() == {"GBP"}
    again = json.loads(books.run("remap", "--yes", "--json").stdout)
    tally = again["byType"]["invoices"]
    assert (tally["seen"], tally["unchanged"], tally["updated"]) == (3, 3, 0)
    assert again["state"] == "done"


def test_without_anybody_to_ask_it_wants_a_word(books: StoredBooks) -> None:
    for words in ((), ("--json",)):
        refused = books.run("remap", *words)
        assert refused.returncode == 2
        assert "--yes" in refused.stderr
    assert books.currencies() == {"EUR"}


def test_what_it_is_about_can_be_named(books: StoredBooks) -> None:
    scoped = books.run(
        "remap", "--json", "--dry-run", "--client", books.client_id, "--company", books.company_id,
        "--connection", books.connection_id, "--data-type", "items",
    )  # fmt: skip
    assert scoped.returncode == 0, scoped.stderr
    assert json.loads(scoped.stdout)["byType"] == {}
    bills = books.run("remap", "--json", "--dry-run", "--data-type", "bills")
    assert set(json.loads(bills.stdout)["byType"]) == {"invoices"}, "of their list: one may become the other"
    nobody = books.run("remap", "--dry-run", "--company", "nobody")
    assert nobody.returncode == 1
    assert "no connection here is of nobody" in nobody.stderr


def test_a_folder_that_a_running_engine_holds_is_left_alone_and_it_says_who_has_it(
    books: StoredBooks,
) -> None:
    key = parse_key((books.path / "tallystick.key").read_text())
    held = DataFolder.open(books.path / "tallystick-data", key)
    refused = books.run("remap", "--dry-run")
    held.close()
    assert refused.returncode == 2
    assert "in use by another process" in refused.stderr


A_REMAP = {
    "id": "r-1",
    "state": "done",
    "dryRun": True,
    "requestedAt": "2026-03-01T12:00:00Z",
    "reason": None,
    "connections": 1,
    "connectionsAll": 1,
    "pages": 2,
    "pagesAll": 2,
    "unreadablePages": 0,
    "byType": {
        "invoices": {"seen": 9, "created": 0, "updated": 4, "deleted": 0, "unchanged": 5, "rejected": 0}
    },
    "fields": [],
    "failures": {},
}


def test_a_running_engine_is_asked_through_its_door(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    door.answers["/ops/api/remaps"] = (200, {**A_REMAP, "state": "queued", "byType": {}})
    door.answers["/ops/api/remaps/r-1"] = (200, A_REMAP)
    assert main(["remap", "--data", demo, "--dry-run"]) == 0
    assert door.asked == ["POST /ops/api/remaps", "GET /ops/api/remaps/r-1"]
    assert "9" in capsys.readouterr().out


def test_a_remap_that_fails_there_is_no_success(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {**A_REMAP, "dryRun": False, "state": "failed", "failures": {"c-1": "the disk is full"}}
    door.answers["/ops/api/remaps"] = (200, failed)
    assert main(["remap", "--data", demo, "--yes", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == {"c-1": "the disk is full"}
    assert main(["remap", "--data", demo, "--yes"]) == 1
    assert "the disk is full" in capsys.readouterr().out


def test_what_the_engine_refuses_is_told_in_its_words(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    door.answers["/ops/api/remaps"] = (404, {"error": "Nothing can be mapped anew: there is no client x"})
    assert main(["remap", "--data", demo, "--dry-run", "--client", "x"]) == 1
    assert "there is no client x" in capsys.readouterr().err
    wrong = tmp_path / "wrong"
    wrong.write_text("tallyop_wrong")
    assert main(["remap", "--url", door.url, "--token", f"file:{wrong}", "--dry-run"]) == 2
    assert TOKEN not in capsys.readouterr().err
