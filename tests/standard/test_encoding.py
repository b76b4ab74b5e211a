"""Records and answers as JSON, and back."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standard.conftest import a_bare_one, a_full_one, any_of

from tallystick.standard import (
    DATA_TYPES,
    RECORD_CLASSES,
    Answer,
    DataType,
    Metadata,
    Transfer,
    TransferAccount,
    decode,
    encode,
    spelt,
)

EVERY_TYPE = pytest.mark.parametrize("data_type", sorted(RECORD_CLASSES))
EVERY_ANSWER = pytest.mark.parametrize("kind", get_args(Answer))
# Making a record is most of the time; what matters is that every field meets every kind of value.
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def amounts(value: Any) -> Iterator[str]:
    """The text of every amount in a value, however deep."""
    if isinstance(value, Decimal):
        yield str(value)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from amounts(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from amounts(part)


def numbers(body: bytes) -> list[str]:
    """Every number of a JSON text, as it is written."""
    found: list[str] = []
    json.loads(body, parse_float=found.append, parse_int=found.append)
    return found


def test_every_data_type_has_a_class() -> None:
    assert set(RECORD_CLASSES) == set(DATA_TYPES)


@EVERY_TYPE
@FEW
@given(data=st.data())
def test_a_record_comes_back_as_it_was_with_every_digit_of_its_amounts(
    data_type: DataType, data: st.DataObject
) -> None:
    record = data.draw(any_of(RECORD_CLASSES[data_type]))

    body = encode(record)

    assert decode(data_type, body) == record
    assert Counter(amounts(record)) <= Counter(numbers(body))


@EVERY_ANSWER
@FEW
@given(data=st.data())
def test_an_answer_comes_back_as_it_was_with_every_digit_of_its_amounts(
    kind: type[Any], data: st.DataObject
) -> None:
    answer = data.draw(any_of(kind))

    body = encode(answer)

    assert msgspec.json.decode(body, type=kind) == answer
    assert Counter(amounts(answer)) <= Counter(numbers(body))


@EVERY_TYPE
def test_a_full_and_a_bare_record_come_back(data_type: DataType) -> None:
    for record in (a_full_one(RECORD_CLASSES[data_type]), a_bare_one(RECORD_CLASSES[data_type])):
        assert decode(data_type, encode(record)) == record


@EVERY_TYPE
def test_a_bare_record_says_nothing_of_what_it_does_not_know(data_type: DataType) -> None:
    told = json.loads(encode(a_bare_one(RECORD_CLASSES[data_type])))

    known = {spelt(f.name) for f in attrs.fields(RECORD_CLASSES[data_type]) if f.default is not None}
    assert told.keys() == known
    assert None not in told.values()


@EVERY_TYPE
def test_no_name_that_python_keeps_for_itself_reaches_the_json(data_type: DataType) -> None:
    assert not [name for name in json.loads(encode(a_full_one(RECORD_CLASSES[data_type]))) if "_" in name]


def test_the_end_of_a_transfer_that_money_left_is_called_from() -> None:
    ends = {"from_": TransferAccount(amount=Decimal("20.00")), "to": TransferAccount(amount=Decimal("23.10"))}
    body = encode(Transfer(id="t-1", status="Reconciled", metadata=Metadata(), **ends))

    assert b'"from":{"amount":20.00},"to":{"amount":23.10}' in body


def test_what_is_no_object_is_refused_in_either_spelling() -> None:
    for data_type in ("transfers", "invoices"):
        with pytest.raises(msgspec.ValidationError):
            decode(data_type, b"[]")  # type: ignore[arg-type]


@EVERY_TYPE
def test_a_class_is_called_by_one_name_only(data_type: DataType) -> None:
    """The API's description and the refusals of queries go by a class's name."""

    def classes(kind: Any, seen: set[Any]) -> set[Any]:
        for hint in get_type_hints(kind).values():
            for part in _parts(hint):
                if attrs.has(part) and part not in seen:
                    classes(part, seen | {part})
                    seen.add(part)
        return seen

    found = Counter(kind.__name__ for kind in classes(RECORD_CLASSES[data_type], set()))
    assert [name for name, times in found.items() if times > 1] == []


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    if not isinstance(hint, Mapping):
        for each in get_args(hint):
            yield from _parts(each)
