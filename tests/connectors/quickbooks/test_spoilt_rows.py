"""A row of which one thing is missing, or is none, gives a record or says why not: it never goes unheard."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from tests.connectors.quickbooks.conftest import StandIn

from tallystick.connectors import Books, Issue
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.mapping import QuickBooksMapper

pytestmark = pytest.mark.slow
Start = Callable[..., AbstractAsyncContextManager[StandIn]]
_MAPPER = QuickBooksMapper()
_BOOKS = Books(base_currency="GBP")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where all that stands in a row stands."""
    found = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in found:
        yield (*path, name)
        yield from places(each, (*path, name))


def spoilt(row: dict[str, Any], path: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """The row without one of its fields, or with something else in it."""
    for other in (..., None, "?", {}, [], -7):
        changed = deepcopy(row)
        within: Any = changed
        for step in path[:-1]:
            within = within[step]
        if other is ...:
            del within[path[-1]]
        else:
            within[path[-1]] = other
        yield changed


async def test_no_row_goes_unheard_whatever_is_wrong_with_one_of_its_fields(stand_in: Start) -> None:
    async with stand_in(records=40, companies=1) as world:
        calls, seen, unheard = await world.calls(), set[tuple[str, str]](), list[Any]()
        for resource in MANIFEST.resources:
            for _, page in await world.pages(calls, resource.name):
                for raw in page.records:
                    row = msgspec.json.decode(raw)
                    entity = next(iter(row))
                    if (resource.name, entity) in seen or entity == "Report":
                        continue
                    if not _MAPPER.records(resource, raw, _BOOKS, []):
                        continue  # a part of it that another resource tells
                    seen.add((resource.name, entity))
                    for path in places({entity: row[entity]}):
                        for changed in spoilt(row, path):
                            issues: list[Issue] = []
                            body = msgspec.Raw(json.dumps(changed).encode())
                            if not _MAPPER.records(resource, body, _BOOKS, issues) and not issues:
                                unheard.append((resource.name, entity, path))
        assert len(seen) >= 25
        assert unheard == []
