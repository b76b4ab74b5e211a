"""What the walk through a consent promises."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import trio
from attrs import evolve
from tests.engine.conftest import NOW, House
from tests.engine.lives import Lives, give_consent, in_directory, lives, never, waiting_for_consent
from trio.testing import MockClock

from tallystick.engine import LinkDone, SyncFinished, SyncStarted, TenantChoice
from tallystick.engine.connection import Deauthorise
from tallystick.engine.sync_settings import write_settings
from tallystick.errors import LinkFailed
from tallystick.store import Company, ConnectionRow, audit, companies, grants
from tallystick.telemetry import FaultPoint

__all__ = ["lives"]  # the fixture


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


async def test_books_chosen_in_one_tab_do_not_get_in_among_those_linked_in_another(house: House) -> None:
    row = await waiting(house)
    both = {"state": await state_of(house, row), "code": "c", "tenants": "amber,birch"}
    choice = await house.engine.finish_link("xero", both)
    assert isinstance(choice, TenantChoice)
    await house.engine.finish_link(
        "xero", {"state": await state_of(house, row), "code": "c", "tenants": "amber"}
    )
    with pytest.raises(LinkFailed, match="belongs to Amber"):
        await house.engine.choose_tenant(choice.ticket, "birch")
    assert (await house.row(row)).tenant_id == "amber"


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


async def test_consent_given_again_in_the_middle_of_a_sync_lets_it_go_on_with_the_new_tokens(
    house: House,
) -> None:
    """The old tokens are gone with the old consent; the sync that used them must not undo the new one."""
    house.hear(SyncFinished)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
    hold = house.provider.client.hold_before["Invoices:2"] = trio.Event()
    row = await waiting(house)
    await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
    with trio.fail_after(5):
        while "Invoices:1" not in house.provider.client.served:
            await trio.sleep(0.01)
    again = await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
    assert isinstance(again, LinkDone)
    hold.set()
    with trio.fail_after(10):
        while {d.status for d in (await house.datasets(row)).values()} != {"Complete"}:
            await trio.sleep(0.01)
    assert (await house.row(row)).status == "Linked"


async def test_the_end_of_a_consent_that_has_been_replaced_is_no_news(house: House) -> None:
    house.hear(SyncFinished)
    row = await waiting(house)
    await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
    await house.until(SyncFinished)
    old = (await house.row(row)).grant_id
    await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
    address = house.engine.connections.find(row.id)
    assert address is not None
    await address.tell(Deauthorise(reason="the old consent is gone", grant_id=old))
    await house.until(SyncFinished, 2)
    assert (await house.row(row)).status == "Linked"


async def test_a_link_and_a_new_consent_are_in_the_clients_audit_log(house: House) -> None:
    """With the ids that a person needs, and nothing that is a secret."""
    house.hear(SyncFinished)
    row = await waiting(house)
    for _ in range(2):
        await house.engine.finish_link("xero", {"state": await state_of(house, row), "code": "c"})
        await house.until(SyncFinished)
    async with house.stores.client(house.client_id) as store:
        found = [
            recorded.entry
            for recorded in await store.read(audit.entries)
            if recorded.entry.act in {"connection.link", "connection.relink"}
        ]
        tokens = await store.read(grants.load, store.vault, (await house.row(row)).grant_id or "")
    assert [(entry.actor, entry.act, entry.subject) for entry in found] == [
        ("company", "connection.link", row.id),
        ("company", "connection.relink", row.id),
    ]
    assert found[-1].detail == {
        "provider": "xero",
        "tenantId": "amber",
        "grantId": (await house.row(row)).grant_id,
    }
    assert tokens is not None
    assert tokens.access not in str(found)


async def test_a_link_that_is_not_stored_leaves_no_entry(house: House) -> None:
    row = await waiting(house)
    state = await state_of(house, row)
    async with house.stores.client(house.client_id) as store:
        await store.write(companies.remove, row.company_id)
        with pytest.raises(LinkFailed, match="deleted"):
            await house.engine.finish_link("xero", {"state": state, "code": "c"})
        assert await store.read(audit.entries) == []


async def test_where_a_first_link_reads_nothing_the_connection_is_due_an_interval_later(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncStarted) as house:
        row = await waiting_for_consent(house)
        said = [evolve(setting, fetch_on_first_link=False, sync_schedule=24) for setting in never()]
        await write_settings(house.stores, house.engine.schedule, house.client_id, None, said)
        await give_consent(house, row)
        await trio.sleep(5)
        assert house.events == []
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert timedelta(hours=22) < due_at - lives.clock() < timedelta(hours=26)
        await trio.sleep(26 * 3600)
        assert [event.reason for event in house.events] == ["schedule"]


class Cut(Exception):
    """The call that links ends here, and the process goes on: the browser is gone, say."""


def cut_at(point: FaultPoint) -> Callable[[FaultPoint], None]:
    def cut(passed: FaultPoint) -> None:
        if passed == point:
            raise Cut

    return cut


async def test_a_link_whose_call_is_cut_off_once_it_is_stored_is_read_all_the_same(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished) as house:
        row = await waiting_for_consent(house)
        lives.faults = cut_at("link.stored")
        with pytest.raises(Cut):
            await give_consent(house, row)
        lives.faults = None
        await house.until(SyncFinished)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        assert (await in_directory(house, row)).status == "Linked"


async def test_a_link_that_was_stored_just_before_a_stop_is_read_by_the_next_process(
    lives: Lives, autojump_clock: MockClock
) -> None:
    """The directory knew of it first: due, whatever it says of the link."""
    async with lives.life() as house:
        row = await waiting_for_consent(house)
        lives.faults = cut_at("link.stored")
        with pytest.raises(Cut):
            await give_consent(house, row)
        lives.faults = None
    async with lives.life(SyncFinished) as house:
        await house.until(SyncFinished)
        await trio.sleep(1)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        assert (await in_directory(house, row)).status == "Linked"
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert due_at > lives.clock()


async def test_a_first_sync_that_cannot_be_queued_follows_the_link_by_itself(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished) as house:
        row = await waiting_for_consent(house)

        def full_afterwards(point: FaultPoint) -> None:
            if point == "link.stored":
                lives.fill_the_disk()

        lives.faults = full_afterwards
        await give_consent(house, row)
        await trio.sleep(100)
        lives.make_room()
        await trio.sleep(300)
        assert [event.outcome for event in house.events] == ["ok"]
        assert (await in_directory(house, row)).status == "Linked"


async def test_a_link_that_is_not_stored_leaves_its_connection_waiting_and_not_due(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncStarted) as house:
        row = await waiting_for_consent(house)
        lives.faults = cut_at("link.exchanged")
        with pytest.raises(Cut):
            await give_consent(house, row)
        lives.faults = None
        await trio.sleep(100)
        assert (await house.row(row)).status == "PendingAuth"
        assert len(house.engine.schedule) == 0
        assert house.events == []
