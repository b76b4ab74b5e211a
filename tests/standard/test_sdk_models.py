"""Our classes against the models of the SDK that clients read the API with."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from codat_lending.models import shared
from pydantic import BaseModel

from tallystick.standard import RECORD_CLASSES, DataType, decode, encode

MODELS: dict[DataType, type[BaseModel]] = {
    "chartOfAccounts": shared.AccountingAccount,
    "bankAccounts": shared.AccountingBankAccount,
    "customers": shared.AccountingCustomer,
    "suppliers": shared.AccountingSupplier,
    "invoices": shared.AccountingInvoice,
    "bills": shared.AccountingBill,
    "payments": shared.AccountingPayment,
    "billPayments": shared.AccountingBillPayment,
    "creditNotes": shared.AccountingCreditNote,
    "billCreditNotes": shared.AccountingBillCreditNote,
    "company": shared.AccountingCompanyInfo,
}
#: What the store adds, what we do not serve, and what the SDK's older models call otherwise.
THEIRS_ALONE = {"modifiedDate", "supplementalData", "additional_properties"}
ALL = pytest.mark.parametrize("data_type", MODELS)


def parts(annotation: Any) -> Iterator[Any]:
    """The classes within an annotation, whatever it wraps them in."""
    if get_origin(annotation) is Literal:
        yield annotation
        return
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from parts(each)


def same_shape(ours: type, theirs: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every way in which our class would surprise a reader of theirs."""
    hints = get_type_hints(ours)
    fields = {name: hints[name] for name in attrs.fields_dict(ours)}
    known = {field.alias or name: field for name, field in theirs.model_fields.items()}
    yield from (f"{path}{name} is theirs alone" for name in known.keys() - fields - THEIRS_ALONE)
    for name, annotation in fields.items():
        if name not in known:
            yield f"{path}{name} is ours alone"
            continue
        if known[name].is_required() and type(None) in get_args(annotation):
            yield f"{path}{name} may be null and must not"
        mine, other = list(parts(annotation)), list(parts(known[name].annotation))
        words = {w for p in mine if get_origin(p) is Literal for w in get_args(p)}
        enum = {w.value for p in other if isinstance(p, type) and issubclass(p, Enum) for w in p}
        if words != enum and words:
            yield f"{path}{name} has the words {words ^ enum} on one side only"
        inner = [p for p in mine if attrs.has(p)]
        model = [p for p in other if isinstance(p, type) and issubclass(p, BaseModel)]
        for a, b in zip(inner, model, strict=True):
            yield from same_shape(a, b, f"{path}{name}.")


@ALL
def test_fields_and_words_are_those_of_the_sdk(data_type: DataType) -> None:
    assert list(same_shape(RECORD_CLASSES[data_type], MODELS[data_type])) == []


@pytest.mark.parametrize(
    ("data_type", "field", "words"),
    [
        ("items", "type", "Unknown|Inventory|NonInventory|Service"),
        ("items", "itemStatus", "Unknown|Active|Archived"),
        ("taxRates", "status", "Unknown|Active|Archived"),
    ],
)
def test_words_of_types_that_the_sdk_lacks_are_those_of_the_contract(
    data_type: DataType, field: str, words: str
) -> None:
    hint = get_type_hints(RECORD_CLASSES[data_type])[field]
    assert set(get_args(hint)) == set(words.split("|"))


@pytest.mark.parametrize("data_type", RECORD_CLASSES)
def test_every_literal_but_a_kind_of_record_can_be_unknown(data_type: DataType) -> None:
    """A word that a provider invents tomorrow must not make a page unreadable."""
    words = [
        get_args(part)
        for name, hint in get_type_hints(RECORD_CLASSES[data_type]).items()
        if name != "DATA_TYPE"
        for part in parts(hint)
        if get_origin(part) is Literal
    ]
    assert all("Unknown" in each for each in words)


def a_full_one(kind: Any, name: str = "") -> Any:
    """A value with nothing left out."""
    if attrs.has(kind):
        hints = get_type_hints(kind)
        return kind(**{f: a_full_one(hints[f], f) for f in attrs.fields_dict(kind)})
    if get_origin(kind) is Literal:
        return get_args(kind)[-1]
    if get_origin(kind) is tuple:
        return (a_full_one(get_args(kind)[0]),)
    if get_args(kind) and type(None) in get_args(kind):
        return a_full_one(next(k for k in get_args(kind) if k is not type(None)), name)
    if "Mapping" in str(kind):
        return {"here": "https://example.com"}
    values: dict[Any, Any] = {
        Decimal: Decimal("1234567.8900"),
        bool: True,
        datetime: datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC),
        str: "Zoë & Söhne",
    }
    return values.get(kind, "2018-10-20T00:00:00")


@ALL
def test_the_sdk_reads_a_full_record(data_type: DataType) -> None:
    body = encode(a_full_one(RECORD_CLASSES[data_type]))

    MODELS[data_type].model_validate_json(body)
    MODELS[data_type].model_validate(json.loads(body))


@ALL
def test_the_sdk_reads_a_bare_record_whose_other_fields_are_null(data_type: DataType) -> None:
    kind: Any = RECORD_CLASSES[data_type]
    hints = get_type_hints(kind)
    needed = {f.name: a_full_one(hints[f.name]) for f in attrs.fields(kind) if f.default is attrs.NOTHING}

    MODELS[data_type].model_validate_json(encode(kind(**needed)))


@pytest.mark.parametrize("data_type", RECORD_CLASSES)
def test_a_record_comes_back_from_its_bytes_as_it_was(data_type: DataType) -> None:
    record = a_full_one(RECORD_CLASSES[data_type])

    assert decode(data_type, encode(record)) == record
