"""Paths into a provider's rows."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.engine.json_path import MOST_FOUND, JsonPathInvalid, parse_path

ROW: dict[str, Any] = {
    "Name": "Amber",
    "Contact": {"Name": "Beryl", "Addresses": [{"City": "Bath"}, {"City": "York"}, {"Street": "High"}]},
    "Lines": [{"Total": Decimal("1.50")}, {"Total": None}],
    "Line.Ref": "dotted",
    "Total": 0,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Name", "Amber"),
        ("$.Name", "Amber"),
        ("$['Name']", "Amber"),
        ('$["Line.Ref"]', "dotted"),
        ("Contact.Name", "Beryl"),
        ("Contact.Addresses[1].City", "York"),
        ("Contact.Addresses[*].City", ["Bath", "York"]),
        ("$.Contact.Addresses.*.City", ["Bath", "York"]),
        ("Lines[0].Total", Decimal("1.50")),
        ("Lines[*].Total", [Decimal("1.50"), None]),
        ("Total", 0),
        ("Contact.*", ["Beryl", ROW["Contact"]["Addresses"]]),
        ("Lines[7].Total", None),
        ("Name.First", None),
        ("Name[0]", None),
        ("Nothing", None),
        ("Nothing[*]", []),
        ("$.Lines[0]", {"Total": Decimal("1.50")}),
    ],
)
def test_a_path_finds_what_stands_there_and_null_where_nothing_does(path: str, found: Any) -> None:
    assert parse_path(path).find(ROW) == found


@pytest.mark.parametrize(
    ("path", "reason", "character"),
    [
        ("", "a path is missing", 1),
        ("$", "a name is missing after $", 2),
        ("$.", "a name is missing", 3),
        ("a..b", "at any depth", 3),
        ("a.b[", "a number from 0", 5),
        ("a[-1]", "a number from 0", 3),
        ("a[0", "a ] is missing", 4),
        ("a[?(@.b)]", "a number from 0", 3),
        ("a['b", "a number from 0", 3),
        ("a b", "a . or a [ is missing", 2),
        ("$a", "a . or a [ is missing", 2),
        (".a.", "a name is missing", 4),
        ("a.1b", "a name is missing", 3),
        (".".join("abcdefghijklm"), "too deep", 25),
        ("a" * 201, "too long", 201),
    ],
)
def test_what_is_no_path_is_told_with_its_place(path: str, reason: str, character: int) -> None:
    with pytest.raises(JsonPathInvalid, match="at character") as refused:
        parse_path(path)
    assert reason in str(refused.value)
    assert f"at character {character} " in str(refused.value)


def test_every_member_of_every_member_is_still_a_bounded_answer() -> None:
    row = {"a": [{"b": list(range(100))} for _ in range(100)]}
    assert len(parse_path("a[*].b[*]").find(row)) == MOST_FOUND
