"""Days in the heads and titles of reports."""

from datetime import date

import pytest

from tallystick.connectors.xero.report_table import days_in


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("30 Apr 2019", [date(2019, 4, 30)]),
        ("31 Jan 19", [date(2019, 1, 31)]),
        ("From 1 April 2019 to 30 April 2019", [date(2019, 4, 1), date(2019, 4, 30)]),
        ("Feb 2024", [date(2024, 2, 29)]),
        ("Feb-24", [date(2024, 2, 29)]),
        ("As at 23 March 2011", [date(2011, 3, 23)]),
        ("31 Feb 2024", []),
        ("Marlow 2024", []),
        ("Total", []),
        ("", []),
    ],
)
def test_days_are_read_as_xero_writes_them(text: str, days: list[date]) -> None:
    assert days_in(text) == days
