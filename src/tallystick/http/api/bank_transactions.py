"""What the statements of one account at a bank say. Source: api-contract §§3, 3.2."""

from starlette.responses import Response

from tallystick.http.api.books import books_of, look_into, no_data, require_complete
from tallystick.http.api.call import Call
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.records import page_of
from tallystick.http.query import exactly, records_of
from tallystick.store import RecordPage, records
from tallystick.store.sqlcipher import SqliteConnection


async def list_of_account(call: Call) -> Response:
    """A page of the transactions of one bank account of one connection.

    404 for an account that is not among the connection's `bankAccounts`; one without transactions is an
    empty page.
    """
    account_id = call.path("accountId")

    def look(connection: SqliteConnection) -> RecordPage:
        books = books_of(connection, call, "bankTransactions", call.path("connectionId"))
        require_complete(connection, call, books.data_type)
        of_account = exactly("accountId", account_id, records_of(books.data_type))
        page = page_of(connection, call, books, of_account)
        if not page.total and not _is_there(connection, books.connections, account_id):
            raise no_data("bankAccounts", account_id)
        return page

    page = await look_into(call, look)
    return page_response(
        call.request, paging_of(call.request), page.total, [page.bodies] if page.bodies else ()
    )


def _is_there(connection: SqliteConnection, connections: tuple[int, ...], account_id: str) -> bool:
    found = records.get_record(
        connection, connections=connections, data_type="bankAccounts", record_id=account_id
    )
    return found is not None
