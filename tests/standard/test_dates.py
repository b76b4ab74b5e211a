"""Calendar dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.standard import calendar_date, calendar_day


@pytest.mark.parametrize(
    "text",
    ["2018-10-20", "2018-10-20T00:00:00", "2018-10-20T00:00", "2018-10-20T00:00:00.000Z"],
)
def test_a_day_is_read_with_and_without_a_midnight(text: str) -> None:
    assert calendar_date(text) == "2018-10-20T00:00:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018-10-20T13:00:00",  # an instant: which day it is depends on a zone
        "2018-10-20T00:00:00+13:00",
        "2018-02-30",
        "20/10/2018",
        "2018-10-2",
        "٢٠١٨-١٠-٢٠",
        "2018-10-20\n",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert calendar_date(text) is None


@given(st.dates())
def test_every_day_comes_back_as_itself(day: date) -> None:
    assert calendar_date(day.isoformat()) == calendar_day(day)
    assert str(calendar_day(day))[:10] == day.isoformat()
