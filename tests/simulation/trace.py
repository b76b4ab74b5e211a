"""What happened, line after line: the same seed gives the same lines, or it is no simulation."""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import attrs
import trio
from attrs import define, field

from tallystick.telemetry import Telemetry

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Fields that tell of real time or of our own source code: nothing that a seed decides.
_LEFT_OUT: Final = frozenset({"seconds", "traceback"})


@define(eq=False)
class Trace:
    """Lines of what happened. Ids that the engine draws at random are told by the order in which they came."""

    lines: list[str] = field(factory=list)
    _names: dict[str, str] = field(factory=dict)

    def add(self, line: str) -> None:
        """One more thing that happened now."""
        named = _UUID.sub(self._name, line)
        self.lines.append(f"{trio.current_time():12.3f} {named}")

    def event(self, event: object) -> None:
        """An event of the engine's."""
        told = {k: v for k, v in _fields(event).items() if k not in _LEFT_OUT}
        self.add(f"{type(event).__name__} {' '.join(f'{k}={v}' for k, v in told.items())}")

    @property
    def digest(self) -> str:
        """Sixteen hex digits that are the same for the same lines."""
        return blake2b("\n".join(self.lines).encode(), digest_size=8).hexdigest()

    def _name(self, found: re.Match[str]) -> str:
        return self._names.setdefault(found[0], f"#{len(self._names) + 1}")


@define(eq=False)
class TracedTelemetry(Telemetry):
    """A life's telemetry: everything that is emitted stands in the trace, whether anybody listens or not."""

    hear: Callable[[object], None] = lambda _: None

    def emit(self, event: object) -> None:
        """See `Telemetry.emit`."""
        self.hear(event)
        super().emit(event)


def _fields(event: object) -> dict[str, Any]:
    return {a.name: getattr(event, a.name) for a in attrs.fields(type(event))}  # type: ignore[arg-type] # events are attrs classes
