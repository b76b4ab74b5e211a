"""How far a company's lists agree with each other and with the provider's totals. Source: api-contract §5.

The contract matches accounting data with a bank's; there are no banks here, so each list is compared with
what else the books tell of the same. Comparisons are made when a sync has ended, and read here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

from attrs import frozen
from msgspec import Meta, Raw
from starlette.responses import Response

from tallystick.http.api.books import books_of, look_into
from tallystick.http.api.call import Call, answer, connections_of, encoded
from tallystick.http.api.listing import listed
from tallystick.http.api.shapes import Shape
from tallystick.http.query import Reading, matches, parse
from tallystick.standard import ZERO
from tallystick.standard.dates import CalendarDate, calendar_date
from tallystick.store import comparisons
from tallystick.store.comparisons import Compared, ComparedRow, Comparison
from tallystick.store.sqlcipher import SqliteConnection

#: A decimal as it is sent, digit for digit: of a `Decimal` the description would say that it is a text.
Exact = Annotated[Raw, Meta(extra_json_schema={"type": "number"})]
_HUNDRED: Final = Decimal(100)
_PLACES: Final = Decimal("0.01")


class DataIntegrityStatusInfo(Shape, frozen=True, kw_only=True):
    """Where a comparison stands."""

    last_matched: datetime | None = None
    current_status: Literal["Unknown", "DoesNotExist", "Error", "Complete"]
    status_message: str


class DataIntegrityConnectionIds(Shape, frozen=True, kw_only=True):
    """Whose lists were compared."""

    source: Sequence[str]
    target: Sequence[str]


class DataIntegrityAmounts(Shape, frozen=True, kw_only=True):
    """The smallest and the largest amount."""

    min: Exact
    max: Exact
    currency: str | None


class DataIntegrityDates(Shape, frozen=True, kw_only=True):
    """The days that were looked at."""

    min_date: CalendarDate | None
    max_date: CalendarDate | None
    min_overlapping_date: CalendarDate | None
    max_overlapping_date: CalendarDate | None


class DataIntegrityStatus(Shape, frozen=True, kw_only=True):
    """One comparison: what it was with, when it was made, and over what."""

    type: str
    status_info: DataIntegrityStatusInfo
    connection_ids: DataIntegrityConnectionIds
    amounts: DataIntegrityAmounts | None = None
    dates: DataIntegrityDates | None = None


class DataIntegrityStatuses(Shape, frozen=True, kw_only=True):
    """All comparisons of a data type."""

    metadata: Sequence[DataIntegrityStatus]


class DataIntegrityByAmount(Shape, frozen=True, kw_only=True):
    """How much agrees. `source` and `target` are what the two sides come to: beyond Codat."""

    match_percentage: Exact
    unmatched: Exact
    matched: Exact
    total: Exact
    currency: str | None
    source: Exact
    target: Exact
    difference: Exact  #: source less target


class DataIntegrityByCount(Shape, frozen=True, kw_only=True):
    """How many agree."""

    match_percentage: Exact
    unmatched: int
    matched: int
    total: int


class DataIntegritySummary(Shape, frozen=True, kw_only=True):
    """One comparison, added up."""

    type: str
    by_amount: DataIntegrityByAmount
    by_count: DataIntegrityByCount


class DataIntegritySummaries(Shape, frozen=True, kw_only=True):
    """All comparisons of a data type."""

    summaries: Sequence[DataIntegritySummary]


class DataIntegrityMatch(Shape, frozen=True, kw_only=True):
    """The other side of one thing."""

    id: str | None
    type: str
    connection_id: str
    date: CalendarDate | None
    description: str | None
    amount: str  #: a number, written as text as the contract has it
    currency: str | None


class DataIntegrityDetail(Shape, frozen=True, kw_only=True):
    """One thing that both sides tell of; no `matches` where they do not agree. `other…`: beyond Codat."""

    id: str | None
    type: str
    connection_id: str
    date: CalendarDate | None
    description: str | None
    amount: Exact
    currency: str | None
    matches: Sequence[DataIntegrityMatch]
    other_type: str
    other_amount: Exact
    difference: Exact  #: amount less otherAmount


@frozen
class _Side:
    """A comparison as the data type of the path sees it: of two lists each is a side."""

    type: str
    against: str
    comparison: Comparison
    connection_id: str
    is_turned: bool

    @property
    def compared(self) -> Compared:
        return self.comparison.compared

    def amounts(self, row: ComparedRow) -> tuple[Decimal, Decimal]:
        """Of a row: the side's own, and the other's."""
        return (row.theirs, row.ours) if self.is_turned else (row.ours, row.theirs)


_SUMMARIES: Final[Reading[DataIntegritySummary]] = {"type": lambda each: each.type}
_DETAILS: Final[Reading[DataIntegrityDetail]] = {
    "id": lambda each: each.id,
    "type": lambda each: each.type,
    "otherType": lambda each: each.other_type,
    "connectionId": lambda each: each.connection_id,
    "description": lambda each: each.description,
    "currency": lambda each: each.currency,
    "date": lambda each: each.date,
}


async def statuses(call: Call) -> Response:
    """What a data type was compared with, and when."""
    sides = await _sides(call)
    metadata = [_status(side) for side in sides]
    if not metadata:
        missing = DataIntegrityStatusInfo(
            current_status="DoesNotExist",
            status_message="Nothing was compared: it is when a sync has ended and both sides are there.",
        )
        none = DataIntegrityConnectionIds(source=[], target=[])
        metadata = [DataIntegrityStatus(type=call.path("dataType"), status_info=missing, connection_ids=none)]
    return answer(DataIntegrityStatuses(metadata=metadata))


async def summaries(call: Call) -> Response:
    """How much of a data type agrees with what it was compared with. `query` is by `type`."""
    text = call.query.get("query")
    tree = parse(text) if text else None
    found = [_summary(side) for side in await _sides(call)]
    kept = [each for each in found if tree is None or matches(tree, each, _SUMMARIES, "DataIntegrity")]
    return answer(DataIntegritySummaries(summaries=kept))


async def details(call: Call) -> Response:
    """The things that were compared, one by one, those that do not agree first; 200 of each comparison."""
    found = [_detail(side, row) for side in await _sides(call) for row in side.compared.rows]
    return listed(call, found, _DETAILS, order=("date", "type", "description"), name="DataIntegrity")


async def _sides(call: Call) -> list[_Side]:
    def look(connection: SqliteConnection) -> list[_Side]:
        books = books_of(connection, call, call.path("dataType"))
        ids = {row.number: row.id for row in connections_of(connection, call.path("companyId"))}
        found = comparisons.about(connection, books.connections, books.data_type)
        return [_side(each, books.data_type, ids) for each in found]

    return await look_into(call, look)


def _side(comparison: Comparison, data_type: str, ids: Mapping[int, str]) -> _Side:
    turned = comparison.data_type != data_type
    against = comparison.data_type if turned else comparison.against
    return _Side(data_type, against, comparison, ids[comparison.connection], turned)


def _status(side: _Side) -> DataIntegrityStatus:
    compared = side.compared
    own = [side.amounts(row)[0] for row in compared.rows]
    first, last = _day(compared.first_day), _day(compared.last_day)
    return DataIntegrityStatus(
        type=side.against,
        status_info=DataIntegrityStatusInfo(
            last_matched=side.comparison.computed_at,
            current_status=compared.status,
            status_message=compared.message,
        ),
        connection_ids=DataIntegrityConnectionIds(source=[side.connection_id], target=[side.connection_id]),
        amounts=_amounts(own, compared.currency) if own else None,
        dates=DataIntegrityDates(
            min_date=first, max_date=last, min_overlapping_date=first, max_overlapping_date=last
        ),
    )


def _summary(side: _Side) -> DataIntegritySummary:
    compared = side.compared
    source, target = compared.ours, compared.theirs
    if side.is_turned:
        source, target = target, source
    size = compared.matched_amount + compared.unmatched_amount
    count = compared.matched + compared.unmatched
    return DataIntegritySummary(
        type=side.against,
        by_amount=DataIntegrityByAmount(
            match_percentage=_share(compared.matched_amount, size),
            unmatched=_exact(compared.unmatched_amount),
            matched=_exact(compared.matched_amount),
            total=_exact(size),
            currency=compared.currency,
            source=_exact(source),
            target=_exact(target),
            difference=_exact(source - target),
        ),
        by_count=DataIntegrityByCount(
            match_percentage=_share(Decimal(compared.matched), Decimal(count)),
            unmatched=compared.unmatched,
            matched=compared.matched,
            total=count,
        ),
    )


def _detail(side: _Side, row: ComparedRow) -> DataIntegrityDetail:
    own, other = side.amounts(row)
    match = DataIntegrityMatch(
        id=row.id,
        type=side.against,
        connection_id=side.connection_id,
        date=_day(row.day),
        description=row.name,
        amount=f"{other:f}",
        currency=side.compared.currency,
    )
    return DataIntegrityDetail(
        id=row.id,
        type=side.type,
        connection_id=side.connection_id,
        date=_day(row.day),
        description=row.name,
        amount=_exact(own),
        currency=side.compared.currency,
        matches=[match] if row.agrees else [],
        other_type=side.against,
        other_amount=_exact(other),
        difference=_exact(own - other),
    )


def _amounts(found: Sequence[Decimal], currency: str | None) -> DataIntegrityAmounts:
    return DataIntegrityAmounts(min=_exact(min(found)), max=_exact(max(found)), currency=currency)


def _exact(number: Decimal) -> Raw:
    return Raw(encoded(number))


def _share(part: Decimal, whole: Decimal) -> Raw:
    """Per cent, to a hundredth; all of nothing."""
    return _exact((part * _HUNDRED / whole).quantize(_PLACES) if whole > ZERO else _HUNDRED)


def _day(told: str | None) -> CalendarDate | None:
    return None if told is None else calendar_date(told)
