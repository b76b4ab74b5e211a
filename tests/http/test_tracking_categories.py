"""One tracking category, with all that is below it."""

from typing import Any

import httpx
from tests.http.conftest import House

from tallystick.standard import Metadata, TrackingCategory
from tallystick.store import ConnectionRow


def a_category(identity: str, parent: str | None = None, *, deleted: bool = False) -> TrackingCategory:
    return TrackingCategory(
        id=identity,
        name=f"Category {identity}",
        parentId=parent,
        hasChildren=parent is None,
        status="Active",
        metadata=Metadata(isDeleted=deleted),
    )


def at(row: ConnectionRow, category: str) -> str:
    return f"/companies/{row.company_id}/data/trackingCategories/{category}"


def shape(tree: dict[str, Any]) -> Any:
    return {tree["id"]: [shape(each) for each in tree["subCategories"]]}


async def test_a_category_comes_with_its_whole_tree(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(
        row,
        [
            a_category("1.1", "1"),
            a_category("1"),
            a_category("1.2", "1"),
            a_category("1.1.1", "1.1"),
            a_category("1.3", "1", deleted=True),
            a_category("2"),
            a_category("2.1", "2"),
        ],
    )
    tree = (await api.get(at(row, "1"))).json()
    assert shape(tree) == {"1": [{"1.1": [{"1.1.1": []}]}, {"1.2": []}]}
    assert tree["subCategories"][0] == {
        "id": "1.1",
        "name": "Category 1.1",
        "parentId": "1",
        "hasChildren": False,
        "status": "Active",
        "metadata": {"isDeleted": False},
        "modifiedDate": "2026-03-01T12:00:00.000000Z",
        "subCategories": [{**tree["subCategories"][0]["subCategories"][0]}],
    }
    assert shape((await api.get(at(row, "1.2"))).json()) == {"1.2": []}
    flat = (await api.get(at(row, "1").rpartition("/")[0])).json()["results"]
    assert all("subCategories" not in each for each in flat)


async def test_a_ring_of_categories_ends(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [a_category("a", "c"), a_category("b", "a"), a_category("c", "b")])
    assert shape((await api.get(at(row, "a"))).json()) == {"a": [{"b": [{"c": []}]}]}


async def test_a_chain_of_categories_may_be_as_long_as_it_likes(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    chain = [a_category(str(n), str(n - 1) if n else None) for n in range(3000)]
    await house.put(row, chain)
    answer = await api.get(at(row, "0"))
    assert answer.status_code == 200
    assert answer.content.count(b'"subCategories":[') == 3000


async def test_a_category_that_is_not_there_is_not_found(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    assert (await api.get(at(row, "1"))).status_code == 409
    await house.put(row, [a_category("1")])
    missing = await api.get(at(row, "9"))
    assert missing.status_code == 404
    assert missing.json()["error"] == "No data available for trackingCategories for ID 9"
