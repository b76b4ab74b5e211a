"""The promises, checked against the truth: I1 to I4 of the README, and what else must hold at any moment."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tests.simulation.books import KINDS, Kind, Row
from tests.simulation.world import Link, World

from tallystick.standard import IN_PROGRESS
from tallystick.store import Stores
from tallystick.store.instants import from_micros, to_micros
from tallystick.store.records import TYPE_CODES

_TYPES: Final = {code: name for name, code in TYPE_CODES.items()}
#: Where each data type keeps the text that tells a row's version.
_MARK: Final = {
    "company": "companyName",
    "chartOfAccounts": "name",
    "items": "name",
    "customers": "customerName",
    "suppliers": "supplierName",
    "invoices": "note",
    "bills": "note",
}
Stored = dict[tuple[str, str], tuple[int, bool]]  #: by data type and id: version, deleted


async def query(stores: Stores, client_id: str, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Rows of a client's file."""
    async with stores.client(client_id) as store:
        return await store.read(lambda connection: connection.execute(sql, values).fetchall())


async def check_always(world: World, stores: Stores) -> None:
    """What holds at any moment, between any two transactions."""
    for link in world.links:
        number = await _number(stores, link)
        await _modified_dates(world, stores, link, number)
        await _cursors(world, stores, link, number)
    for client_id in sorted({link.client_id for link in world.links}):
        await _outbox(world, stores, client_id)
    for consent in world.provider.tokens.consents:
        if consent.most_in_flight > 1:
            world.wrong(f"{consent.most_in_flight} refreshes of consent {consent.number} at once")
    for wrong in world.provider.tokens.wronged:
        world.wrong(f"a grant was lost: {wrong}")
    if world.provider.largest_in_flight > 5:
        world.wrong(f"{world.provider.largest_in_flight} calls of one tenant in flight")


async def check_converged(world: World, stores: Stores) -> None:
    """What holds once everything asked for has ended well: the books are here, whole and once."""
    for link in world.links:
        stored = await _stored(world, stores, link)
        books = world.provider.books[link.tenant]
        truth = {
            (data_type, row.id if row.kind != "Organisations" else "company"): row
            for kind in KINDS
            for row in books.rows[kind]
            for data_type in row.data_types
        }
        for name, row in truth.items():
            found = stored.get(name)
            if row.vanished:
                if found is not None and not found[1]:
                    world.wrong(f"I1: {name} of {link.tenant} is gone at the provider, and stands here")
            elif found is None:
                world.wrong(f"I1: {name} of {link.tenant} is lost")
            elif found != (row.now.number, row.now.gone):
                world.wrong(f"I1: {name} of {link.tenant} is {found}, not {_told(row)}")
        for name in sorted(stored.keys() - truth.keys()):
            world.wrong(f"I1: {name} of {link.tenant} was never there")
        marks = ", ".join("?" * len(IN_PROGRESS))
        left = await query(
            stores,
            link.client_id,
            f"select data_type, status from datasets where connection_id = ? and status in ({marks})",
            (link.connection_id, *sorted(IN_PROGRESS)),
        )
        if left:
            world.wrong(f"{left} of {link.tenant} never ended")


def _told(row: Row) -> tuple[int, bool]:
    return row.now.number, row.now.gone


async def _number(stores: Stores, link: Link) -> int:
    rows = await query(
        stores, link.client_id, "select number from connections where id = ?", (link.connection_id,)
    )
    return int(rows[0][0])


async def _stored(world: World, stores: Stores, link: Link) -> Stored:
    number = await _number(stores, link)
    rows = await query(
        stores,
        link.client_id,
        "select data_type, id, deleted, body from records where connection = ? order by number",
        (number,),
    )
    stored: Stored = {}
    for code, record_id, deleted, body in rows:
        name = (_TYPES[code], record_id)
        if name in stored:
            world.wrong(f"I2: {name} of {link.tenant} is stored twice")
        stored[name] = (int(json.loads(body)[_MARK[_TYPES[code]]].removeprefix("v")), bool(deleted))
    return stored


async def _modified_dates(world: World, stores: Stores, link: Link, number: int) -> None:
    """`modifiedDate` never goes back, and moves with every change of the content."""
    rows = await query(
        stores,
        link.client_id,
        "select data_type, id, modified_at, hash from records where connection = ?",
        (number,),
    )
    for code, record_id, modified_at, content in rows:
        name = (number, code, record_id)
        before = world.seen.modified_at.get(name)
        if before is not None and modified_at < before[0]:
            world.wrong(f"modifiedDate of {_TYPES[code]} {record_id} went back")
        world.seen.modified_at[name] = (modified_at, content)


async def _cursors(world: World, stores: Stores, link: Link, number: int) -> None:
    """I3: whatever was to be seen where a cursor stands is stored, in that version or a newer one.

    It goes back only with a whole reading, after a clock was wrong; and it passes what could not be mapped
    in two readings, of which every dataset tells until a whole one has shown that it can be mapped again.
    """
    rows = await query(
        stores,
        link.client_id,
        "select resource, since, reconciled, unmapped from cursors where connection = ?",
        (number,),
    )
    stored = await _stored(world, stores, link)
    _deletions(world, link, stored)
    for resource, since, reconciled, unmapped in rows:
        if since is None:
            continue
        place = (number, resource)
        before = world.seen.since.get(place, (since, reconciled))
        if since < before[0] and reconciled == before[1]:
            world.wrong(f"I3: the cursor of {resource} of {link.tenant} went back")
        world.seen.since[place] = (since, reconciled)
        if unmapped:
            await _tells_of_unmapped(world, stores, link, resource)
            continue
        for row in world.provider.books[link.tenant].rows[resource]:
            _covered(world, link, stored, row, from_micros(since))


async def _tells_of_unmapped(world: World, stores: Stores, link: Link, kind: Kind) -> None:
    types = sorted({t for row in world.provider.books[link.tenant].rows[kind] for t in row.data_types})
    statuses = set()
    for data_type in types:
        latest = await query(
            stores,
            link.client_id,
            "select status from datasets where connection_id = ? and data_type = ? and completed_at not null "
            "order by completed_at desc, rowid desc limit 1",
            (link.connection_id, data_type),
        )
        statuses.update(status for (status,) in latest)
    if statuses == {"Complete"}:
        world.wrong(f"I1: {kind} of {link.tenant} are called complete without what could not be mapped")


def _deletions(world: World, link: Link, stored: Stored) -> None:
    """Nothing is called deleted that stands."""
    for kind in KINDS:
        for row in world.provider.books[link.tenant].rows[kind]:
            for data_type in row.data_types:
                _, deleted = stored.get((data_type, row.id), (0, False))
                if deleted and not (row.vanished or row.now.gone):
                    world.wrong(f"{data_type} {row.id} of {link.tenant} is called deleted, and stands")


def _covered(world: World, link: Link, stored: Stored, row: Row, since: datetime) -> None:
    version = row.at(since)
    if version is None or row.vanished:
        return
    for data_type in row.data_types:
        found = stored.get((data_type, row.id if row.kind != "Organisations" else "company"), (0, False))
        if found[0] < version.number:
            world.wrong(
                f"I3: the cursor of {row.kind} of {link.tenant} is at {to_micros(since)}, and {data_type} "
                f"{row.id} is stored as version {found[0]}, not {version.number}"
            )


async def _outbox(world: World, stores: Stores, client_id: str) -> None:
    """I4: every dataset that has ended, however, is announced, once, under an id that stays."""
    announced: dict[str, list[str]] = {}
    ended = await query(stores, client_id, "select id from datasets where completed_at is not null")
    for event_id, event_type, body in await query(
        stores, client_id, "select id, event_type, body from outbox order by number"
    ):
        if world.seen.outbox.setdefault(event_id, body) != body:
            world.wrong(f"I4: event {event_id} tells another thing than before")
        if event_type == "read.completed":
            dataset_id = json.loads(body).get("datasetId")
            if dataset_id is not None:  # else a person's yes to deletions that waited
                announced.setdefault(dataset_id, []).append(event_id)
    for (dataset_id,) in ended:
        if dataset_id not in announced:
            world.wrong(f"I4: dataset {dataset_id} has ended and is not announced")
    for dataset_id, event_ids in announced.items():
        if len(event_ids) > 1:
            world.wrong(f"I2: dataset {dataset_id} is announced {len(event_ids)} times")
