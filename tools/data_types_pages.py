"""Writes docs/data-types/: a page for each data type and report, made from its class and its example."""

import inspect
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs
import msgspec

from tallystick.standard import (
    DATA_TYPES,
    RECORD_CLASSES,
    AgedCreditorReport,
    AgedDebtorReport,
    CalendarDate,
    spelt,
)
from tallystick.standard.meanings import meaning
from tallystick.standard.schema import about, always_sent, classes_of, schema_of, without_none

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "data-types"
#: What is served at an address of its own, and is no data type.
REPORTS: Final[Mapping[str, type[Any]]] = {"agedCreditor": AgedCreditorReport, "agedDebtor": AgedDebtorReport}

_CONTENTS: Final = "README.md"
_HEAD: Final = """\
# Data types

Companies' books in one form, whoever keeps them. Every page has the fields, the JSON Schema (2020-12) and an
example, as the API sends it.

- A field without a value is left out; nothing is null. A list without members is `[]`.
- Numbers keep the digits that the provider sent. Read them as decimals, not as binary floats.
- A *day* is `2026-03-02T00:00:00`: no zone, and not to be moved by one. An *instant* ends in `Z`.
- `id` is the provider's own. `modifiedDate` is ours: it moves when our copy changes.
- A word that a provider invents tomorrow is sent as `Unknown`.
- A record that is gone at the provider stays, with `metadata.isDeleted` true.

This page and those below are written by `.venv/bin/python tools/data_types_pages.py`; do not edit them.

"""
_FOOT: Final = """\
Written by `.venv/bin/python tools/data_types_pages.py`; do not edit it. [All data types](README.md)
"""
_WORDS: Final[Mapping[Any, str]] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    Decimal: "number",
    datetime: "instant",
    CalendarDate: "day",
    msgspec.Raw: "any JSON",
}


def pages() -> dict[Path, str]:
    """Every page with its whole text."""
    kinds: dict[str, type[Any]] = {name: RECORD_CLASSES[name] for name in DATA_TYPES}
    made = {FOLDER / f"{name}.md": page(name, kind) for name, kind in (kinds | dict(REPORTS)).items()}
    made[FOLDER / _CONTENTS] = _HEAD + "".join(
        ["| data type | is |\n|---|---|\n", *(_row(name, kind) for name, kind in kinds.items())]
        + ["\nReports that are made when they are asked for:\n\n| report | is |\n|---|---|\n"]
        + [_row(name, kind) for name, kind in REPORTS.items()]
    )
    return made


def page(name: str, kind: type[Any]) -> str:
    """One page."""
    schema = msgspec.json.format(msgspec.json.encode(schema_of(kind, told)), indent=2).decode()
    example = example_of(name).read_text(encoding="utf-8")
    return "\n".join(
        [
            f"# {name}\n",
            f"{about(kind)}\n",
            f"{about(sys.modules[kind.__module__])}\n",
            f"{_key(kind)}\n",
            *(_table(each, heading=each is not kind) for each in classes_of(kind)),
            f"## Example\n\n```json\n{example}```\n",
            f"## Schema\n\n```json\n{schema}\n```\n",
            _FOOT,
        ]
    )


def example_of(name: str) -> Path:
    """Where a page's example is kept; a test holds it to what the API would send."""
    return FOLDER / "examples" / f"{name}.json"


def told(kind: type[Any], name: str) -> str:
    """What a field means: its own comment in the class, or what its name means everywhere."""
    comment = _comments(kind).get(name)  # type: ignore[arg-type] # a class can be hashed
    return f"{comment[0].upper()}{comment[1:]}." if comment else meaning(kind, name)


def _key(kind: type[Any]) -> str:
    if not hasattr(kind, "DATA_TYPE"):
        return "Made when it is asked for: not stored, without an `id`."
    if "id" in attrs.fields_dict(kind):
        return "Keyed by `id`, within its connection."
    return "One record a connection: without an `id`, kept under the name of the data type."


def _row(name: str, kind: type[Any]) -> str:
    return f"| [{name}]({name}.md) | {about(kind).splitlines()[0]} |\n"


def _table(kind: type[Any], *, heading: bool) -> str:
    rows = [f"## {kind.__name__}\n\n{about(kind)}\n" if heading else "## Fields\n"]
    rows.append("| field | type | always there | meaning |\n|---|---|---|---|")
    hints = get_type_hints(kind)
    for field in attrs.fields(kind):
        there = "yes" if always_sent(field) else ""
        rows.append(
            f"| `{spelt(field.name)}` | {_word(hints[field.name])} | {there} | {told(kind, field.name)} |"
        )
    if hasattr(kind, "DATA_TYPE"):
        rows.append(f"| `modifiedDate` | instant | yes | {meaning(kind, 'modifiedDate')} |")
    return "\n".join([*rows, ""])


def _word(hint: Any) -> str:
    """A type as a reader of the page says it."""
    hint = without_none(hint)
    if hint in _WORDS:
        return _WORDS[hint]
    if attrs.has(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if get_origin(hint) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_word(get_args(hint)[0])}"
    return f"object of {_word(get_args(hint)[1])}"


@cache
def _comments(kind: type[Any]) -> Mapping[str, str]:
    """The `#:` comments of a class and of what it is derived from, by field."""
    found: dict[str, str] = {}
    for each in reversed([base for base in kind.__mro__ if attrs.has(base)]):
        name = ""
        for line in inspect.getsource(each).splitlines():
            declared = re.match(r"    (\w+):", line)
            name = declared[1] if declared else name
            comment = line.partition("#:")[2].strip()
            if comment:
                found[name] = f"{found[name]} {comment}" if declared is None else comment
    return found


def main() -> int:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
