"""The scripted provider's lists by its own names, for what a client wants beyond the standard model."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import trio
from attrs import define, field

from tallystick.connectors import Calls, Page, Resource, SourceUnknown


@define(eq=False)
class ScriptedLists:
    """Pages by list: rows as JSON text, or an exception in their place that is raised there."""

    pages_of: dict[str, list[list[str] | Exception]] = field(factory=dict)
    asked: list[tuple[str, str | None]] = field(factory=list)
    totals: dict[str, int] = field(factory=dict)
    hold_before: dict[str, trio.Event] = field(factory=dict)  #: by "list:page"
    fails_once: dict[str, Exception] = field(factory=dict)  #: by "list:page"
    circle: bool = False  #: paging that never ends
    repeats: bool = False  #: the same page over and over

    def check(self, source: str) -> None:
        if not source.strip("/").isalpha():
            raise SourceUnknown("is no name of a list: letters only")

    def of(self, resource: Resource) -> Sequence[str]:
        return ["/" + resource.name]

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        return row if source.strip("/").lower() == resource.name.lower() else None

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        self.check(source)
        self.asked.append((source, at))
        number = int(at or 1)
        held = self.hold_before.get(f"{source}:{number}")
        if held is not None:
            await held.wait()
        await trio.lowlevel.checkpoint()
        failure = self.fails_once.pop(f"{source}:{number}", None)
        if failure is not None:
            raise failure
        script = self.pages_of.get(source, [[]])
        content = script[min(number, len(script)) - 1]
        if isinstance(content, Exception):
            raise content
        raw = f"[{','.join(content)}]".encode()
        if self.circle:
            following: str | None = "1"
        elif self.repeats:
            following = str(number + 1)
        else:
            following = str(number + 1) if number < len(script) else None
        return Page(
            raw=raw,
            records=msgspec.json.decode(raw, type=list[msgspec.Raw]),
            next=following,
            total=self.totals.get(source),
            fingerprint=hash(raw) if self.circle else None,
        )


def told(body: bytes) -> Mapping[str, Any]:
    """A record as its JSON says it, with its numbers as texts: their digits count."""
    found: Mapping[str, Any] = json.loads(body, parse_float=str, parse_int=str)
    return found
