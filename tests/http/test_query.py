"""Queries: what SQL finds is what a plain filter finds."""

import contextlib
import operator
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2 as sqlite
from tests.http.conftest import an_invoice

from tallystick.http.problem import Problem
from tallystick.http.query import (
    DATASETS,
    All,
    Comparison,
    Expression,
    OneOf,
    compile_query,
    matches,
    order_terms,
    parse,
    records_of,
)
from tallystick.standard import DATA_TYPES, RECORD_CLASSES, CustomerRef, Metadata, encode
from tallystick.store import Condition

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@frozen
class Row:
    """One record as the table `records` has it, and as the filter sees it."""

    id: str
    status: str
    modified_at: int
    deleted: bool
    total: Decimal
    rate: Decimal | None
    company_name: str | None

    @property
    def body(self) -> bytes:
        return encode(
            an_invoice(
                self.id,
                total=str(self.total),
                status=self.status,
                currencyRate=self.rate,
                customerRef=None
                if self.company_name is None
                else CustomerRef(id="c", companyName=self.company_name),
                metadata=Metadata(isDeleted=self.deleted),
            )
        )


@contextlib.contextmanager
def table(rows: list[Row]) -> Iterator[Any]:
    connection = sqlite.connect(":memory:")
    connection.execute(
        "create table records (id text, status text, modified_at integer, source_modified_at integer, "
        "deleted integer, body blob)"
    )
    connection.executemany(
        "insert into records values (?, ?, ?, null, ?, ?)",
        [(row.id, row.status, row.modified_at, row.deleted, row.body) for row in rows],
    )
    yield connection
    connection.close()


def found(connection: Any, condition: Condition) -> list[str]:
    sql = f"select id from records where {condition.sql} order by rowid"
    return [identity for (identity,) in connection.execute(sql, condition.values)]


# --- random rows and queries, with few values so that they meet ------------------------------------------

texts = st.text(st.sampled_from("aAbB '%_\"é"), min_size=1, max_size=4).map(str.strip).filter(bool)
money = st.decimals(-100, 100, places=2) | st.sampled_from(
    [Decimal(text) for text in ("0", "-0.00", "0.1", "0.10", "-7", "1E+3")]
    + [Decimal(f"{sign}12345678901234567890.0{digit}") for sign in ("", "-") for digit in "12"]
)
rates = st.none() | st.sampled_from([Decimal("1.25"), Decimal("0.00000012"), Decimal("1E-9")])
instants = st.integers(0, 5).map(lambda seconds: EPOCH + timedelta(days=20_000, seconds=seconds))
rows = st.lists(
    st.builds(
        Row,
        id=texts,
        status=st.sampled_from(["Paid", "Void", "Draft"]),
        modified_at=instants.map(lambda at: (at - EPOCH) // timedelta(microseconds=1)),
        deleted=st.booleans(),
        total=money,
        rate=rates,
        company_name=st.none() | texts,
    ),
    max_size=8,
)


def comparison(name: str, operators: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda op, value, space: f"{name}{space}{op}{space}{value}",
        st.sampled_from(operators.split()),
        values,
        st.sampled_from(["", " "]),
    )


words = st.one_of(
    comparison("id", "= != ~", texts),
    comparison("status", "= != ~", st.sampled_from(["paid", "VOID", "aid", "x"])),
    comparison("customerRef.companyName", "= != ~", texts),
    comparison("metadata.isDeleted", "= !=", st.sampled_from(["true", "False"])),
    comparison("modifiedDate", "= != > < >= <=", instants.map(lambda at: at.isoformat())),
    comparison("totalAmount", "= != > < >= <=", money.map("{:f}".format)),
    comparison("currencyRate", "= != > < >= <=", st.sampled_from(["1.25", "1.250", "0.00000012", "0"])),
)
queries = st.recursive(
    words,
    lambda inner: st.builds(
        lambda parts, joint: "{" + joint.join(parts) + "}",
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["&&", " && ", "||", " || "]),
    ),
    max_leaves=6,
)


def holds(tree: Expression, row: Row) -> bool:
    """The plain filter: exact numbers, ASCII letters alike in either case, nothing equals None."""
    match tree:
        case All(parts):
            return all(holds(part, row) for part in parts)
        case OneOf(parts):
            return any(holds(part, row) for part in parts)
        case Comparison(name, op, value):
            return _holds(name, op, value, row)


def _holds(name: str, op: str, value: str, row: Row) -> bool:
    match name:
        case "id" | "status" | "customerRef.companyName":
            own = {"id": row.id, "status": row.status}.get(name, row.company_name)
            if own is None:
                return op == "!="
            a, b = _lower(own), _lower(value)
            return b in a if op == "~" else ORDERS[op](a, b)
        case "metadata.isDeleted":
            return ORDERS[op](row.deleted, value.lower() == "true")
        case "modifiedDate":
            wanted = (datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1)
            return ORDERS[op](row.modified_at, wanted)
        case "totalAmount":
            return ORDERS[op](row.total, Decimal(value))
        case _:
            return op == "!=" if row.rate is None else ORDERS[op](row.rate, Decimal(value))


def _lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


@given(rows, queries)
def test_sql_finds_what_a_plain_filter_finds(records: list[Row], query: str) -> None:
    tree = parse(query)
    with table(records) as connection:
        expected = [row.id for row in records if holds(tree, row)]
        assert found(connection, compile_query(tree, records_of("invoices"))) == expected


@given(st.text(st.sampled_from("ab.=!~><&|{} -0"), max_size=30))
def test_any_text_is_a_tree_or_a_refusal_with_a_position(text: str) -> None:
    try:
        tree = parse(text)
    except Problem as refused:
        assert refused.status == 400
        assert refused.error.startswith("Error parsing query - Malformed query. ")
    else:
        assert isinstance(tree, Comparison | All | OneOf)


def test_and_binds_tighter_than_or_and_braces_tighter_than_both() -> None:
    def shape(tree: Expression) -> object:
        match tree:
            case Comparison(name):
                return name
            case All(parts):
                return tuple(shape(part) for part in parts)
            case OneOf(parts):
                return [shape(part) for part in parts]

    assert shape(parse("a=1||b=1&&c=1")) == ["a", ("b", "c")]
    assert shape(parse("{a=1||b=1}&&c=1")) == (["a", "b"], "c")
    assert shape(parse("{{{a=1}}}")) == "a"


def test_a_value_may_hold_spaces_operators_and_single_ampersands() -> None:
    tree = parse(" name = Smith & Sons = co <x>  &&id=2")
    assert isinstance(tree, All)
    first, second = tree.parts
    assert isinstance(first, Comparison)
    assert isinstance(second, Comparison)
    assert (first.value, second.value) == ("Smith & Sons = co <x>", "2")
    assert (first.property_at, first.value_at, second.property_at) == (1, 8, 33)


def test_no_value_ever_becomes_sql() -> None:
    condition = compile_query(parse("id=' or 1=1 --||status~%"), records_of("invoices"))
    assert condition.values == ("' or 1=1 --", "%")
    assert "1=1" not in condition.sql


@pytest.mark.parametrize(
    "query",
    ["||".join(["id=1"] * 340), "&&".join(["totalAmount!=1"] * 128), "{" * 50 + "totalAmount>-1" + "}" * 50],
    ids=["many texts", "many numbers", "many braces"],
)
def test_the_largest_query_that_is_taken_runs(query: str) -> None:
    row = Row("1", "Paid", 0, False, Decimal("12.50"), None, None)
    with table([row]) as connection:
        assert found(connection, compile_query(parse(query), records_of("invoices"))) == ["1"]


@pytest.mark.parametrize("data_type", sorted(RECORD_CLASSES))
def test_every_single_property_of_every_class_compiles_and_runs(data_type: str) -> None:
    resource = records_of(data_type)
    values = {"text": "x", "number": "1", "flag": "true", "instant": "2026-01-01", "day": "2026-01-01"}
    with table([]) as connection:
        for name, field in resource.fields.items():
            for op in ("=", "!="):
                assert (
                    found(connection, compile_query(parse(f"{name}{op}{values[field.kind]}"), resource)) == []
                )
        for name in resource.order:
            order = order_terms(f"-{name}", resource, ())
            assert found(connection, Condition(sql=f"1 order by {order[0]}, 1 --")) == []


def test_every_data_type_is_one_that_the_standard_model_names() -> None:
    assert set(RECORD_CLASSES) <= set(DATA_TYPES)
    assert DATASETS.resolve("REQUESTED") is DATASETS.fields["requested"], "letter case is ignored"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("at>=1970-01-01T00:00:00.0000001Z", False),
        ("at<1970-01-01T00:00:00.0000001Z", True),
        ("on!=true", False),
    ],
)
def test_a_list_in_memory_is_compared_as_exactly(query: str, expected: bool) -> None:
    reading: Any = {"at": lambda _: EPOCH, "on": lambda _: True}
    assert matches(parse(query), None, reading, "Thing") is expected
