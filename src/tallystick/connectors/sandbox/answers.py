"""What the stand-ins' answers are made of, whatever envelope each puts round it: JSON, rows, refusals."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import trio
from starlette.responses import Response

T = TypeVar("T")


class Refused(Exception):
    """A request that is answered with something else than its rows."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Any value as JSON."""
    return Response(msgspec.json.encode(body), status, headers=headers, media_type="application/json")


async def bodies(rows: Sequence[T], body: Callable[[T], bytes], *, turn: int) -> list[bytes]:
    """The rows of a page as JSON; others have a turn after so many of them."""
    found: list[bytes] = []
    for place, row in enumerate(rows):
        if place % turn == turn - 1:
            await trio.lowlevel.checkpoint()
        found.append(body(row))
    return found


def without(body: bytes, name: str) -> bytes:
    """A row without one of its fields; the other fields keep their digits."""
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    fields.pop(name, None)
    return msgspec.json.encode(fields)
