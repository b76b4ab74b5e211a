"""The table of faults names tests that exist, and every test of this folder."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fault-table.md").read_text()
NAMED = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z_0-9]+)`", PAGE)


def test_every_test_that_the_table_names_exists() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if name not in _tests_of(ROOT / file)]
    assert not missing


def test_every_row_names_what_must_hold_and_who_shows_it() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 30
    assert not [row for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)]
    assert not [fault for fault, _, shown in rows if "::" not in shown]


def test_every_test_of_this_folder_stands_in_the_table() -> None:
    own = {
        (f"tests/faults/{file.name}", name)
        for file in Path(__file__).parent.glob("test_*.py")
        if file != Path(__file__)
        for name in _tests_of(file)
    }
    assert not own - set(NAMED) - {("tests/faults/test_provider.py", _OF_THE_TABLE_ITSELF)}


_OF_THE_TABLE_ITSELF = "test_every_kind_of_trouble_is_met_by_one_of_these"


def _tests_of(file: Path) -> set[str]:
    text = file.read_text() if file.exists() else ""
    return set(re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE))
