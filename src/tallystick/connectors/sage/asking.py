"""Asks for a page of a list; where Sage cannot make it in time, for a part of it.

Source: providers §5 no. 56.
"""

from collections.abc import Callable, Mapping

import httpx

from tallystick.connectors.contract import Calls
from tallystick.connectors.sage.faults import TOO_HEAVY
from tallystick.connectors.sage.place import Place
from tallystick.errors import ProviderUnavailable, RequestRefused


async def ask(
    calls: Calls, path: str, params_of: Callable[[Place], Mapping[str, str]], at: Place
) -> tuple[Place, httpx.Response]:
    """The answer, and where it begins and how large it is: a page that is too heavy shrinks.

    Raises: what `calls.get` raises; `ProviderUnavailable` for a single record that is too heavy.
    """
    while True:
        try:
            return at, await calls.get(path, params=params_of(at))
        except RequestRefused as refusal:
            if refusal.status not in TOO_HEAVY:
                raise
            if at.size == 1:
                reason = f"HTTP {refusal.status} for a single record"
                raise ProviderUnavailable(platform="sage", reason=reason) from refusal
            at = at.smaller()
