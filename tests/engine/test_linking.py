"""What the walk through a consent promises."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import trio
from tests.engine.conftest import NOW, House

from tallystick.engine import LinkDone, SyncFinished, TenantChoice
from tallystick.errors import LinkFailed
from tallystick.store import Company, ConnectionRow, companies


async def waiting(house: House) -> ConnectionRow:
    async with house.stores.client(house.client_id) as store:
        company = Company(id="c1", name="Amber", description=None, tags={}, created_at=NOW)
        if await store.read(companies.find, "c1") is None:
            await store.write(companies.add, company)
    return await house.engine.add_connection(house.client_id, "c1", "xero")


async def state_of(house: House, row: ConnectionRow) -> str:
    url = await house.engine.begin_link(row.id)
    return parse_qs(urlsplit(url).query)["state"][0]


async def test_a_consent_for_one_company_links_it_and_starts_its_first_sync(house: House) -> None:
    house.hear(SyncFinished)
    row = await waiting(house)
    assert row.status == "PendingAuth"
    state = await state_of(house, row)
    done = await house.engine.finish_link("xero", {"state": state, "code": "c"})
    assert isinstance(done, LinkDone)
    assert done.tenant_name == "Amber"
    assert (await house.row(row)).status == "Linked"
    await house.until(SyncFinished)
    assert set(await house.datasets(row)) == {"items", "invoices", "bills"}


async def test_a_consent_for_several_companies_asks_which_one_is_meant(house: House) -> None:
    row = await waiting(house)
    state = await state_of(house, row)
    choice = await house.engine.finish_link("xero", {"state": state, "code": "c", "tenants": "amber,blue"})
    assert isinstance(choice, TenantChoice)
    assert [tenant.name for tenant in choice.tenants] == ["Amber", "Blue"]
    assert (await house.row(row)).status == "PendingAuth"
    done = await house.engine.choose_tenant(choice.ticket, "blue")
    assert done.tenant_name == "Blue"
    assert (await house.row(row)).tenant_id == "blue"


async def test_a_tenant_that_the_consent_does_not_cover_cannot_be_chosen(house: House) -> None:
    state = await state_of(house, await waiting(house))
    choice = await house.engine.finish_link("xero", {"state": state, "code": "c", "tenants": "amber,blue"})
    assert isinstance(choice, TenantChoice)
    with pytest.raises(LinkFailed, match="does not cover"):
        await house.engine.choose_tenant(choice.ticket, "red")


@pytest.mark.parametrize("wrong", ["", "made up"])
async def test_a_state_that_is_not_ours_is_refused(house: House, wrong: str) -> None:
    with pytest.raises(LinkFailed, match="used already"):
        await house.engine.finish_link("xero", {"state": wrong, "code": "c"})


async def test_a_state_is_used_once_and_not_after_an_hour(house: House) -> None:
    row = await waiting(house)
    state = await state_of(house, row)
    await house.engine.finish_link("xero", {"state": state, "code": "c"})
    with pytest.raises(LinkFailed, match="used already"):
        await house.engine.finish_link("xero", {"state": state, "code": "c"})
    late = await state_of(house, row)
    house.clock.now += timedelta(hours=1, seconds=1)
    with pytest.raises(LinkFailed, match="over an hour old"):
        await house.engine.finish_link("xero", {"state": late, "code": "c"})


async def test_a_company_that_says_no_is_told_so_and_stays_unlinked(house: House) -> None:
    row = await waiting(house)
    state = await state_of(house, row)
    with pytest.raises(LinkFailed, match="access_denied"):
        await house.engine.finish_link("xero", {"state": state, "error": "access_denied"})
    assert (await house.row(row)).status == "PendingAuth"


async def test_linking_again_never_lets_other_books_in(house: House) -> None:
    """The wrong organisation of the same login is the mistake that people make."""
    house.hear(SyncFinished)
    row = await waiting(house)
    await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
    await house.until(SyncFinished)
    await house.engine.unlink(house.client_id, row.id)
    with pytest.raises(LinkFailed, match="belongs to Amber"):
        await house.engine.finish_link(
            "xero", {"state": await state_of(house, row), "code": "c", "tenants": "blue"}
        )
    done = await house.engine.finish_link(
        "xero", {"state": await state_of(house, row), "code": "c", "tenants": "blue,amber"}
    )
    assert isinstance(done, LinkDone)
    assert (await house.row(row)).status == "Linked"
    with trio.fail_after(5):
        while {d.status for d in (await house.datasets(row)).values()} != {"Complete"}:
            await trio.sleep(0.01)


async def test_a_connection_that_nobody_knows_has_no_consent_page(house: House) -> None:
    with pytest.raises(KeyError):
        await house.engine.begin_link("nobody")
