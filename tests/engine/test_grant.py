"""What the grant actor promises: one owner of the tokens, one refresh, nothing lost."""

from datetime import timedelta

import pytest
import trio
from tests.engine.conftest import House
from trio.testing import wait_all_tasks_blocked

from tallystick.engine import TokenRefreshed, TokenRefreshFailed
from tallystick.engine.grant import GiveToken, Revoke
from tallystick.errors import NeedsReauthorisation, ProviderUnavailable
from tallystick.store import StoredTokens, grants


async def test_a_good_token_is_given_without_asking_the_provider(house: House) -> None:
    row = await house.linked()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    assert await grant.ask(GiveToken()) == "access-0"
    assert house.provider.auth.refreshes == 0


async def test_a_thousand_callers_at_expiry_cause_one_refresh(house: House) -> None:
    row = await house.linked()
    house.clock.now += timedelta(hours=1)
    house.provider.auth.hold = trio.Event()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    got: list[str] = []

    async def ask() -> None:
        got.append(await grant.ask(GiveToken(), deadline=10))

    async with trio.open_nursery() as nursery:
        for _ in range(1000):
            nursery.start_soon(ask)
        while house.provider.auth.refreshes == 0:
            await trio.sleep(0.01)
        house.provider.auth.hold.set()
    assert house.provider.auth.refreshes == 1
    assert set(got) == {"access-1"}
    assert len(got) == 1000


async def test_a_new_token_is_on_the_disk_before_anybody_gets_it(house: House) -> None:
    house.hear(TokenRefreshed)
    row = await house.linked()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    token = await grant.ask(GiveToken(refused="access-0"))
    async with house.stores.client(house.client_id) as store:
        stored = await store.read(grants.load, store.vault, row.grant_id or "")
    assert stored is not None
    assert (stored.access, stored.version) == (token, 2)
    assert len(house.events) == 1


async def test_a_refresh_that_fails_for_now_keeps_the_grant_and_is_not_asked_for_at_every_call(
    house: House,
) -> None:
    """It is tried again by itself; how, tests/engine/test_renewal.py tells."""
    house.hear(TokenRefreshFailed)
    row = await house.linked()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    house.provider.auth.failure = ProviderUnavailable(platform="xero", reason="HTTP 503")
    with pytest.raises(ProviderUnavailable, match="HTTP 503"):
        await grant.ask(GiveToken(refused="access-0"))
    with pytest.raises(ProviderUnavailable, match="asked again in"):
        await grant.ask(GiveToken(refused="access-0"))
    assert (await house.row(row)).status == "Linked"
    assert house.provider.auth.refreshes == 1
    assert [event.lost for event in house.events] == [False]


async def test_a_lost_grant_asks_every_connection_of_it_for_a_new_consent(house: House) -> None:
    house.hear(TokenRefreshFailed)
    one = await house.linked("One")
    two = await house.linked("Two", grant_id=one.grant_id)
    other = await house.linked("Other")
    house.provider.auth.failure = NeedsReauthorisation(platform="xero", reason="invalid_grant")
    grant = house.engine.roster.grant(house.client_id, one.grant_id or "", "xero")
    with pytest.raises(NeedsReauthorisation):
        await grant.ask(GiveToken(refused="access-0"))
    with trio.fail_after(5):
        for row in (one, two):
            while (await house.row(row)).status != "Deauthorized":
                await trio.sleep(0.01)
    assert (await house.row(other)).status == "Linked"
    assert house.provider.auth.refreshes == 1, "nothing loops"


async def test_invalid_grant_is_believed_only_when_the_store_has_nothing_newer(house: House) -> None:
    """Somebody linked again while the refresh was out: the newer tokens count."""
    row = await house.linked()
    hold = house.provider.auth.hold = trio.Event()
    house.provider.auth.failure = NeedsReauthorisation(platform="xero", reason="invalid_grant")
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    got: list[str] = []

    async def ask() -> None:
        got.append(await grant.ask(GiveToken(refused="access-0")))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        while house.provider.auth.refreshes == 0:
            await trio.sleep(0.01)
        async with house.stores.client(house.client_id) as store:
            newer = StoredTokens(
                version=9,
                access="newer",
                refresh="r",
                expires_at=house.clock.now + timedelta(hours=1),
                scope="",
            )
            await store.write(
                grants.renew,
                store.vault,
                grant_id=row.grant_id or "",
                tokens=newer,
                now=house.clock.now,
            )
        hold.set()
    assert got == ["newer"]
    assert (await house.row(row)).status == "Linked"


async def test_a_refresh_that_is_out_is_finished_and_stored_when_the_grant_is_stopped(house: House) -> None:
    """A rotated token that is lost is a lost consent."""
    row = await house.linked()
    hold = house.provider.auth.hold = trio.Event()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    await grant.tell(GiveToken(refused="access-0"))
    while house.provider.auth.refreshes == 0:
        await trio.sleep(0.01)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(house.engine.grants.remove, grant.id)
        await wait_all_tasks_blocked()
        hold.set()
    async with house.stores.client(house.client_id) as store:
        stored = await store.read(grants.load, store.vault, row.grant_id or "")
    assert stored is not None
    assert stored.access == "access-1"


async def test_tokens_never_show_in_a_repr(house: House) -> None:
    row = await house.linked()
    async with house.stores.client(house.client_id) as store:
        stored = await store.read(grants.load, store.vault, row.grant_id or "")
    assert "access-0" not in repr(stored)
    assert "access-0" not in repr(GiveToken(refused="access-0"))


async def test_a_token_endpoint_that_does_not_answer_does_not_hold_a_stop_for_long(
    house: House, autojump_clock: object
) -> None:
    row = await house.linked()
    house.provider.auth.hold = trio.Event()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    await grant.tell(GiveToken(refused="access-0"))
    while house.provider.auth.refreshes == 0:
        await trio.sleep(0.01)
    before = trio.current_time()
    await house.engine.grants.remove(grant.id)
    assert trio.current_time() - before < 4
    async with house.stores.client(house.client_id) as store:
        assert await store.read(grants.load, store.vault, row.grant_id or "") is not None


async def test_letting_a_consent_go_shares_the_refresh_that_is_under_way(house: House) -> None:
    """Two refreshes of one grant at once would lose the newer token."""
    row = await house.linked()
    hold = house.provider.auth.hold = trio.Event()
    grant = house.engine.roster.grant(house.client_id, row.grant_id or "", "xero")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(grant.ask, GiveToken(refused="access-0"))
        nursery.start_soon(grant.ask, Revoke(tenant_id="Amber"))
        while house.provider.auth.refreshes == 0:
            await trio.sleep(0.01)
        hold.set()
    assert house.provider.auth.refreshes == 1
