"""Waits for the first sync of every company, and counts what it brought."""

from collections.abc import Sequence
from typing import Final

import trio

from tallystick.application import Application
from tallystick.cli.demo.consent import Api, Linked
from tallystick.standard import IN_PROGRESS
from tallystick.store import connections as connection_rows
from tallystick.store import datasets, records
from tallystick.store.sqlcipher import SqliteConnection

_POLL_S: Final = 0.25


async def all_complete(api: Api, companies: Sequence[Linked]) -> None:
    """Return when no dataset of these companies is under way any more."""
    async with api.client() as http:
        for company in companies:
            while True:
                answer = (await http.get(f"/companies/{company.id}/dataStatus")).raise_for_status()
                states = [status["currentStatus"] for status in answer.json().values()]
                if states and not any(state in IN_PROGRESS for state in states):
                    break
                await trio.sleep(_POLL_S)


async def counted(
    application: Application, client_id: str, companies: Sequence[Linked]
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Records by company and data type, and what did not end well, in words."""
    counts: dict[str, dict[str, int]] = {}
    wrong: list[str] = []
    async with application.stores.client(client_id) as store:
        for company in companies:
            row = await store.read(connection_rows.find, company.connection_id)
            assert row is not None
            found = await store.read(records.count_records, connections=[row.number])
            counts[company.name] = {name: alive for name, (alive, _) in sorted(found.items())}
            wrong += await store.read(problems, company)
    return counts, wrong


def problems(connection: SqliteConnection, company: Linked) -> list[str]:
    """What did not end well, in words.

    What was read to its end before and is being read again by now is well: a later run of the demo finds
    its schedule at work.
    """
    return [
        f"{company.name}: {data_type} ended as {latest.status}: {latest.error_message}"
        for data_type, (latest, good) in datasets.latest(connection, company.id).items()
        if latest.status != "Complete" and not (good is not None and latest.status in IN_PROGRESS)
    ]
