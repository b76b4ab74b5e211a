"""One tracking category, with all that is below it. Source: api-contract §3.2."""

from collections import defaultdict
from typing import Final

import msgspec
from starlette.responses import Response

from tallystick.http.api.books import books_of, look_into, no_data, require_complete
from tallystick.http.api.call import Call
from tallystick.store import records
from tallystick.store.sqlcipher import SqliteConnection


class _Place(msgspec.Struct, frozen=True, rename="camel"):
    """Where a category stands in the tree."""

    id: str
    parent_id: str | None = None


_PLACE: Final = msgspec.json.Decoder(_Place)


async def get_tree(call: Call) -> Response:
    """A category and its subcategories, each as it is stored. Those gone at the provider are in no tree."""
    category_id = call.path("recordId")

    def look(connection: SqliteConnection) -> bytes | None:
        books = books_of(connection, call, "trackingCategories")
        require_complete(connection, call, books.data_type)
        for number in reversed(books.connections):
            top = records.get_record(
                connection, connections=(number,), data_type=books.data_type, record_id=category_id
            )
            if top is not None:
                others = records.all_bodies(connection, connection_number=number, data_type=books.data_type)
                return _tree(top, others)
        return None

    body = await look_into(call, look)
    if body is None:
        raise no_data("trackingCategories", category_id)
    return Response(body, media_type="application/json")


def _tree(top: bytes, others: list[bytes]) -> bytes:
    below: defaultdict[str | None, list[tuple[str, bytes]]] = defaultdict(list)
    for body in others:
        place = _PLACE.decode(body)
        below[place.parent_id].append((place.id, body))
    order = [(_PLACE.decode(top).id, top)]
    met = {order[0][0]}  # a provider's mistake may make a category its own ancestor: a tree ends there
    children: dict[str, list[str]] = {}
    for identity, _ in order:
        new = [(child, body) for child, body in below[identity] if child not in met]
        children[identity] = [child for child, _ in new]
        met.update(children[identity])
        order += new
    made: dict[str, bytes] = {}
    for identity, body in reversed(order):
        parts = b",".join(made.pop(child) for child in children[identity])
        made[identity] = b'%b,"subCategories":[%b]}' % (body.removesuffix(b"}"), parts)
    return made[order[0][0]]
