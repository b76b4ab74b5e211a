"""Writes `docs/coverage.md`: which provider gives which data type and field.

Nobody says so: each provider's connector reads the sandbox's books with the whole engine, and what is stored
of them is looked at. A field that no record has is one that the provider cannot tell, or that no book has.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs
import trio

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "coverage.md"
sys.path.insert(0, str(ROOT))  # the harness that reads whole books is the tests'

from tests.connectors.through_the_engine import ReadBooks, reading  # noqa: E402

from tallystick.connectors.registry import MANIFESTS  # noqa: E402
from tallystick.standard import DATA_TYPES, RECORD_CLASSES, DataType, spelt  # noqa: E402
from tallystick.standard.schema import without_none  # noqa: E402

HEAD: Final = """\
# Coverage

Which provider gives which data type, and which of its fields. It is measured: each connector reads the
sandbox's books (a British and an American business) with the whole engine, and `yes` is a field that at least
one stored record has. What a field means is in [data-types](data-types/README.md); why a provider lacks one
is in its connector's README.

This page is written by `.venv/bin/python tools/coverage_page.py`; do not edit it.

"""
#: Fields of lists within records go on by this: `lineItems[].taxAmount`.
_MEMBER: Final = "[]"
#: So deep the rows of statements within rows are looked at.
_DEEPEST: Final = 4
#: Books of which every kind of document, payment and list has a few.
_COMPANIES: Final = 2
_RECORDS: Final = 120

Told = Mapping[str, Mapping[DataType, frozenset[str]]]


def page() -> str:
    """The whole page."""
    return _page(trio.run(measure))


async def measure() -> Told:
    """The fields that records have, by provider and data type."""
    with tempfile.TemporaryDirectory() as folder:
        read = partial(reading, Path(folder), tuple(MANIFESTS), companies=_COMPANIES, records=_RECORDS)
        async with read() as (_, books):
            return {slug: _told_by([each for each in books if each.platform == slug]) for slug in MANIFESTS}


def _told_by(books: Sequence[ReadBooks]) -> dict[DataType, frozenset[str]]:
    told: dict[DataType, set[str]] = {}
    for each in books:
        for data_type, records in each.records.items():
            paths = told.setdefault(data_type, set())  # type: ignore[arg-type] # the store's names
            for record in records:
                paths.update(_paths(record))
    return {data_type: frozenset(paths) for data_type, paths in told.items()}


def _paths(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        if value and path:
            yield path
        for member in value:
            yield from _paths(member, path + _MEMBER)
    if value is not None and value != "" and path and not path.endswith(_MEMBER):
        yield path


def _page(told: Told) -> str:
    names = [MANIFESTS[slug].name for slug in told]
    head = f"| | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    parts = [HEAD, "## Data types\n\n", head]
    parts += [
        _line(f"[{name}](#{name.lower()})", [name in told[slug] for slug in told]) for name in DATA_TYPES
    ]
    for name in DATA_TYPES:
        given = [slug for slug in told if name in told[slug]]
        if not given:
            continue
        parts.append(f"\n## {name}\n\n| field | {' | '.join(MANIFESTS[slug].name for slug in given)} |\n")
        parts.append(f"|---|{'---|' * len(given)}\n")
        fields = _fields(RECORD_CLASSES[name])
        parts += [_line(f"`{path}`", [path in told[slug][name] for slug in given]) for path in fields]
    return "".join(parts)


def _line(name: str, given: Sequence[bool]) -> str:
    return f"| {name} | {' | '.join('yes' if each else '' for each in given)} |\n"


def _fields(kind: type[Any], before: str = "", above: tuple[type[Any], ...] = ()) -> Iterator[str]:
    """Every field of a class, those of the classes within it after it; one within itself once."""
    hints = get_type_hints(kind)
    for field in attrs.fields(kind):
        path = f"{before}{spelt(field.name)}"
        yield path
        hint = without_none(hints[field.name])
        member = _MEMBER if get_origin(hint) is tuple else ""
        inner = get_args(hint)[0] if member else hint
        if isinstance(inner, type) and attrs.has(inner) and inner not in above and len(above) < _DEEPEST:
            yield from _fields(inner, f"{path}{member}.", (*above, kind, inner))


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
