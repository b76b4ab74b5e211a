"""A person's yes or no to deletions that were too many to be believed."""

from datetime import datetime

from attrs import frozen

from tallystick.engine.events import DeletionsDecided
from tallystick.store import HeldDeletions, Stores, audit, control, deletions, issues, outbox
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry


@frozen(kw_only=True)
class HeldList:
    """Deletions of one list that wait."""

    client_id: str
    company_id: str
    connection_id: str
    platform: str
    held: HeldDeletions


async def held_lists(stores: Stores) -> list[HeldList]:
    """Everything that waits. Cost: control.db, and the files of clients with something held."""
    found: list[HeldList] = []
    for row in await stores.control.read(control.directory):
        if not row.held:
            continue
        async with stores.client(row.client_id) as store:
            connection = await store.read(connection_rows.find, row.connection_id)
            waiting = [] if connection is None else await store.read(deletions.held, connection.number)
        found += [
            HeldList(
                client_id=row.client_id,
                company_id=row.company_id,
                connection_id=row.connection_id,
                platform=row.provider,
                held=held,
            )
            for held in waiting
        ]
    return found


async def decide(
    stores: Stores, telemetry: Telemetry, connection_id: str, resource: str, *, apply: bool, by: str
) -> int:
    """Delete what is held, or let it stand. Returns how many records are deleted now.

    Records that were read again since are left as they are: then the provider has shown them. Clients are
    told of each data type that changed, as after a reading but with no dataset, and of how many records.
    Raises: `KeyError` for no such connection, or nothing held there.
    """
    found = await stores.control.read(control.find_in_directory, connection_id)
    if found is None:
        raise KeyError(connection_id)
    async with stores.client(found.client_id) as store:
        deleted, left = await store.write(_decide, connection_id, resource, apply, by, stores.clock())
    await stores.control.write(control.note_held, connection_id, held=left)
    telemetry.emit(
        DeletionsDecided(
            platform=found.provider,
            client_id=found.client_id,
            connection_id=connection_id,
            resource=resource,
            applied=apply,
            deleted=deleted,
        )
    )
    return deleted


def _decide(
    connection: SqliteConnection, connection_id: str, resource: str, apply: bool, by: str, now: datetime
) -> tuple[int, bool]:
    row = connection_rows.find(connection, connection_id)
    waiting = [] if row is None else deletions.held(connection, row.number)
    held = next((held for held in waiting if held.resource == resource), None)
    if row is None or held is None:
        raise KeyError(f"{connection_id}: no deletions of {resource} are held")
    numbers = deletions.release(connection, row.number, resource)
    gone = deletions.delete(connection, numbers, now) if apply else {}
    issues.forget_gone(connection, row.number, gone)
    for data_type, number in gone.items():
        outbox.add(
            connection,
            "read.completed",
            company_id=row.company_id,
            connection_id=connection_id,
            body={"dataType": data_type, "status": "Complete", "recordsModified": number},
            now=now,
        )
    deleted = sum(gone.values())
    audit.append(
        connection,
        audit.Entry(
            at=now,
            actor=by,
            act="deletions.apply" if apply else "deletions.dismiss",
            subject=connection_id,
            detail={"resource": resource, "missing": held.missing, "live": held.live, "deleted": deleted},
        ),
    )
    return deleted, len(waiting) > 1
