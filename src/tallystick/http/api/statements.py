"""The financial statements over the periods that are asked for. Source: api-contract §§3, 3.2.

`startMonth` is where a statement starts from, going back: the month that its latest period ends in. What of
a period is not stored is told by the period's own dates: see `standard.statement_periods`.
"""

from typing import Final, get_args

from starlette.responses import Response

from tallystick.http.api import parameters
from tallystick.http.api.books import books_of, look_into, no_data, require_complete
from tallystick.http.api.call import Call
from tallystick.http.api.type_names import STATEMENT_TYPES
from tallystick.http.problem import Problem
from tallystick.standard import decode, encode
from tallystick.standard.statement_periods import AnyStatement, Periods, over_periods
from tallystick.store import records
from tallystick.store.sqlcipher import SqliteConnection

#: Clients that take `periodLength` for days ask for 30 or 365, and mean it well: it is months.
LONGEST: Final = 365
MOST_PERIODS: Final = 365


async def get_statement(call: Call) -> Response:
    """A statement of the company, from its newest connection that has one."""
    word = call.path("dataType")
    if word not in STATEMENT_TYPES:
        raise Problem(
            404, f"{word[:100]} is no financial statement: there is {', '.join(sorted(STATEMENT_TYPES))}."
        )
    asked = Periods(
        months=parameters.whole_number(call, "periodLength", most=LONGEST),
        count=parameters.whole_number(call, "periodsToCompare", most=MOST_PERIODS),
        last=parameters.month(call, "startMonth"),
    )

    def look(connection: SqliteConnection) -> bytes | None:
        books = books_of(connection, call, word)
        require_complete(connection, call, books.data_type)
        body = records.first_record(connection, connections=books.connections, data_type=books.data_type)
        if body is None:
            return None
        stored = decode(books.data_type, body)
        assert isinstance(stored, get_args(AnyStatement)), "its data type says so"
        try:
            return encode(over_periods(stored, asked))
        except ArithmeticError as error:  # digits beyond what can be added exactly
            raise Problem(409, "An amount of the statement is too large to be added up.") from error

    made = await look_into(call, look)
    if made is None:
        raise no_data(word, call.path("companyId"))
    return Response(made, media_type="application/json")
