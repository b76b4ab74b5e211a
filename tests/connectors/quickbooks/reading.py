"""Companies of the made-up QuickBooks, linked and read by a whole engine, and what it has stored of them."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen
from rich.console import Console

from tallystick.application import Application, running
from tallystick.cli.demo import books
from tallystick.cli.demo.consent import Api, Linked, link_companies
from tallystick.cli.demo.progress import Progress
from tallystick.cli.demo.sandbox import StandIn
from tallystick.config import (
    EngineSettings,
    ProviderSettings,
    Secret,
    ServerSettings,
    Settings,
    StoreSettings,
)
from tallystick.connectors.sandbox import SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.store import connections, datasets, new_key
from tallystick.store.datasets import Dataset
from tallystick.store.records import TYPE_NAMES

Record = dict[str, Any]


@frozen(kw_only=True)
class Reading:
    """A running engine, and the sandbox that it reads."""

    application: Application
    api: Api
    client_id: str
    control_url: str
    companies: Sequence[Linked]

    async def control(self, act: str, **body: Any) -> Any:
        """A GET, or a POST where there is a body."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            url = f"{self.control_url}/{act}"
            answer = await (http.post(url, json=body) if body else http.get(url))
            return answer.raise_for_status().json()

    async def truth(self, company: Linked) -> Mapping[str, Any]:
        """What the sandbox says of a company."""
        found = (await self.control("state"))["companies"]
        return next(each for each in found if each["tenant"] == company.tenant)  # type: ignore[no-any-return]

    async def sync(self, company: Linked) -> None:
        """Read what has changed of everything."""
        async with self.api.client() as http:
            (await http.post(f"/companies/{company.id}/data/all")).raise_for_status()
        await books.all_complete(self.api, [company])

    async def stored(self, company: Linked) -> dict[str, list[Record]]:
        """All records by data type, numbers exact; those that are gone included."""
        async with self.application.stores.client(self.client_id) as store:
            row = await store.read(connections.find, company.connection_id)
            assert row is not None
            rows = await store.read(
                lambda c: c.execute(
                    "select data_type, body from records where connection = ?", (row.number,)
                ).fetchall()
            )
        found: dict[str, list[Record]] = {}
        for code, body in rows:
            told = json.loads(body, parse_float=Decimal, parse_int=Decimal)
            found.setdefault(TYPE_NAMES[code], []).append(told)
        return found

    async def standing(self, company: Linked) -> dict[str, list[Record]]:
        """The records that are not gone."""
        stored = await self.stored(company)
        return {
            name: [each for each in found if not each.get("metadata", {}).get("isDeleted")]
            for name, found in stored.items()
        }

    async def latest(self, company: Linked) -> dict[str, Dataset]:
        """The last dataset of each data type."""
        async with self.application.stores.client(self.client_id) as store:
            found = await store.read(datasets.latest, company.id)
        return {name: dataset for name, (dataset, _) in found.items()}

    async def issues(self) -> list[tuple[str, str, str]]:
        """Data type, path and message of every doubt about a row."""
        async with self.application.stores.client(self.client_id) as store:
            rows = await store.read(
                lambda c: c.execute("select data_type, path, message from issues").fetchall()
            )
        return [tuple(row) for row in rows]


@asynccontextmanager
async def reading(
    folder: Path, *, companies: int = 1, records: int = 40, seed: int = 1, reconcile_days: float = 7.0
) -> AsyncIterator[Reading]:
    """Company by company, each wholly read. `reconcile_days`: when a list is read whole again."""
    wanted = SandboxSettings(providers=("quickbooks",), companies=companies, records=records, seed=seed)
    async with AsyncExitStack() as stack:
        running_sandbox = await stack.enter_async_context(sandbox(wanted))
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            state = (await http.get(f"{running_sandbox.control_url}/state")).raise_for_status().json()
        app = state["apps"]["quickbooks"]
        secret = folder / "secret"
        secret.write_text(app["clientSecret"])
        provider = ProviderSettings(
            client_id=app["clientId"],
            client_secret=Secret(f"file:{secret}"),
            limits="off",
            **endpoints_of("quickbooks", running_sandbox.url),
        )
        settings = Settings(
            environment="development",
            server=ServerSettings(port=0, metrics_port=0, calls_a_day=1_000_000),
            store=StoreSettings(data=folder / "data"),
            engine=EngineSettings(reconcile_days=reconcile_days, shed_lag=30.0, shed_rss_mb=4_000),
            providers={"quickbooks": provider},
        )
        application = await stack.enter_async_context(running(settings, new_key(), create=True))
        client = await application.access.create_client("Tests")
        api = Api(application.addresses.api_url, client.api_key)
        stand_in = StandIn(
            url=running_sandbox.url,
            control_url=running_sandbox.control_url,
            apps=state["apps"],
            companies=tuple(state["companies"]),
        )
        with Progress(Console(quiet=True), application.telemetry) as progress:
            linked = await link_companies(api, stand_in, progress)
            await books.all_complete(api, linked)
        yield Reading(
            application=application,
            api=api,
            client_id=client.id,
            control_url=running_sandbox.control_url,
            companies=linked,
        )
