"""The operators' door: who passes, what it shows, what it does."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from attrs import define
from tests.actors.conftest import Counting, counting
from tests.http.conftest import PUBLIC_URL, House

from tallystick.access import new_operator_token
from tallystick.actors import Context, Intensity, Supervisor
from tallystick.config import Secret, ServerSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.http import build_app
from tallystick.http.ops import SupervisedOperations
from tallystick.monitoring import RequestRejected, RequestServed
from tallystick.store import audit


@define(eq=False)
class Door:
    """The door, who stands before it with the right token, and the actors behind it."""

    house: House
    actors: Supervisor
    token: str
    file: Path

    def settings(self) -> ServerSettings:
        return ServerSettings(operator_token=Secret(f"file:{self.file}"))

    def client(self, settings: ServerSettings | None = None, **headers: str) -> httpx.AsyncClient:
        app = build_app(
            stores=self.house.stores,
            access=self.house.access,
            engine=self.house.engine,
            telemetry=self.house.telemetry,
            settings=settings or self.settings(),
            public_url=PUBLIC_URL,
            ready=lambda: True,
            operations=SupervisedOperations(
                supervisors=lambda: (self.actors,), stores=self.house.stores, engine=self.house.engine
            ),
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport,
            base_url=PUBLIC_URL,
            headers={"authorization": f"Bearer {self.token}", **headers},
        )

    async def entries(self) -> list[tuple[str, str, str]]:
        found = await self.house.stores.control.read(audit.entries)
        return [(r.entry.actor, r.entry.act, r.entry.subject) for r in found if r.entry.actor == "operator"]

    async def park(self, actor_id: str = "counting/1") -> None:
        address = self.actors.add(counting(id=actor_id))
        for _ in range(2):
            await address.tell("crash", Context(client_id="acme", trace="f" * 32))
        with trio.fail_after(2):
            while (state := self.actors.state(actor_id)) is None or state.state != "parked":
                await trio.sleep(0.005)


@pytest.fixture
async def door(house: House, tmp_path: Path, nursery: trio.Nursery) -> AsyncGenerator[Door, None]:
    actors = Supervisor(
        "counting", house.telemetry, Intensity(restarts=1, period=60.0, delay=0.01, too_many="park")
    )
    await nursery.start(actors.run)
    token, file = new_operator_token(), tmp_path / "operator-token"
    file.write_text(token + "\n")
    yield Door(house, actors, token, file)
    await actors.stop()


async def test_what_every_actor_is_doing_can_be_read(door: Door) -> None:
    address = door.actors.add(counting(id="counting/1", mailbox=8))
    held = trio.Event()
    await address.ask(lambda actor: actor.birth.tasks.start(trio.sleep_forever) and None)
    await address.tell(held)
    await trio.testing.wait_all_tasks_blocked()
    await address.tell(1)
    async with door.client() as operator:
        answer = await operator.get("/ops/api/actors")
    held.set()
    assert answer.status_code == 200
    (found,) = answer.json()["results"]
    assert found.pop("oldestMessageSeconds") >= 0
    assert found.pop("sinceSeconds") >= 0
    assert found == {
        "id": "counting/1",
        "kind": "counting",
        "state": "running",
        "mailboxDepth": 1,
        "mailboxLimit": 8,
        "mailboxBytes": 0,
        "mailboxLimitBytes": 16 * 1024 * 1024,
        "restarts": 0,
        "crashes": 0,
        "doing": "Event",
        "tasks": ["sleep_forever"],
        "reason": None,
    }


async def test_actors_can_be_asked_for_by_kind_state_and_id(door: Door) -> None:
    await door.park("counting/a")
    door.actors.add(counting(id="counting/b"))
    await trio.testing.wait_all_tasks_blocked()

    async def ids(**asked: str) -> list[str]:
        answer = await operator.get("/ops/api/actors", params=asked)
        return [found["id"] for found in answer.json()["results"]]

    async with door.client() as operator:
        assert await ids() == ["counting/a", "counting/b"]
        assert await ids(state="parked") == ["counting/a"]
        assert await ids(id="counting/b") == ["counting/b"]
        assert await ids(kind="grant") == []
        refused = await operator.get("/ops/api/actors", params={"state": "asleep"})
    assert refused.status_code == 400
    assert "must be one of running, restarting, parked, stopped" in refused.json()["error"]


async def test_thousands_of_actors_are_told_without_holding_the_loop(door: Door) -> None:
    for number in range(1000):
        door.actors.add(counting(id=f"counting/{number}"))
    turns = [0]

    async def count() -> None:
        while True:
            turns[0] += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count)
        before = turns[0]
        states = SupervisedOperations(
            supervisors=lambda: (door.actors,), stores=door.house.stores, engine=door.house.engine
        ).states()
        assert len([state async for state in states]) == 1000
        assert turns[0] - before >= 4
        nursery.cancel_scope.cancel()


async def test_a_parked_actor_is_resumed_and_the_act_is_in_the_audit_log(door: Door) -> None:
    await door.park()
    async with door.client(**{"x-correlation-id": "0" * 31 + "1"}) as operator:
        answer = await operator.post("/ops/api/actors/counting/1/resume")
        assert answer.status_code == 200
        assert answer.json()["id"] == "counting/1"
        address = door.actors.find("counting/1")
        assert address is not None
        assert await address.ask("sum") == 0
        again = await operator.post("/ops/api/actors/counting/1/resume")
        assert again.status_code == 409
        assert "not parked" in again.json()["error"]
        unknown = await operator.post("/ops/api/actors/counting/2/resume")
        assert unknown.status_code == 404
    assert await door.entries() == [("operator", "actor.resume", "counting/1")]
    (recorded,) = (await door.house.stores.control.read(audit.entries, after=2))[-1:]
    assert recorded.entry.correlation_id == "0" * 31 + "1"


async def test_a_dead_letter_is_shown_without_its_content_and_can_be_sent_again(door: Door) -> None:
    secret = "tally_a_secret_that_a_message_holds"
    seen: list[str] = []

    def act(actor: Counting, fail: list[bool] = [True]) -> None:  # noqa: B006 - it fails once
        if fail.pop() if fail else False:
            raise RuntimeError("not yet")
        seen.append(secret)

    address = door.actors.add(counting())
    await address.tell(act, Context(client_id="acme", trace="f" * 32))
    await address.ask("sum")
    async with door.client() as operator:
        answer = await operator.get("/ops/api/dead-letters")
        (letter,) = answer.json()["results"]
        assert letter["actor"] == "counting/1"
        assert letter["message"] == "function"
        assert (letter["clientId"], letter["correlationId"]) == ("acme", "f" * 32)
        assert letter["reason"] == "RuntimeError: not yet"
        assert "in act" in letter["traceback"]
        assert secret not in answer.text
        sent = await operator.post(f"/ops/api/dead-letters/{letter['id']}/resend")
        assert sent.status_code == 200
        await address.ask("sum")
        assert seen == [secret]
        assert (await operator.get("/ops/api/dead-letters")).json() == {"results": []}
        gone = await operator.post(f"/ops/api/dead-letters/{letter['id']}/resend")
        assert gone.status_code == 404
    assert await door.entries() == [("operator", "dead_letter.resend", letter["id"])]


async def test_a_dead_letter_whose_actor_is_gone_is_refused_with_the_reason(door: Door) -> None:
    address = door.actors.add(counting())
    await address.tell("crash")
    await address.ask("sum")
    await door.actors.remove(address.id)
    async with door.client() as operator:
        (letter,) = (await operator.get("/ops/api/dead-letters")).json()["results"]
        answer = await operator.post(f"/ops/api/dead-letters/{letter['id']}/resend")
    assert answer.status_code == 409
    assert "is gone" in answer.json()["error"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x", "Bearer \x00", "Bearer é"],
    ids=["none", "empty", "wrong", "another scheme", "no scheme", "one more letter", "NUL", "not ASCII"],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/ops/api/actors"), ("POST", "/ops/api/actors/x/resume"), ("DELETE", "/ops/api/dead-letters")],
)
async def test_nobody_passes_without_the_token(header: str, method: str, path: str, door: Door) -> None:
    """And nothing else is said of the path before."""
    door.house.events.clear()
    async with door.client() as operator:
        given = header.format(token=door.token).encode("latin-1")
        answer = await operator.request(method, path, headers={b"authorization": given})
    assert answer.status_code == 401
    assert answer.json()["error"] == "Unauthorized"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert [type(event) for event in door.house.events] == [RequestRejected, RequestServed]


async def test_a_clients_key_does_not_open_the_operators_door(door: Door) -> None:
    async with door.client() as operator:
        for given in (door.house.key["authorization"], f"Bearer {door.house.client.api_key}"):
            answer = await operator.get("/ops/api/actors", headers={"authorization": given})
            assert answer.status_code == 401


async def test_the_operators_token_does_not_open_the_api(door: Door) -> None:
    async with door.client() as operator:
        assert (await operator.get("/companies")).status_code == 401


async def test_strangers_are_slowed_down_and_whoever_has_the_token_is_not(door: Door) -> None:
    async with door.client() as operator:
        answers = [
            await operator.get("/ops/api/actors", headers={"authorization": "Bearer guess"})
            for _ in range(31)
        ]
        assert [answer.status_code for answer in answers[:30]] == [401] * 30
        assert answers[30].status_code == 429
        assert 0 < int(answers[30].headers["retry-after"]) <= 60
        assert (await operator.get("/ops/api/actors")).status_code == 200


async def test_without_a_token_in_the_settings_there_is_no_such_door(door: Door) -> None:
    async with door.client(ServerSettings()) as operator:
        answer = await operator.get("/ops/api/actors")
        unknown = await operator.get("/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["error"] == unknown.json()["error"]


async def test_a_method_that_a_path_does_not_have_is_named_with_those_that_it_has(door: Door) -> None:
    async with door.client() as operator:
        answer = await operator.post("/ops/api/actors")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        answer = await operator.get("/ops/api/actors/x/resume")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_routes_are_counted_by_their_template(door: Door) -> None:
    door.house.events.clear()
    async with door.client() as operator:
        await operator.post("/ops/api/actors/anything/at/all/resume")
    (served,) = door.house.events
    assert served.route == "/ops/api/actors/{actorId:path}/resume"


@pytest.mark.parametrize("content", ["", "short"])
async def test_a_token_that_is_none_stops_the_start(content: str, door: Door) -> None:
    door.file.write_text(content)
    with pytest.raises(ConfigurationInvalid, match="operator_token is shorter"):
        door.client()


async def test_a_token_that_cannot_be_read_stops_the_start_with_its_place(door: Door) -> None:
    door.file.unlink()
    with pytest.raises(ConfigurationInvalid, match="operator-token cannot be read"):
        door.client()


def test_a_token_prints_nowhere() -> None:
    from tallystick.access import OperatorToken

    token: Any = OperatorToken.of(Secret("cmd:echo a-token-that-is-long-enough-to-be-one"))
    assert "a-token" not in repr(token)
    assert "digest" not in repr(token)
