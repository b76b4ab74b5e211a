"""One request and its answer, as guard and endpoints share it."""

import re
import secrets
from collections.abc import Iterable
from typing import Any, Final

from attrs import define

_HEX: Final = re.compile(r"[0-9a-f]{32}")
_KEY: Final = "tallystick.exchange"


@define(eq=False)
class Exchange:
    """What is known of a request beside its ASGI scope."""

    correlation_id: str  #: 32 hexadecimal digits
    route: str = "(unknown)"  #: the template, once a route has taken it
    client_id: str | None = None  #: once its key is known
    can_be_dropped: bool = False  #: nobody loses anything when the client leaves and work stops

    @staticmethod
    def of(scope: Any) -> "Exchange":
        """The exchange that the guard put into the scope."""
        exchange: Exchange = scope[_KEY]
        return exchange

    def put_into(self, scope: Any) -> None:
        """Let everything below find it."""
        scope[_KEY] = self


def correlation_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's `X-Correlation-ID` when it is 32 hex digits (or a UUID), else a new one."""
    for name, value in headers:
        if name == b"x-correlation-id":
            told = value.decode("latin-1").replace("-", "").lower()
            if _HEX.fullmatch(told):
                return told
    return secrets.token_hex(16)
