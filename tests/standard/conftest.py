"""Made-up values of the standard model's classes: full ones, and any that there can be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st
from msgspec import Raw

from tallystick.standard import CalendarDate, calendar_day

_FULL: dict[Any, Any] = {
    Decimal: Decimal("1234567.8900"),
    bool: True,
    int: 46153,
    datetime: datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC),
    str: "Zoë & Söhne",
    Raw: Raw(b'{"rate":1.10}'),
    CalendarDate: "2018-10-20T00:00:00",
}
_AMOUNTS = st.builds(
    lambda negative, digits, places: Decimal((int(negative), tuple(map(int, str(digits))), places)),
    st.booleans(),
    st.integers(0, 10**18),
    st.integers(-8, 3),
)
_ANY: dict[Any, st.SearchStrategy[Any]] = {
    Decimal: _AMOUNTS,
    bool: st.booleans(),
    int: st.integers(0, 2**53),
    datetime: st.datetimes(timezones=st.just(UTC)),
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    Raw: st.sampled_from([b"null", b'"text"', b"1.50", b"-0", b'{"of":[1.10,true]}']).map(Raw),
    CalendarDate: st.dates().map(calendar_day),
}


def _without_none(kind: Any) -> Any:
    """A field's kind of value, where it has one."""
    return next((each for each in get_args(kind) if each is not type(None)), kind)


def _may_be_none(kind: Any) -> bool:
    return get_origin(kind) is not Literal and type(None) in get_args(kind)


def a_full_one(kind: Any, within: tuple[Any, ...] = ()) -> Any:
    """A value with nothing left out; of what is part of itself, one within another."""
    if attrs.has(kind):
        hints = get_type_hints(kind)
        return kind(**{f: a_full_one(hints[f], (*within, kind)) for f in attrs.fields_dict(kind)})
    if _may_be_none(kind):
        return a_full_one(_without_none(kind), within)
    if get_origin(kind) is Literal:
        return get_args(kind)[-1]
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        return () if within.count(part) > 1 else (a_full_one(part, within),)
    if get_origin(kind) is Mapping:
        return {"here": a_full_one(get_args(kind)[1], within)}
    return _FULL[kind]


def a_bare_one(kind: Any) -> Any:
    """A value with only what must be there."""
    hints = get_type_hints(kind)
    needed = [field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING]
    return kind(**{name: a_full_one(hints[name]) for name in needed})


@cache
def any_of(kind: Any, within: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Every value of a class; what is part of itself goes three deep."""
    if attrs.has(kind):
        hints = get_type_hints(kind)
        return st.builds(
            kind, **{name: any_of(hints[name], (*within, kind)) for name in attrs.fields_dict(kind)}
        )
    if _may_be_none(kind):
        return st.none() | any_of(_without_none(kind), within)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        if within.count(part) > 2:
            return st.just(())
        return st.lists(any_of(part, within), max_size=2).map(tuple)
    if get_origin(kind) is Mapping:
        return st.dictionaries(_ANY[str], any_of(get_args(kind)[1], within), max_size=2)
    return _ANY[kind]
