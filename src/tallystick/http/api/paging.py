"""Pages of lists: what is asked for, and the envelope round what is given. Source: api-contract §1."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlencode

import msgspec
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from tallystick.http.problem import invalid

_LARGEST: Final = 5000  #: records a page
_DEFAULT: Final = 100
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)


@frozen
class Paging:
    """Which page, from 1, of how many."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """What comes before it."""
        return (self.number - 1) * self.size


def paging_of(request: Request) -> Paging:
    """The page that is asked for. Raises: `Problem` 400 naming the parameter."""
    number = _parameter(request, "page", 1, "a whole number from 1")
    size = _parameter(request, "pageSize", _DEFAULT, f"a whole number from 1 to {_LARGEST}")
    if number < 1:
        raise invalid("page", "must be a whole number from 1")
    if not 1 <= size <= _LARGEST:
        raise invalid("pageSize", f"must be a whole number from 1 to {_LARGEST}")
    return Paging(number, size)


def _parameter(request: Request, name: str, default: int, wanted: str) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if _NUMBER.fullmatch(text) is None:
        raise invalid(name, f"must be {wanted}")
    return int(text)


def page_response(request: Request, paging: Paging, total: int, results: Iterable[bytes]) -> Response:
    """The envelope round results that are JSON already: stored records are not parsed to be sent.

    `results`: objects, or several of them with commas between.
    """
    path = quote(request.scope["path"], safe="/-._~:@!$&'()*+,;=")
    rest = [(k, v) for k, v in request.query_params.multi_items() if k not in ("page", "pageSize")]

    def link(page: int) -> dict[str, str]:
        query = urlencode([("page", page), ("pageSize", paging.size), *rest])
        return {"href": f"{path}?{query}"}

    links = {"self": {"href": path}, "current": link(paging.number)}
    if paging.offset + paging.size < total:
        links["next"] = link(paging.number + 1)
    if paging.number > 1:
        links["previous"] = link(paging.number - 1)
    content = b'{"results":[%b],"pageNumber":%d,"pageSize":%d,"totalResults":%d,"_links":%b}' % (
        b",".join(results),
        paging.number,
        paging.size,
        total,
        msgspec.json.encode(links),
    )
    return Response(content, media_type="application/json")
