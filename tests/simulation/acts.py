"""What may happen in a story: what people, providers, machines and disks do to a running engine."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, get_args
from urllib.parse import parse_qs, urlsplit

import trio
from tests.simulation.life import Life
from tests.simulation.world import Fate, Link, World

from tallystick.config import EngineSettings
from tallystick.engine import TenantChoice
from tallystick.errors import TallystickError
from tallystick.standard import DataType
from tallystick.store import ConnectionRow
from tallystick.store import connections as connection_rows
from tallystick.telemetry import FaultPoint

Act = Callable[[Life], Awaitable[None]]
#: Where a kill can be aimed: the engine's fault points, and a request's way to the provider and back.
POINTS: Final = (*get_args(FaultPoint), "provider.asked", "provider.answering", "provider.answered")


def wait(world: World) -> Act:
    seconds = world.chance.choice((0.01, 0.3, 2.0, 15.0, 60.0, 600.0, 2500.0))

    async def act(life: Life) -> None:
        await trio.sleep(seconds)

    return act


def _sync(world: World) -> Act:
    link = world.chance.choice(world.links)
    types: tuple[DataType, ...] = ("items", "invoices", "customers")
    asked = world.chance.choice((None, (world.chance.choice(types),)))

    async def act(life: Life) -> None:
        await life.engine.sync(link.client_id, link.connection_id, asked, "asked")

    return _said(act)


async def _stir(life: Life, link: Link, *, expire: bool = False) -> None:
    """Give the engine something to do in these books."""
    world = life.world
    world.change_many(world.provider.books[link.tenant])
    if expire:
        world.provider.tokens.expire_access(link.tenant)
    try:
        await life.engine.sync(link.client_id, link.connection_id, None, "asked")
    except TallystickError as refusal:
        world.trace.add(f"refused: {type(refusal).__name__}")


def _kill_at(world: World) -> Act:
    point = world.aim or world.chance.choice(POINTS)
    link, times = world.chance.choice(world.links), world.chance.choice((1, 1, 2, 3, 8))

    async def act(life: Life) -> None:
        world.fate = Fate("kill", point, times)
        if point.startswith("link."):
            await _said(give_consent_act(link, again=True))(life)
        else:
            await _stir(life, link, expire=point.startswith("grant."))

    return act


def _fail_at(world: World) -> Act:
    point = world.chance.choice(("commit.begun", "commit.ready"))
    link, times = world.chance.choice(world.links), world.chance.randrange(1, 20)

    async def act(life: Life) -> None:
        world.fate = Fate("io_error", point, times)
        await _stir(life, link, expire=times % 3 == 0)

    return act


def _kill_now(world: World) -> Act:
    async def act(life: Life) -> None:
        life.kill("any moment")

    return act


def _stop(world: World) -> Act:
    async def act(life: Life) -> None:
        raise Stopping

    return act


def _stop_with_a_hold(world: World) -> Act:
    """A stop in order while a sync runs that has found, or is about to find, too much to be gone."""
    link, seconds = world.chance.choice(world.links), world.chance.choice((0.1, 0.5, 1.0, 3.0, 20.0))

    async def act(life: Life) -> None:
        world.lose_all_contacts(world.provider.books[link.tenant])
        world.clock.offset += timedelta(days=EngineSettings().reconcile_days + 1)
        await _stir(life, link)
        await trio.sleep(seconds)
        raise Stopping

    return act


def _jump(world: World) -> Act:
    seconds = world.chance.choice((-3600, 3600, 86_400, -5, 90))

    async def act(life: Life) -> None:
        world.clock.offset += timedelta(seconds=seconds)
        world.trace.add(f"the clock jumps by {seconds} s")

    return act


def _work(world: World) -> Act:
    books = world.provider.books[world.chance.choice(sorted(world.provider.books))]
    many = world.chance.random() < 0.3

    async def act(life: Life) -> None:
        if many:
            world.change_many(books)
        for _ in range(4):
            world.change(books)

    return act


def _fill_the_disk(world: World) -> Act:
    """A disk that is full for a while: the file may not grow by a page."""
    link = world.chance.choice(world.links)
    seconds = world.chance.choice((1.0, 30.0, 300.0, 7200.0))

    async def act(life: Life) -> None:
        async with life.stores.client(link.client_id) as store:
            driver = store.database.driver
            world.trace.add("the disk is full")
            await driver.write(lambda c: _limit(c, c.execute("pragma page_count").fetchone()[0]))
            try:
                await _stir(life, link)
                await trio.sleep(seconds)
            finally:
                world.trace.add("there is room again")
                if not life.dead:
                    with trio.CancelScope(shield=True):
                        await driver.write(lambda c: _limit(c, 1_000_000_000))

    return act


def _run_out_of_room(world: World) -> Act:
    """A disk on which no file can be written, longer than an actor is started anew; first in a sync's middle."""
    link = world.chance.choice(world.links)
    into, seconds = world.chance.choice((0.0, 0.1, 0.5, 2.0)), world.chance.choice((30.0, 60.0, 150.0, 300.0))

    async def act(life: Life) -> None:
        await _stir(life, link)
        await trio.sleep(into)
        world.trace.add("nothing can be written")
        life.no_room = True
        try:
            await trio.sleep(seconds / 2)
            await _stir(life, link)
            await trio.sleep(seconds / 2)
        finally:
            world.trace.add("everything can be written again")
            life.no_room = False

    return act


def _limit(connection: Any, pages: int) -> None:
    connection.execute(f"pragma max_page_count = {pages}").fetchone()


def _expire(world: World) -> Act:
    link = world.chance.choice(world.links)

    async def act(life: Life) -> None:
        world.provider.tokens.expire_access(link.tenant)

    return act


def _revoke(world: World) -> Act:
    link = world.chance.choice(world.links)

    async def act(life: Life) -> None:
        world.trace.add(f"{link.tenant} takes its consent back")
        world.provider.tokens.revoke(link.tenant)

    return act


def _unlink(world: World) -> Act:
    link = world.chance.choice(world.links)

    async def act(life: Life) -> None:
        await life.engine.unlink(link.client_id, link.connection_id)

    return _said(act)


def give_consent_act(link: Link, *, again: bool = False) -> Act:
    async def act(life: Life) -> None:
        row = await row_of(life, link)
        if again or row.status != "Linked":
            await give_consent(life, link)

    return _said(act)


def _make_unwritable(world: World) -> Act:
    """A file system that turned read-only, and is mended by hand."""
    link = world.chance.choice(world.links)

    async def act(life: Life) -> None:
        async with life.stores.client(link.client_id) as store:
            driver = store.database.driver
            world.trace.add("the file is read-only")
            await driver.write(lambda c: c.execute("pragma query_only = on"))
            try:
                await _stir(life, link)
                await trio.sleep(300.0)
            finally:
                world.trace.add("the file can be written again")
                if not life.dead:
                    with trio.CancelScope(shield=True):
                        await driver.write(lambda c: c.execute("pragma query_only = off"))

    return act


def _give_any_consent(world: World) -> Act:
    return give_consent_act(world.chance.choice(world.links))


#: What may happen, by name.
ACTS: Final[dict[str, Callable[[World], Act]]] = {
    "sync": _sync,
    "work": _work,
    "kill at": _kill_at,
    "kill": _kill_now,
    "stop": _stop,
    "io error": _fail_at,
    "disk full": _fill_the_disk,
    "no room": _run_out_of_room,
    "hold": _stop_with_a_hold,
    "read-only": _make_unwritable,
    "clock": _jump,
    "expire": _expire,
    "revoke": _revoke,
    "unlink": _unlink,
    "consent": _give_any_consent,
}


class Stopping(Exception):
    """The script asks for a stop in order."""


def _said(act: Act) -> Act:
    """What the engine refuses with a reason is an answer, not a fault."""

    async def told(life: Life) -> None:
        try:
            await act(life)
        except TallystickError as refusal:
            life.world.trace.add(f"refused: {type(refusal).__name__}")

    return told


async def give_consent(life: Life, link: Link) -> None:
    """The company walks through the provider's page."""
    url = await life.engine.begin_link(link.connection_id)
    state = parse_qs(urlsplit(url).query)["state"][0]
    code = life.world.provider.tokens.authorise((link.tenant,))
    found = await life.engine.finish_link("xero", {"state": state, "code": code})
    if isinstance(found, TenantChoice):
        await life.engine.choose_tenant(found.ticket, link.tenant)


async def row_of(life: Life, link: Link) -> ConnectionRow:
    """The connection as its client's file has it."""
    async with life.stores.client(link.client_id) as store:
        row = await store.read(connection_rows.find, link.connection_id)
    assert row is not None
    return row
