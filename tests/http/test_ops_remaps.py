"""Remaps and explanations through the operators' door."""

from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from tests.engine.conftest import ScriptedMapper, _invoice
from tests.http.conftest import NOW, PUBLIC_URL, House

from tallystick.access import new_operator_token
from tallystick.config import Secret, ServerSettings
from tallystick.engine.remap_figures import RemapProgressed
from tallystick.http import build_app
from tallystick.http.ops import SupervisedOperations
from tallystick.standard import encode
from tallystick.store import ConnectionRow, NewPage, NewRecord, content_hash, pages


@pytest.fixture
async def operator(
    house: House, nursery: trio.Nursery, tmp_path: Path
) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Who stands before the door with the right token, and the actor behind it."""
    remaps = house.engine.remaps.supervisor
    await nursery.start(remaps.run)
    token, file = new_operator_token(), tmp_path / "operator-token"
    file.write_text(token)
    app = build_app(
        stores=house.stores,
        access=house.access,
        engine=house.engine,
        telemetry=house.telemetry,
        settings=ServerSettings(operator_token=Secret(f"file:{file}")),
        public_url=PUBLIC_URL,
        ready=lambda: True,
        operations=SupervisedOperations(
            supervisors=lambda: (remaps,), stores=house.stores, engine=house.engine
        ),
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url=PUBLIC_URL, headers={"authorization": f"Bearer {token}"}
    ) as client:
        yield client
    await remaps.stop()


async def stored(house: House, count: int = 2, pages_of: int = 1) -> ConnectionRow:
    """Invoices whose mapping then said 1 where their row says 7."""
    row = await house.linked()
    for page in range(pages_of):
        names = [f"{page}-{place}" for place in range(count)]
        rows = ",".join(f'{{"id":"{name}","total":"7","of":"Invoices"}}' for name in names)
        made = [encode(_invoice(name, Decimal(1))) for name in names]
        new = NewPage(
            connection=row.number,
            resource="Invoices",
            fetched_at=NOW,
            raw=f"[{rows}]".encode(),
            records=[
                NewRecord(
                    data_type="invoices",
                    id=name,
                    content=content,
                    hash=content_hash(content),
                    source_modified_at=None,
                    status="Submitted",
                    deleted=False,
                    place=place,
                )
                for place, (name, content) in enumerate(zip(names, made, strict=True))
            ],
            mapping=0,
        )
        async with house.stores.client(house.client.id) as store:
            await store.write(pages.store_page, new, house.clock.now)
    await house.dataset(row, "invoices")
    return row


async def over(operator: httpx.AsyncClient, asked: httpx.Response) -> dict[str, Any]:
    """The remap that was asked for, once it has ended."""
    assert asked.status_code == 200, asked.text
    with trio.fail_after(10):
        while True:
            found: dict[str, Any] = (await operator.get(f"/ops/api/remaps/{asked.json()['id']}")).json()
            if found["state"] not in {"queued", "running"}:
                return found
            await trio.sleep(0.005)


async def totals(house: House) -> set[Any]:
    async with house.stores.client(house.client.id) as store:
        rows = await store.read(
            lambda c: c.execute(
                "select json_extract(cast(body as text), '$.totalAmount') from records"
            ).fetchall()
        )
    return {total for (total,) in rows}


async def test_a_remap_is_asked_for_and_followed_to_its_end(
    house: House, operator: httpx.AsyncClient
) -> None:
    await stored(house)
    looked = await over(operator, await operator.post("/ops/api/remaps", json={"dryRun": True, "samples": 1}))
    assert (looked["state"], looked["dryRun"], await totals(house)) == ("done", True, {1})
    assert looked["byType"]["invoices"]["updated"] == 2
    fields = {field["path"]: field for field in looked["fields"]}
    assert fields["totalAmount"]["records"] == 2
    assert fields["totalAmount"]["samples"] == [{"recordId": "0-0", "before": "1", "after": "7"}]
    done = await over(operator, await operator.post("/ops/api/remaps", json={"dataType": "invoices"}))
    assert (done["state"], done["pages"], done["connections"], await totals(house)) == ("done", 1, 1, {7})


async def test_values_of_records_are_told_only_to_who_asks_for_them(
    house: House, operator: httpx.AsyncClient
) -> None:
    await stored(house)
    looked = await over(operator, await operator.post("/ops/api/remaps", json={"dryRun": True}))
    assert {field["records"] for field in looked["fields"]} == {2}
    assert all(field["samples"] == [] for field in looked["fields"])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"clientId": "none"}, 404, "no client none"),
        ({"companyId": "none"}, 404, "of none"),
        ({"dataType": "nothing"}, 400, "dataType"),
        ({"samples": 9}, 400, "samples"),
        ({"company": "x"}, 400, "company"),
    ],
    ids=["no client", "no company", "no data type", "too many samples", "an unknown field"],
)
async def test_what_cannot_be_mapped_anew_is_refused_with_the_reason(
    operator: httpx.AsyncClient, body: dict[str, object], status: int, words: str
) -> None:
    refused = await operator.post("/ops/api/remaps", json=body)
    assert refused.status_code == status
    assert words in refused.json()["error"]
    assert (await operator.get("/ops/api/remaps/none")).status_code == 404


async def test_a_remap_can_be_stopped_and_goes_on_when_it_is_asked_for_again(
    house: House, operator: httpx.AsyncClient
) -> None:
    await stored(house, pages_of=40)
    first: list[str] = []

    def stop(event: RemapProgressed) -> None:
        if event.pages == 3:
            house.engine.remaps.cancel(first[0])

    ended = house.telemetry.listen(RemapProgressed, stop)
    asked = await operator.post("/ops/api/remaps", json={})
    first.append(asked.json()["id"])
    stopped = await over(operator, asked)
    ended()
    assert stopped["state"] == "cancelled"
    assert await totals(house) == {1, 7}
    done = await over(operator, await operator.post("/ops/api/remaps", json={}))
    assert done["state"] == "done"
    assert done["pages"] < 40
    assert await totals(house) == {7}


async def test_a_remap_that_waits_is_taken_out_of_the_line(house: House, operator: httpx.AsyncClient) -> None:
    await stored(house, pages_of=40)
    running = await operator.post("/ops/api/remaps", json={})
    waiting = await operator.post("/ops/api/remaps", json={})
    gone = await operator.post(f"/ops/api/remaps/{waiting.json()['id']}/cancel")
    assert gone.json()["state"] == "cancelled"
    assert (await over(operator, running))["state"] == "done"


async def test_too_many_remaps_are_refused(house: House, operator: httpx.AsyncClient) -> None:
    await stored(house, pages_of=40)
    answers = [await operator.post("/ops/api/remaps", json={}) for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert refused
    assert "waiting" in refused[0].json()["error"]
    for answer in answers:
        if answer.status_code == 200:
            await over(operator, answer)


class Crashing(ScriptedMapper):
    """A bug in the mapping."""

    def records(self, *_: object) -> Any:  # type: ignore[override]
        raise ZeroDivisionError


async def test_a_mapping_that_crashes_fails_its_remap_and_the_next_one_runs(
    house: House, operator: httpx.AsyncClient
) -> None:
    await stored(house)
    sound = house.provider.mapper
    house.provider.mapper = Crashing()
    failed = await over(operator, await operator.post("/ops/api/remaps", json={}))
    assert failed["state"] == "failed"
    assert "crashed" in failed["reason"]
    house.provider.mapper = sound
    with trio.fail_after(5):
        while (await operator.get("/ops/api/actors")).json()["results"][0]["state"] != "running":
            await trio.sleep(0.01)
    done = await over(operator, await operator.post("/ops/api/remaps", json={}))
    assert (done["state"], await totals(house)) == ("done", {7})


async def test_a_record_is_explained_beside_its_row(house: House, operator: httpx.AsyncClient) -> None:
    row = await stored(house)
    for where in (row.company_id, row.id):
        answer = await operator.get(f"/ops/api/explanations/{where}/invoices/0-1")
        assert answer.status_code == 200
        found = answer.json()
        assert found["record"]["totalAmount"] == 1
        assert b'"raw":{"id":"0-1","total":"7","of":"Invoices"}' in answer.content
        assert (found["place"], found["mappingVersion"], found["currentMappingVersion"]) == (1, 0, 1)
        assert {"path": "totalAmount", "before": "1", "after": "7"} in found["changes"]
        assert found["isGiven"]
    missing = await operator.get(f"/ops/api/explanations/{row.id}/invoices/none")
    assert missing.status_code == 404
    assert "no record none" in missing.json()["error"]


async def test_nothing_is_told_or_done_without_the_token(house: House, operator: httpx.AsyncClient) -> None:
    row = await stored(house)
    stranger = {"authorization": "Bearer wrong"}
    for method, path in (
        ("POST", "/ops/api/remaps"),
        ("GET", "/ops/api/remaps/x"),
        ("GET", f"/ops/api/explanations/{row.id}/invoices/0-0"),
    ):
        assert (await operator.request(method, path, headers=stranger)).status_code == 401
    assert await totals(house) == {1}
