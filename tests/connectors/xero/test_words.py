"""Xero's days and instants."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connectors import Issue
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero.words import day, instant


def test_milliseconds_are_utc_whatever_offset_is_shown() -> None:
    doubts = Doubts([])
    expected = datetime(2018, 10, 20, tzinfo=UTC)
    for text in ("/Date(1539993600000)/", "/Date(1539993600000+0000)/", "/Date(1539993600000+1300)/"):
        assert instant(text, None, "$.UpdatedDateUTC", doubts) == expected
    assert doubts.issues == []


@pytest.mark.parametrize(
    ("net", "iso", "expected"),
    [
        ("/Date(-1000)/", None, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (None, "2018-11-02T16:31:30Z", datetime(2018, 11, 2, 16, 31, 30, tzinfo=UTC)),
        ("2018-11-02T16:31:30", None, datetime(2018, 11, 2, 16, 31, 30, tzinfo=UTC)),
        ("2018-11-02T16:31:30.1234567", None, datetime(2018, 11, 2, 16, 31, 30, 123456, tzinfo=UTC)),
        ("/Date(0+0000)/", "2018-11-02T16:31:30Z", None),
        ("/Date(-62135596800000)/", None, None),
        ("0001-01-01T00:00:00", None, None),
        (None, None, None),
    ],
)
def test_instants_come_in_many_forms_and_some_say_never(
    net: str | None, iso: str | None, expected: datetime | None
) -> None:
    doubts = Doubts([])
    assert instant(net, iso, "$", doubts) == expected
    assert doubts.issues == []


@pytest.mark.parametrize("text", ["yesterday", "/Date(99999999999999999)/", "/Date(x)/"])
def test_what_is_no_instant_is_doubted(text: str) -> None:
    issues: list[Issue] = []
    assert instant(text, None, "$.UpdatedDateUTC", Doubts(issues)) is None
    assert [issue.path for issue in issues] == ["$.UpdatedDateUTC"]


def test_the_text_of_a_day_comes_before_its_milliseconds() -> None:
    """Providers §5 no. 10: in Auckland the same day begins on the day before."""
    found = day("2018-10-20T00:00:00", "/Date(1539946800000+0000)/", "$.Date", Doubts([]))
    assert found == "2018-10-20T00:00:00"


@given(st.dates(), st.sampled_from(["", "+0000", "+1300", "-0500"]))
def test_a_midnight_in_utc_is_that_day_in_every_zone(told: date, offset: str) -> None:
    milliseconds = (told - date(1970, 1, 1)) // timedelta(milliseconds=1)
    found = day(None, f"/Date({milliseconds}{offset})/", "$.Date", Doubts([]))
    never = told in (date(1970, 1, 1), date(1, 1, 1))
    assert found == (None if never else f"{told.isoformat()}T00:00:00")


def test_a_midnight_elsewhere_is_that_day_there() -> None:
    """20 October in Auckland, written as the instant that it begins."""
    assert day(None, "/Date(1539946800000+1300)/", "$.Date", Doubts([])) == "2018-10-20T00:00:00"


@pytest.mark.parametrize("net", ["/Date(0+0000)/", "/Date(-62135596800000+0000)/", None])
def test_no_date_is_no_day_and_no_doubt(net: str | None) -> None:
    doubts = Doubts([])
    assert day(None, net, "$.Date", doubts) is None
    assert doubts.issues == []


@pytest.mark.parametrize(
    ("text", "net"), [("soon", None), (None, "soon"), (None, "/Date(99999999999999999)/")]
)
def test_what_is_no_day_is_doubted(text: str | None, net: str | None) -> None:
    doubts = Doubts([])
    assert day(text, net, "$.DueDate", doubts) is None
    assert [issue.path for issue in doubts.issues] == ["$.DueDate"]


def test_the_milliseconds_stand_in_for_a_text_that_is_no_day() -> None:
    found = day("soon", "/Date(1539993600000)/", "$.Date", Doubts([]))
    assert found == "2018-10-20T00:00:00"
