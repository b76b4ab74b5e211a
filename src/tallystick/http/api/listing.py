"""Pages of short lists that are made in memory: connections of one company, integrations."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from starlette.responses import Response

from tallystick.http.api.call import Call, encoded
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.problem import invalid
from tallystick.http.query import Reading, matches, parse

T = TypeVar("T")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def listed(
    call: Call, items: Sequence[T], reading: Reading[T], *, order: Sequence[str], name: str
) -> Response:
    """The page of `items` that the call asks for, in their own order unless `orderBy` says otherwise.

    `order`: the properties that may sort. Raises: `Problem` 400.
    """
    paging = paging_of(call.request)
    text = call.query.get("query")
    tree = parse(text) if text else None
    kept = [item for item in items if tree is None or matches(tree, item, reading, name)]
    by = call.query.get("orderBy")
    if by:
        field = by.strip().removeprefix("-")
        if field not in order:
            raise invalid("orderBy", f"{name} is not ordered by {field[:100]}; it is by {', '.join(order)}")
        read = reading[field]
        kept.sort(key=lambda item: _key(read(item)), reverse=by.strip().startswith("-"))
    page = kept[paging.offset : paging.offset + paging.size]
    return page_response(call.request, paging, len(kept), map(encoded, page))


def _key(value: str | bool | datetime | None) -> tuple[bool, str, datetime]:
    """What is not there comes first, as it does in SQL."""
    if isinstance(value, datetime):
        return True, "", value
    return value is not None, str(value).lower(), _NEVER
