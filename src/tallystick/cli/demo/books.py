"""Waits for the first sync of every company, and counts what it brought."""

from collections.abc import Sequence
from typing import Any, Final

import trio

from tallystick.application import Application
from tallystick.cli.demo.consent import Api, Linked
from tallystick.standard import IN_PROGRESS
from tallystick.store import connections as connection_rows
from tallystick.store import records

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
    problems: list[str] = []
    async with application.stores.client(client_id) as store:
        for company in companies:
            row = await store.read(connection_rows.find, company.connection_id)
            assert row is not None
            found = await store.read(records.count_records, connections=[row.number])
            counts[company.name] = {name: alive for name, (alive, _) in sorted(found.items())}
            problems += await store.read(_problems, company)
    return counts, problems


def _problems(connection: Any, company: Linked) -> list[str]:
    from tallystick.store import datasets

    return [
        f"{company.name}: {data_type} ended as {latest.status}: {latest.error_message}"
        for data_type, (latest, _) in datasets.latest(connection, company.id).items()
        if latest.status != "Complete"
    ]
