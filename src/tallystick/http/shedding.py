"""Turns new work away while the engine has more than it can do.

What shows how the process is stays open, and so does what ends a consent: a code that the provider gave is
worth nothing a minute later. A provider's message costs little, and what it leads to waits by itself.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from tallystick.http.framing import Refusal

#: Why new work is shed now; None when it is not.
Shedding = Callable[[], str | None]

_OPEN: Final = frozenset({"/healthz", "/readyz", "/openapi.json", "/link/choose", "/link/done"})
_OPEN_BELOW: Final = ("/ops/", "/link/callback/", "/static/", "/hooks/")
_RETRY_AFTER_S: Final = 5


def never() -> None:
    """For a listener that turns nothing away."""


def overload_of(scope: Scope, shedding: Shedding) -> Refusal | None:
    """The refusal of a request that would be new work; None while there is no shedding, or for another."""
    if shedding() is None:
        return None
    path: str = scope["path"]
    if path in _OPEN or path.startswith(_OPEN_BELOW):
        return None
    text = f"The service has more to do than it can at the moment. Try again in {_RETRY_AFTER_S} seconds."
    return Refusal(503, "overload", text, {"retry-after": str(_RETRY_AFTER_S)})
