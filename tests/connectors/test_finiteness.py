"""No number that is none gets past a mapping, however its field is declared."""

from decimal import Decimal
from types import ModuleType

import msgspec
import pytest

from tallystick.connectors.finiteness import finiteness_of
from tallystick.errors import RecordRejected


class Sent(msgspec.Struct):
    """What a provider sends."""


class Line(Sent):
    amount: Decimal | None = None
    total: Decimal = Decimal(0)


class Document(Sent):
    total: Decimal
    head: Line
    maybe: Line | None = None
    lines: list[Line] | None = None
    always: list[Line] = []


NONE = Line(amount=Decimal("NaN"))
ENDLESS = Line(total=Decimal("-Infinity"))


def refuse(source: Document) -> None:
    kinds = ModuleType("kinds")
    kinds.__dict__.update(Line=Line, Document=Document)
    finiteness_of(Sent, kinds)(source)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (Document(Decimal("sNaN"), Line()), "$.total"),
        (Document(Decimal(1), NONE), "$.head.amount"),
        (Document(Decimal(1), Line(), maybe=ENDLESS), "$.maybe.total"),
        (Document(Decimal(1), Line(), lines=[Line(), NONE]), "$.lines[1].amount"),
        (Document(Decimal(1), Line(), always=[ENDLESS]), "$.always[0].total"),
    ],
)
def test_a_number_that_is_none_is_refused_by_its_path(source: Document, path: str) -> None:
    with pytest.raises(RecordRejected) as refused:
        refuse(source)
    assert refused.value.path == path


def test_numbers_that_are_some_pass() -> None:
    refuse(Document(Decimal("1E+20"), Line(Decimal(0)), Line(), [Line()], [Line(None)]))
