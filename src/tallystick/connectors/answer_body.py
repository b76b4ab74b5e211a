"""Reads an answer's body within bounds: what it unpacks to is never longer than its limit, at any moment.

httpx unpacks each chunk whole, and 64 KiB of gzip may hold 64 MiB; packed twice, 64 GiB. So the packed
bytes are read as they come and unpacked here, a piece at a time.
"""

import zlib
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, Final

import httpx
import trio
from attrs import define

#: What may be sent packed: one way of packing, once.
ACCEPTED: Final = "gzip"

_PIECE: Final = 256 * 1024  #: bytes unpacked in one turn of the loop, in well under 2 ms
_GZIP: Final = 16 + zlib.MAX_WBITS
_GZIP_BEGINS: Final = b"\x1f\x8b"


@define(eq=False)
class _Body:
    into: BytesIO
    limit_bytes: int
    above_bytes: int
    make_room: Callable[[], Awaitable[bool]]
    unpacking: Any  #: zlib's object; None for what comes unpacked

    async def add(self, chunk: bytes) -> str | None:
        """Take a chunk as it came. Returns why no more is to be read, in words."""
        if self.unpacking is None:
            return await self._keep(chunk)
        packed = chunk
        while packed:
            try:
                piece = self.unpacking.decompress(packed, _PIECE)
            except zlib.error:
                return "its compression is broken"
            packed = self.unpacking.unconsumed_tail
            if self.unpacking.eof:
                packed = self._next_member()
            fault = await self._keep(piece)
            if fault is not None:
                return fault
            if packed:
                await trio.lowlevel.checkpoint()
        return None

    def end(self) -> str | None:
        """After the last chunk. Returns why it is not whole, in words."""
        return None if self.unpacking is None or self.unpacking.eof else "the answer was cut short"

    def _next_member(self) -> bytes:
        """What follows the end of a member, where that is one more; padding is let go."""
        rest: bytes = self.unpacking.unused_data
        if rest.startswith(_GZIP_BEGINS):
            self.unpacking = zlib.decompressobj(_GZIP)
            return rest
        return b""

    async def _keep(self, piece: bytes) -> str | None:
        size = self.into.tell() + len(piece)
        if size > self.limit_bytes:
            return f"the answer is larger than {self.limit_bytes} bytes"
        if size > self.above_bytes and not await self.make_room():
            return "there is no room for it"
        self.into.write(piece)
        return None


async def read_body(
    response: httpx.Response,
    into: BytesIO,
    *,
    limit_bytes: int,
    above_bytes: int,
    make_room: Callable[[], Awaitable[bool]],
) -> str | None:
    """Read an open response's body to its end, or until it proves useless; then the connection is closed.

    `make_room` is awaited before more than `above_bytes` are kept; after False no more is read.
    `into.getvalue()` gives the bytes without copying them. Returns None for a whole body, else what is
    wrong with it, in words.
    Raises: httpx's errors of the wire, with what has come in `into`.
    """
    packed = response.headers.get("content-encoding", "").strip().lower()
    unpacking = zlib.decompressobj(_GZIP) if packed in {"gzip", "x-gzip"} else None
    body = _Body(into, limit_bytes, above_bytes, make_room, unpacking)
    fault: str | None = None
    if unpacking is None and packed not in {"", "identity"}:
        fault = "it is packed in a way that we did not ask for"
        await response.aclose()
        return fault
    try:
        async for chunk in response.aiter_raw():
            # httpx reads through several generators that only an error from the wire ends in order: the
            # connection is closed under them instead of leaving the loop.
            if fault is None and (fault := await body.add(chunk)) is not None:
                await response.aclose()
    except (httpx.TransportError, httpx.StreamError):
        if fault is None:
            raise
    return fault or body.end()
