"""Aged debtors and creditors, made up when they are asked for. Source: api-contract §§3, 3.2.

Made of the records as they were last read: of each linked account's own documents, so that two connections
that have a customer of the same id have a row each.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.responses import Response

from tallystick.http.api import parameters
from tallystick.http.api.books import look_into
from tallystick.http.api.call import Call, answer, connections_of
from tallystick.http.api.type_names import data_type_of
from tallystick.http.problem import Problem
from tallystick.standard import AgedCreditorReport, AgedDebtorReport, DataType, calendar_day, encode
from tallystick.standard.aging import Ages, Aging
from tallystick.standard.open_amounts import CREDITORS, DEBTORS, OpenAmounts, Side
from tallystick.store import ConnectionRow, batches, datasets, records
from tallystick.store.sqlcipher import SqliteConnection

AGES: Final = 4  #: periods, where none are asked for
MOST_AGES: Final = 120
AGE: Final = 30  #: days
LONGEST_AGE: Final = 365
_NO_CURRENCY: Final = "XXX"


class _Named(msgspec.Struct, rename="camel"):
    customer_name: str | None = None
    supplier_name: str | None = None


_NAMED: Final = msgspec.json.Decoder(_Named)


async def aged_debtors(call: Call) -> Response:
    """What customers owe the company, by age."""
    ages, generated = _ages(call)

    def look(connection: SqliteConnection) -> bytes:
        rows = [row for aging in _agings(connection, call, DEBTORS, ages) for row in aging.debtors()]
        return encode(
            AgedDebtorReport(generated=generated, reportDate=calendar_day(ages.until), data=tuple(rows))
        )

    return Response(await look_into(call, look), media_type="application/json")


async def aged_creditors(call: Call) -> Response:
    """What the company owes its suppliers, by age."""
    ages, generated = _ages(call)

    def look(connection: SqliteConnection) -> bytes:
        rows = [row for aging in _agings(connection, call, CREDITORS, ages) for row in aging.creditors()]
        return encode(
            AgedCreditorReport(generated=generated, reportDate=calendar_day(ages.until), data=tuple(rows))
        )

    return Response(await look_into(call, look), media_type="application/json")


async def aged_debtors_available(call: Call) -> Response:
    """Whether all that the report on customers is made of has been read."""
    return await _available(call, DEBTORS)


async def aged_creditors_available(call: Call) -> Response:
    """Whether all that the report on suppliers is made of has been read."""
    return await _available(call, CREDITORS)


def _ages(call: Call) -> tuple[Ages, datetime]:
    """Raises: `Problem` 400 naming the parameter."""
    now = call.reach.stores.clock().astimezone(UTC)
    ages = Ages(
        until=parameters.day(call, "reportDate") or now.date(),
        count=parameters.whole_number(call, "numberOfPeriods", most=MOST_AGES, default=AGES),
        days=parameters.whole_number(call, "periodLengthDays", most=LONGEST_AGE, default=AGE),
    )
    return ages, now


async def _available(call: Call, side: Side) -> Response:
    def look(connection: SqliteConnection) -> bool:
        company_id = call.path("companyId")
        given = _given(call, side, connections_of(connection, company_id))
        return side.documents in given and not _unread(connection, company_id, given)

    return answer(await look_into(call, look))


def _given(call: Call, side: Side, rows: list[ConnectionRow]) -> list[DataType]:
    """What the report is made of and a provider of the company has."""
    manifests = call.reach.engine.manifests
    linked = [manifests[row.provider] for row in rows if row.provider in manifests]
    return [each for each in side.data_types if any(each in manifest.data_types for manifest in linked)]


def _unread(connection: SqliteConnection, company_id: str, given: Sequence[DataType]) -> list[DataType]:
    return [each for each in given if not datasets.ever_read(connection, company_id, each)]


def _agings(connection: SqliteConnection, call: Call, side: Side, ages: Ages) -> list[Aging]:
    """What is open in each connection's books.

    Raises: `Problem` 404 where something of it was never read, since the contract has no 409 here;
    `NotSupported` where no provider of the company has such documents.
    """
    rows = connections_of(connection, call.path("companyId"))
    data_type_of(side.documents, rows, call.reach.engine.manifests)
    unread = _unread(connection, call.path("companyId"), _given(call, side, rows) or side.data_types)
    if unread:
        raise Problem(
            404,
            f"No report is available: {', '.join(unread)} were never read to their end. "
            "Refresh them, then ask again.",
        )
    try:
        return [_aging(connection, row, side, ages) for row in rows]
    except ArithmeticError as error:  # digits beyond what can be added exactly
        raise Problem(
            404, "No report is available: one of the amounts is too large to be added up."
        ) from error


def _aging(connection: SqliteConnection, row: ConnectionRow, side: Side, ages: Ages) -> Aging:
    document, credit, payment = side.words
    aging = Aging(ages=ages, words=side.words, currency=row.base_currency or _NO_CURRENCY)
    amounts = OpenAmounts(until=ages.until.isoformat())

    def all_of(data_type: DataType) -> Iterator[bytes]:
        return batches.batches(connection, connection_number=row.number, data_type=data_type)

    for batch in all_of(side.payments):
        amounts.payments(batch)
    aging.add(payment, amounts.on_account())
    for batch in all_of(side.credits):
        aging.add(credit, amounts.credits(batch))
    for batch in all_of(side.documents):
        aging.add(document, amounts.documents(batch))
    for identity in aging.nameless():
        body = records.get_record(
            connection, connections=(row.number,), data_type=side.contacts, record_id=identity
        )
        if body is not None:
            named = _NAMED.decode(body)
            aging.name(identity, named.customer_name or named.supplier_name)
    return aging
