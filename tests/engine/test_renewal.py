"""What a renewal promises when the provider, the network or the disk do not play along.

The real OAuth client against a token endpoint that keeps the truth, a real store, and trio's own clock.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from attrs import define, evolve, field
from tests.simulation.tokens import Pair, TokenEndpoint

from tallystick.access import Access
from tallystick.actors import Address, Birth, ChildSpec, Supervisor
from tallystick.config import ProviderSettings
from tallystick.connectors import Connector, Tokens
from tallystick.connectors.xero.auth import XeroAuth
from tallystick.connectors.xero.connector import XeroConnector, xero
from tallystick.engine import TokenRefreshed, TokenRefreshFailed
from tallystick.engine.grant import GiveToken, Grant, GrantContext, Message, RefreshPutOff, stored_tokens
from tallystick.errors import NeedsReauthorisation, ProviderUnavailable, StoreUnusable
from tallystick.store import DataFolder, StoredTokens, Stores, grants, new_key, open_stores
from tallystick.telemetry import Telemetry

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GRANT = "grant-1"
Answer = Callable[[TokenEndpoint, str], Awaitable[httpx.Response]]


def now() -> datetime:
    return START + timedelta(seconds=trio.current_time())


def _json(pair: Pair | None) -> httpx.Response:
    if pair is None:
        return httpx.Response(400, json={"error": "invalid_grant"})
    told = {"access_token": pair.access, "refresh_token": pair.refresh, "expires_in": pair.expires_in}
    return httpx.Response(200, json=told)


async def _answers(tokens: TokenEndpoint, refresh: str) -> httpx.Response:
    await trio.sleep(0.1)
    return _json(tokens.refresh(refresh))


async def _answers_after_30_s(tokens: TokenEndpoint, refresh: str) -> httpx.Response:
    await trio.sleep(30)
    return _json(tokens.refresh(refresh))


async def _is_down(tokens: TokenEndpoint, refresh: str) -> httpx.Response:
    await trio.lowlevel.checkpoint()
    return httpx.Response(503)


async def _answers_by_half(tokens: TokenEndpoint, refresh: str) -> httpx.Response:
    whole = (await _answers(tokens, refresh)).content
    return httpx.Response(200, content=whole[: len(whole) // 2])


async def _rotates_and_says_nothing(tokens: TokenEndpoint, refresh: str) -> httpx.Response:
    tokens.refresh(refresh)
    await trio.sleep_forever()
    raise AssertionError


@define(eq=False)
class Desk:
    """One grant's actor, and the endpoint that it refreshes at."""

    stores: Stores
    client_id: str
    telemetry: Telemetry
    tokens: TokenEndpoint
    answer: Answer = _answers
    asked_at: list[float] = field(factory=list)
    lost: list[str] = field(factory=list)
    events: list[Any] = field(factory=list)
    supervisor: Supervisor = field(init=False)
    disk_full: bool = False

    def __attrs_post_init__(self) -> None:
        self.supervisor = Supervisor("grants", self.telemetry)
        for kind in (TokenRefreshed, TokenRefreshFailed, RefreshPutOff):
            self.telemetry.listen(kind, self.events.append)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        form = dict(pair.split("=") for pair in request.content.decode().split("&"))
        self.asked_at.append(trio.current_time())
        consent = self.tokens.of_refresh(form["refresh_token"])
        if consent is None:
            return _json(None)
        consent.in_flight += 1
        consent.most_in_flight = max(consent.most_in_flight, consent.in_flight)
        try:
            return await self.answer(self.tokens, form["refresh_token"])
        finally:
            consent.in_flight -= 1

    async def keep(self, pair: Pair) -> None:
        """Store the first tokens, as a link does."""
        tokens = Tokens(
            access=pair.access, refresh=pair.refresh, expires_at=now() + timedelta(seconds=pair.expires_in)
        )
        async with self.stores.client(self.client_id) as store:
            await store.write(
                grants.save,
                store.vault,
                grant_id=GRANT,
                provider="xero",
                tokens=stored_tokens(tokens, version=1),
                now=now(),
            )

    async def stored(self) -> StoredTokens:
        async with self.stores.client(self.client_id) as store:
            found = await store.read(grants.load, store.vault, GRANT)
        assert found is not None
        return found

    def actor(self, http: httpx.AsyncClient, connector: Connector) -> Address[Message]:
        async def lost(grant_id: str, reason: str) -> None:
            await trio.lowlevel.checkpoint()
            self.lost.append(reason)

        context = GrantContext(
            id=GRANT,
            client_id=self.client_id,
            connector=connector,
            stores=self.stores,
            http=http,
            clock=now,
            telemetry=self.telemetry,
            deadline_s=60.0,
            lost=lost,
        )

        def make(birth: Birth) -> Grant:
            return Grant(me=birth.address, tasks=birth.tasks, context=context)

        return self.supervisor.add(ChildSpec(id=GRANT, kind="grant", make=make))

    def heard(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@define(eq=False)
class Scene:
    desk: Desk
    grant: Address[Message]

    async def token(self, refused: str | None = None, deadline: float = 120.0) -> str:
        told: str = await self.grant.ask(GiveToken(refused=refused), deadline=deadline)
        return told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk, None]:
    """Inline stores: the virtual clock does not wait for threads."""
    telemetry = Telemetry()
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, telemetry, now, inline=True) as stores:
        client = await Access(stores).create_client("Acme")
        yield Desk(stores, client.id, telemetry, TokenEndpoint(now))


@pytest.fixture
async def scene(desk: Desk, nursery: trio.Nursery) -> AsyncGenerator[Scene, None]:
    await desk.keep(desk.tokens.first_pair(("amber", "basalt")))

    def full() -> None:
        if desk.disk_full:
            raise StoreUnusable(message="the disk is full")

    desk.telemetry.faults = lambda point: full() if point == "commit.ready" else None
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk.handle), trust_env=False) as http:
        await nursery.start(desk.supervisor.run)
        made = xero(ProviderSettings(client_id="x"))
        assert isinstance(made, XeroConnector)
        auth = XeroAuth(client_id="x", token_endpoint="https://provider.example/token", now=now)
        yield Scene(desk, desk.actor(http, evolve(made, auth=auth)))
        desk.disk_full = False
        await desk.supervisor.stop()


async def test_a_refresh_that_takes_half_a_minute_is_still_one(scene: Scene, autojump_clock: object) -> None:
    scene.desk.answer = _answers_after_30_s
    await trio.sleep(1790)
    got: list[str] = []

    async def ask(after: float) -> None:
        await trio.sleep(after)
        got.append(await scene.token())

    async with trio.open_nursery() as nursery:
        for number in range(1000):
            nursery.start_soon(ask, number * 0.025)
    assert got == ["access-0-2"] * 1000
    assert len(scene.desk.asked_at) == 1


async def test_an_outage_of_two_hours_costs_few_attempts_and_the_grant_recovers_alone(
    scene: Scene, autojump_clock: object
) -> None:
    """Growing pauses with a cap; nobody needs to ask for the one that works."""
    desk = scene.desk
    desk.answer = _is_down
    await trio.sleep(1790)
    with pytest.raises(ProviderUnavailable):
        await scene.token()
    outage = trio.current_time()
    while trio.current_time() < outage + 7200:
        began = trio.current_time()
        with pytest.raises(ProviderUnavailable):
            await scene.token()
        assert trio.current_time() - began < 1, "who asks meanwhile hears so at once"
        await trio.sleep(60)
    pauses = [after - before for before, after in pairwise(desk.asked_at)]
    assert all(later >= earlier - 0.001 for earlier, later in pairwise(pauses))
    assert pauses[0] < 2
    assert max(pauses) <= 300
    assert len(desk.asked_at) < 45
    assert [event.attempts for event in desk.heard(RefreshPutOff)] == list(range(1, len(desk.asked_at) + 1))
    assert not any(event.lost for event in desk.heard(TokenRefreshFailed))
    desk.answer = _answers
    await trio.sleep(301)
    assert len(desk.heard(TokenRefreshed)) == 1
    assert await scene.token() == "access-0-2"
    assert desk.lost == []


async def test_half_an_answer_loses_nothing(scene: Scene, autojump_clock: object) -> None:
    """The token that was rotated away is taken again within its grace."""
    scene.desk.answer = _answers_by_half
    with pytest.raises(ProviderUnavailable):
        await scene.token(refused="access-0-1")
    scene.desk.answer = _answers
    await trio.sleep(2)
    assert await scene.token(refused="access-0-1") == "access-0-3"
    assert scene.desk.tokens.wronged == []
    assert scene.desk.lost == []


async def test_an_answer_that_is_lost_is_asked_for_again_before_the_grace_is_over(
    scene: Scene, autojump_clock: object
) -> None:
    """The provider has rotated and never says so; nobody asks for a token for an hour."""
    scene.desk.answer = _rotates_and_says_nothing
    with pytest.raises(ProviderUnavailable):
        await scene.token(refused="access-0-1")
    scene.desk.answer = _answers
    await trio.sleep(3600)
    assert scene.desk.tokens.wronged == []
    assert len(scene.desk.heard(TokenRefreshed)) == 1


async def test_tokens_that_came_while_the_disk_was_full_are_kept_and_stored_later(
    scene: Scene, autojump_clock: object
) -> None:
    """Where an old refresh token is dead at once, asking again would lose the consent."""
    desk = scene.desk
    desk.tokens.grace_s = 0.0
    desk.disk_full = True
    with pytest.raises(StoreUnusable):
        await scene.token(refused="access-0-1")
    await trio.sleep(100)
    assert len(desk.asked_at) == 1, "the provider is asked once, the disk again and again"
    desk.disk_full = False
    await trio.sleep(301)
    assert (await desk.stored()).access == "access-0-2"
    assert await scene.token() == "access-0-2"
    assert desk.tokens.wronged == []


async def test_a_revoked_consent_is_told_once_and_then_nothing_is_tried(
    scene: Scene, autojump_clock: object
) -> None:
    scene.desk.tokens.revoke("amber")
    with pytest.raises(NeedsReauthorisation):
        await scene.token(refused="access-0-1")
    await trio.sleep(7200)
    assert len(scene.desk.asked_at) == 1
    assert len(scene.desk.lost) == 1
    assert [event.lost for event in scene.desk.heard(TokenRefreshFailed)] == [True]


async def test_tokens_of_five_minutes_with_immediate_rotation_live_through_a_day(
    scene: Scene, autojump_clock: object
) -> None:
    """Sage: 300 s, and an old refresh token is dead at once (providers §5 no. 12)."""
    desk = scene.desk
    desk.tokens.lifetime_s, desk.tokens.grace_s = 300, 0.0
    await trio.sleep(1790)
    for _ in range(24 * 12):
        assert desk.tokens.of_access(await scene.token()) is not None
        await trio.sleep(300)
    assert desk.tokens.wronged == []
    assert desk.tokens.consents[0].most_in_flight == 1
    assert len(desk.asked_at) <= 24 * 12 + 1


async def test_a_token_that_lives_for_seconds_is_used_and_not_refreshed_at_every_call(
    scene: Scene, autojump_clock: object
) -> None:
    """What is kept in reserve is a share of a token's life, or a short one would never be good."""
    desk = scene.desk
    desk.tokens.lifetime_s = 20
    await trio.sleep(1790)
    for _ in range(10):
        await scene.token()
        await trio.sleep(1)
    assert len(desk.asked_at) == 1


async def test_one_token_serves_all_the_organisations_of_a_consent(
    scene: Scene, autojump_clock: object
) -> None:
    """Xero: two connections ask at expiry, one refresh answers both (providers §5 no. 16)."""
    await trio.sleep(1790)
    got: list[str] = []

    async def ask() -> None:
        got.append(await scene.token())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        nursery.start_soon(ask)
    consent = scene.desk.tokens.of_access(got[0])
    assert consent is not None
    assert got[0] == got[1]
    assert consent.tenants == ("amber", "basalt")
    assert len(scene.desk.asked_at) == 1
