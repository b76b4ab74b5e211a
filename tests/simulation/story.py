"""The script of a seed: what people, providers and machines do to the engine, and how all ends well."""

import random
from datetime import timedelta
from typing import Any, Final

import trio
from attrs import evolve
from tests.simulation.acts import ACTS, Act, Stopping, give_consent, give_consent_act, row_of, wait
from tests.simulation.books import Books
from tests.simulation.due import check_due_again, check_taken_up
from tests.simulation.invariants import check_always, check_converged, query
from tests.simulation.life import Life
from tests.simulation.world import Link, World, true_time

from tallystick.config import EngineSettings
from tallystick.connectors import Tokens
from tallystick.engine.grant import stored_tokens
from tallystick.errors import TallystickError
from tallystick.standard import DATA_TYPES, IN_PROGRESS
from tallystick.store import ClientRow, Company, SyncSetting, companies, control, grants, sync_settings
from tallystick.store import connections as connection_rows

#: What happens where a seed says nothing else, as often as it stands here.
_USUAL: Final = (
    *("sync",) * 4, *("kill at",) * 3, "io error", "kill", "stop", "clock", *("work",) * 2, "disk full",
    "no room", "hold", "read-only", "expire", "revoke", "unlink", "consent",
)  # fmt: skip
_ENDS_WITHIN_S: Final = 4 * 3600.0  #: longer than any honest sync of such books takes
_ROUNDS: Final = 5  #: of asking for everything, at most


async def begin(life: Life) -> None:
    """Clients, companies and their books; nobody is linked yet, save two who share one consent."""
    world = life.world
    chance = world.chance
    for number in range(chance.choice((1, 1, 2))):
        client = ClientRow(
            id=world.new_id(), name=f"Client {number}", created_at=world.clock(), sealed_key=b""
        )
        client = evolve(client, sealed_key=life.stores.sealed_client_key(client.id))
        await life.stores.control.write(control.add_client, client)
        await _say_settings(life, client.id)
        for _ in range(chance.choice((1, 2))):
            await _add_company(life, client.id)
    if (
        len(world.links) > 1
        and world.links[0].client_id == world.links[1].client_id
        and chance.random() < 0.5
    ):
        await _share_a_grant(life, world.links[:2])


async def _say_settings(life: Life, client_id: str) -> None:
    """Some clients want nothing to be read at a first link, or some of it every hour."""
    chance = random.Random(f"settings {life.world.seed} {client_id}")
    first = chance.random() < 0.6
    said = [
        SyncSetting(
            data_type=data_type,
            fetch_on_first_link=first,
            sync_schedule=chance.choice((1, 24, 24)),
            sync_order=chance.randrange(3),
        )
        for data_type in DATA_TYPES
    ]
    async with life.stores.client(client_id) as store:
        await store.write(sync_settings.save, None, said)


async def _add_company(life: Life, client_id: str) -> None:
    world = life.world
    tenant = f"tenant-{len(world.links)}"
    books = world.provider.books[tenant] = Books(tenant, world.chance)
    size = world.chance.choice((0, 4, 12))
    books.fill(true_time(), {"Organisations": 1, "Accounts": 2, "Items": 3, "Contacts": 5, "Invoices": size})
    now = world.clock()
    company = Company(id=world.new_id(), name=tenant, description=None, tags={}, created_at=now)
    identity = world.new_id()
    row = evolve(connection_rows.new(company.id, "xero", now), id=identity, number=int(identity[:8], 16) + 1)
    async with life.stores.client(client_id) as store:
        await store.write(companies.add, company)
        await store.write(connection_rows.save, row)
    await life.stores.control.write(control.put_in_directory, client_id, row)
    world.links.append(Link(client_id, company.id, row.id, tenant))


async def _share_a_grant(life: Life, links: list[Link]) -> None:
    """One consent for two organisations, as Xero gives it."""
    world = life.world
    pair = world.provider.tokens.first_pair(tuple(link.tenant for link in links))
    grant_id, now = world.new_id(), world.clock()
    tokens = Tokens(
        access=pair.access, refresh=pair.refresh, expires_at=now + timedelta(seconds=pair.expires_in)
    )
    async with life.stores.client(links[0].client_id) as store:
        await store.write(
            grants.save,
            store.vault,
            grant_id=grant_id,
            provider="xero",
            tokens=stored_tokens(tokens, version=1),
            now=now,
        )
        for link in links:
            row = await store.read(connection_rows.find, link.connection_id)
            assert row is not None
            linked = evolve(row, status="Linked", grant_id=grant_id, tenant_id=link.tenant, tenant_name="x")
            await store.write(connection_rows.save, linked)
            await life.stores.control.write(control.put_in_directory, link.client_id, linked)


def acts_of(world: World) -> list[Act]:
    """What happens, one after the other. The next life goes on where a kill cut in."""
    chance = world.chance
    acts: list[Act] = [give_consent_act(link) for link in world.links]
    for _ in range(chance.randrange(8, 24)):
        acts.append(ACTS[chance.choice(world.acts or _USUAL)](world))
        acts.append(wait(world))
    return acts


async def play(life: Life, acts: list[Act]) -> None:
    """Do what is left of the script, looking after each act at what must always hold."""
    while acts:
        act = acts.pop(0)
        try:
            await act(life)
        except Stopping:
            return
        fate, life.world.fate = life.world.fate, None  # what is to fail is the engine, not our looking
        await check_always(life.world, life.stores)
        await check_taken_up(life.world, life.stores)
        life.world.fate = fate


# --- the end


async def converge(life: Life) -> None:
    """Calm weather, and everybody asks for everything: then all of it is here, whatever happened before."""
    world = life.world
    world.fate = None
    world.busy = 0.0
    world.provider.weather.calm()
    await trio.sleep(400.0)  # what is on its way, delayed or put off has come by now
    world.clock.offset += timedelta(days=EngineSettings().reconcile_days + 1)  # every list is read whole
    good = 0
    for _ in range(_ROUNDS):
        for link in world.links:
            await _ask_for_all(life, link)
        await _until_quiet(life)
        for found in await life.engine.held_lists():
            await life.engine.decide(found.connection_id, found.held.resource, apply=True, by="a person")
        await check_always(world, life.stores)
        good += not [link for link in world.links if await _not_complete(life, link)]
        if good == 2:  # the first one may have ended a reading that began before the last changes
            break
        await trio.sleep(900.0)
    for link in world.links:
        for data_type, status, reason in await _not_complete(life, link):
            world.wrong(f"{data_type} of {link.tenant} ends in {status} in calm weather: {reason}")
    await check_converged(world, life.stores)
    await _until_quiet(life)
    await trio.sleep(5.0)
    await check_due_again(world, life.stores)


async def _ask_for_all(life: Life, link: Link) -> None:
    row = await row_of(life, link)
    if row.status != "Linked":
        await give_consent(life, link)
    try:
        await life.engine.sync(link.client_id, link.connection_id, None, "asked")
    except TallystickError as refusal:
        life.world.trace.add(f"refused: {type(refusal).__name__} {refusal}")


async def _until_quiet(life: Life) -> None:
    """Until no dataset is in progress, with a limit that no honest sync needs."""
    world = life.world
    with trio.move_on_after(_ENDS_WITHIN_S) as patience:
        while True:
            left = [link.tenant for link in world.links if await _in_progress(life, link)]
            if not left:
                break
            await trio.sleep(5.0)
    if patience.cancelled_caught:
        world.wrong("datasets are in progress for hours in calm weather")


async def _in_progress(life: Life, link: Link) -> list[Any]:
    marks = ", ".join("?" * len(IN_PROGRESS))
    return await query(
        life.stores,
        link.client_id,
        f"select data_type from datasets where connection_id = ? and status in ({marks})",
        (link.connection_id, *sorted(IN_PROGRESS)),
    )


async def _not_complete(life: Life, link: Link) -> list[Any]:
    """The latest dataset of each data type that did not end well."""
    return await query(
        life.stores,
        link.client_id,
        "select data_type, status, error_message from datasets d where connection_id = ? and status <> "
        "'Complete' and rowid = (select max(rowid) from datasets where connection_id = d.connection_id and "
        "data_type = d.data_type)",
        (link.connection_id,),
    )


async def look_again(life: Life) -> None:
    """After another start, what was there is there."""
    await check_always(life.world, life.stores)
    await check_converged(life.world, life.stores)
    await _until_quiet(life)
    await trio.sleep(5.0)
    await check_due_again(life.world, life.stores)
