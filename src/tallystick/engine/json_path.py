"""Where a value stands in a provider's row: a small subset of JSONPath, read once and followed often.

    $.Contact.Name    LineItems[0].TaxType    Addresses[*].City    $['Line.Ref']

Names, places in a list, and `*` for every member: nothing that computes, looks behind it or has no end.
RFC 9535 has the whole language; the few words here mean what they mean there, and `$.` may be left out.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from attrs import field, frozen

#: Characters, and steps, of one path: more than any row is deep.
LONGEST: Final = 200
MOST_STEPS: Final = 12
#: Members that one path gives at most, however often it says `*`.
MOST_FOUND: Final = 1_000

_NAME: Final = re.compile(r"[^\W\d][\w-]*", re.ASCII)
_INDEX: Final = re.compile(r"\d{1,4}", re.ASCII)
_QUOTED: Final = re.compile(r"'([^'\\]+)'|\"([^\"\\]+)\"")
#: What a step finds where nothing is.
_NOTHING: Final = object()


class JsonPathInvalid(ValueError):
    """A path that is not of the subset; `str` says what is wrong and at which character, from 1."""

    def __init__(self, text: str, at: int, reason: str) -> None:
        super().__init__(f"{reason} at character {at + 1} of {text[:LONGEST]!r}")


@frozen
class Name:
    """A member of an object."""

    name: str


@frozen
class Index:
    """A member of a list, from 0."""

    place: int


@frozen
class Every:
    """All members of a list, or all values of an object."""


@frozen
class JsonPath:
    """A path that was read. `find` follows it."""

    text: str
    steps: Sequence[Name | Index | Every] = field(repr=False)

    def find(self, value: Any) -> Any:
        """The value there; None where nothing is. With `*` a list of all that are there, up to `MOST_FOUND`.

        `value`: JSON as Python holds it. Never raises.
        """
        found, several = [value], False
        for step in self.steps:
            if isinstance(step, Every):
                several = True
                found = [member for each in found for member in _members(each)][:MOST_FOUND]
            else:
                found = [member for each in found if (member := _step(each, step)) is not _NOTHING]
        if several:
            return found
        return found[0] if found else None


def parse_path(text: str) -> JsonPath:
    """Read a path. Raises: `JsonPathInvalid`."""
    if not text:
        raise JsonPathInvalid(text, 0, "a path is missing")
    if len(text) > LONGEST:
        raise JsonPathInvalid(text, LONGEST, f"a path has at most {LONGEST} characters: it is too long")
    steps: list[Name | Index | Every] = []
    at = 1 if text[0] == "$" else 0
    bare = at == 0  # its first name stands without a dot
    while at < len(text):
        step, at = _next_step(text, at, bare=bare)
        bare = False
        steps.append(step)
        if len(steps) > MOST_STEPS:
            raise JsonPathInvalid(text, at - 1, f"a path has at most {MOST_STEPS} steps: it is too deep")
    if not steps:
        raise JsonPathInvalid(text, len(text), "a name is missing after $")
    return JsonPath(text, tuple(steps))


def _next_step(text: str, at: int, *, bare: bool) -> tuple[Name | Index | Every, int]:
    """The step that begins at a character, and where the next one does."""
    if text[at] == "[":
        return _bracketed(text, at + 1)
    if text[at] == ".":
        at += 1
        if text[at : at + 1] == ".":
            raise JsonPathInvalid(text, at, "a search at any depth (..) is not followed")
    elif not bare:
        raise JsonPathInvalid(text, at, "a . or a [ is missing")
    if text[at : at + 1] == "*":
        return Every(), at + 1
    name = _NAME.match(text, at)
    if name is None:
        raise JsonPathInvalid(text, at, "a name is missing (quote unusual ones: ['a name'])")
    return Name(name[0]), name.end()


def _bracketed(text: str, at: int) -> tuple[Name | Index | Every, int]:
    """The step in brackets whose inside begins at a character."""
    step: Name | Index | Every
    if text[at : at + 1] == "*":
        step, end = Every(), at + 1
    elif index := _INDEX.match(text, at):
        step, end = Index(int(index[0])), index.end()
    elif quoted := _QUOTED.match(text, at):
        step, end = Name(quoted[1] or quoted[2]), quoted.end()
    else:
        raise JsonPathInvalid(text, at, "a number from 0, * or a quoted name is missing")
    if text[end : end + 1] != "]":
        raise JsonPathInvalid(text, end, "a ] is missing")
    return step, end + 1


def _step(value: Any, step: Name | Index) -> Any:
    if isinstance(step, Name):
        return value.get(step.name, _NOTHING) if isinstance(value, dict) else _NOTHING
    if isinstance(value, list) and step.place < len(value):
        return value[step.place]
    return _NOTHING


def _members(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()
