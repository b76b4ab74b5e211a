"""The promises about the time between syncs: who is linked is due again, and what waits for a person is shown."""

from tests.simulation.invariants import query
from tests.simulation.world import Link, World, true_time

from tallystick.standard import IN_PROGRESS
from tallystick.store import DirectoryRow, Stores, control
from tallystick.store.instants import from_micros


async def check_taken_up(world: World, stores: Stores) -> None:
    """At any moment: what is under way is due in the directory, or a stop now would forget it."""
    for link in world.links:
        before = await _in_progress(stores, link)
        entry = await _entry(stores, link)
        if not before & await _in_progress(stores, link):
            continue
        due_at = None if entry is None else entry.next_due_at
        if due_at is None or due_at > true_time() + world.clock.highest:
            world.wrong(f"due: {link.tenant} has datasets under way, and the directory has it due {due_at}")


async def check_due_again(world: World, stores: Stores) -> None:
    """When all is quiet: file and directory agree that each linked connection is due, and on what is held."""
    for link in world.links:
        sql = "select status, number from connections where id = ?"
        ((status, number),) = await query(stores, link.client_id, sql, (link.connection_id,))
        entry = await _entry(stores, link)
        if entry is None or entry.status != status:
            world.wrong(f"due: the directory has {link.tenant} as {entry}, its file as {status}")
            continue
        if status == "Linked":
            await _due_again(world, stores, link, entry)
        sql = "select resource from held_deletions where connection = ?"
        held = await query(stores, link.client_id, sql, (number,))
        if bool(held) != entry.held:
            world.wrong(f"due: {held} of {link.tenant} is held, and the directory says {entry.held}")


async def _due_again(world: World, stores: Stores, link: Link, entry: DirectoryRow) -> None:
    sql = "select data_type, due_at from refreshes where connection_id = ?"
    rows = await query(stores, link.client_id, sql, (link.connection_id,))
    never = [data_type for data_type, due_at in rows if due_at is None]
    if never or not rows:
        world.wrong(f"due: {link.tenant} is linked, and {never or 'nothing of it'} is never due")
        return
    first = from_micros(min(due_at for _, due_at in rows))
    if entry.next_due_at is None or entry.next_due_at > first:
        world.wrong(f"due: {link.tenant} is due {first}, and {entry.next_due_at} in the directory")


async def _in_progress(stores: Stores, link: Link) -> set[str]:
    marks = ", ".join("?" * len(IN_PROGRESS))
    sql = f"select id from datasets where connection_id = ? and status in ({marks})"
    rows = await query(stores, link.client_id, sql, (link.connection_id, *sorted(IN_PROGRESS)))
    return {dataset_id for (dataset_id,) in rows}


async def _entry(stores: Stores, link: Link) -> DirectoryRow | None:
    return await stores.control.read(control.find_in_directory, link.connection_id)
