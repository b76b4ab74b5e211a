"""One record read anew: the same as the list gives it, and none where Sage does not find it."""

from typing import Any

import msgspec
import pytest
from tests.connectors.sage.conftest import linked_to

from tallystick.connectors import Books, Gone, Issue, Resource
from tallystick.connectors.sage import MANIFEST
from tallystick.connectors.sage.mapping import SageMapper
from tallystick.standard import StandardRecord, encode

ROW = msgspec.json.Decoder(dict[str, Any])


def mapped(resource: Resource, rows: Any) -> list[bytes | Gone]:
    issues: list[Issue] = []
    made: list[StandardRecord | Gone] = []
    for row in rows:
        made += SageMapper().records(resource, row, Books(base_currency="GBP"), issues)
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    return [record if isinstance(record, Gone) else encode(record) for record in made]


async def test_one_record_is_what_its_list_makes_of_it() -> None:
    async with linked_to() as there:
        seen = set()
        for resource in MANIFEST.resources:
            first: dict[str, msgspec.Raw] = {}
            for page in await there.pages(resource.name):
                for row in page.records:
                    told = ROW.decode(row)
                    first.setdefault(str(told.get("$path", "")).strip("/").partition("/")[0], row)
            for path, row in first.items():
                key = ROW.decode(row).get("id", "any")
                page = await there.connector.client.one(there, resource, key)
                assert mapped(resource, page.records) == mapped(resource, [row]), (resource.name, path)
                seen.add(path)
        assert {"sales_invoices", "purchase_invoices", "contacts", "products"} <= seen


async def test_a_record_that_sage_does_not_find_is_told_as_gone() -> None:
    async with linked_to() as there:
        for name in ("sales", "contacts", "items"):
            resource = MANIFEST.resource(name)
            page = await there.connector.client.one(there, resource, "f" * 32)
            assert mapped(resource, page.records) == [
                Gone(data_type=data_type, id="f" * 32) for data_type in resource.data_types
            ]
            again = there.connector.mapper.split(resource, page.raw)
            assert [bytes(row) for row in again] == [bytes(row) for row in page.records]


@pytest.mark.parametrize("key", ["", "a/b", "../business", "a?b=c", "x" * 65])
async def test_what_is_no_key_is_never_asked_for(key: str) -> None:
    async with linked_to() as there:
        there.asked.clear()
        with pytest.raises(ValueError, match="no key"):
            await there.connector.client.one(there, MANIFEST.resource("sales"), key)
        assert there.asked == []
