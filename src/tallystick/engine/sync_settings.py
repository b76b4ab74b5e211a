"""What the doors may ask of the timetable: read and change a client's sync settings, and see what is due."""

from collections.abc import Sequence
from typing import Final

import trio

from tallystick.engine.schedule import Schedule
from tallystick.store import Outlook, SettingsRead, Store, Stores, SyncSetting, refreshes, sync_settings

#: Notes of the schedule in one turn of the loop.
_NOTES_A_TURN: Final = 200


async def read_settings(store: Store, company_id: str | None) -> SettingsRead:
    """The settings in force for a company, or (None) for the client's companies without their own."""
    return await store.read(sync_settings.read, company_id)


async def write_settings(
    stores: Stores,
    schedule: Schedule,
    client_id: str,
    company_id: str | None,
    settings: Sequence[SyncSetting],
    *,
    overrides_defaults: bool = True,
) -> None:
    """Store settings and put them into force at once: due times are planned anew, and the schedule knows.

    Data types that are not named keep theirs. `overrides_defaults=False` drops all that the company (or
    the client) had of its own, whatever `settings` says.
    Promise: stored whole or not at all; after a crash in between, the next start puts them into force.
    Raises: `SyncSettingsInvalid`, `KeyError` for no such client.
    """
    now = stores.clock()
    if overrides_defaults:
        sync_settings.check(settings, now)

    async with stores.client(client_id) as store:
        # The directory first: a start that finds them due looks, and at worst finds nothing to do.
        await stores.control.write(refreshes.bring_forward, client_id, company_id, now)
        times = await store.write(
            refreshes.change_settings, company_id, settings, overrides_defaults=overrides_defaults, now=now
        )
    await stores.control.write(refreshes.settle, times, now)
    for number, (connection_id, due_at) in enumerate(times.items()):
        schedule.note(connection_id, due_at)
        if number % _NOTES_A_TURN == 0:
            await trio.lowlevel.checkpoint()


async def overview(store: Store) -> list[Outlook]:
    """Every linked connection of a client with its next due time, its faults in a row and why."""
    return await store.read(refreshes.overview)
