"""Whole books read through one provider or several: a stand-in each, one engine, and what it has stored."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from attrs import evolve, frozen
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
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.connectors.sandbox.state_file import SavedState, StateFile
from tallystick.store import connections as connection_rows
from tallystick.store import datasets, new_key
from tallystick.store.datasets import Dataset
from tallystick.store.records import TYPE_NAMES

Record = dict[str, Any]
WRITTEN_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@frozen(kw_only=True)
class Reading:
    """A running engine, and the sandboxes that it reads."""

    application: Application
    api: Api
    client_id: str
    stand_ins: Mapping[str, StandIn]  #: by provider
    companies: Sequence[Linked]  #: provider by provider

    async def control(self, act: str, **body: Any) -> Any:
        """A GET of the only sandbox's own door, or a POST where there is a body."""
        (stand_in,) = self.stand_ins.values()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            url = f"{stand_in.control_url}/{act}"
            answer = await (http.post(url, json=body) if body else http.get(url))
            return answer.raise_for_status().json()

    async def truth(self, company: Linked) -> Mapping[str, Any]:
        """What the only sandbox says of a company."""
        found = (await self.control("state"))["companies"]
        return next(each for each in found if each["tenant"] == company.tenant)

    async def sync(self, company: Linked) -> None:
        """Read what has changed of everything."""
        async with self.api.client() as http:
            (await http.post(f"/companies/{company.id}/data/all")).raise_for_status()
        await books.all_complete(self.api, [company])

    async def stored(self, company: Linked) -> dict[str, list[Record]]:
        """All records by data type, numbers exact; those that are gone included."""
        async with self.application.stores.client(self.client_id) as store:
            row = await store.read(connection_rows.find, company.connection_id)
            assert row is not None
            rows = await store.read(
                lambda c: c.execute(
                    "select data_type, body from records where connection = ? order by number", (row.number,)
                ).fetchall()
            )
        found: dict[str, list[Record]] = {}
        for code, body in rows:
            told = json.loads(body, parse_float=Decimal, parse_int=Decimal)
            found.setdefault(TYPE_NAMES[code], []).append(told)
        return found

    async def standing(self, company: Linked) -> dict[str, list[Record]]:
        """The records that are not gone."""
        return {name: _standing(found) for name, found in (await self.stored(company)).items()}

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


@frozen(kw_only=True)
class ReadBooks:
    """One company as one provider tells it."""

    platform: str
    company: Linked
    truth: Mapping[str, Any]  #: the sandbox's own figures
    records: Mapping[str, Sequence[Record]]  #: by data type, numbers as Decimals; those gone included
    states: Mapping[str, str]  #: how each dataset ended
    problems: Mapping[str, str]  #: what was said of those that did not end well

    def standing(self, data_type: str) -> list[Record]:
        """The records that are not gone."""
        return _standing(self.records.get(data_type, ()))


def _standing(records: Sequence[Record]) -> list[Record]:
    return [each for each in records if not each.get("metadata", {}).get("isDeleted")]


@asynccontextmanager
async def whole_books(
    folder: Path,
    slugs: Sequence[str],
    *,
    companies: int = 1,
    records: int = 40,
    seed: int = 1,
    written_at: datetime | None = None,
    quirks_off: Sequence[int] = (),
    scopes: tuple[str, ...] | None = None,
    reconcile_days: float = 7.0,
) -> AsyncIterator[Reading]:
    """Every company of every provider, linked and wholly read.

    `written_at`: the day that the books are of, and not today. `quirks_off`: those of the sandboxes' that end
    before anybody links. `scopes`: what the apps ask for, and not the manifest's. `reconcile_days`: when a
    list is read whole again.
    """
    async with AsyncExitStack() as stack:
        stand_ins: dict[str, StandIn] = {}
        for slug in slugs:
            wanted = SandboxSettings(providers=(slug,), companies=companies, records=records, seed=seed)
            if written_at is not None:
                wanted = evolve(wanted, data=folder / slug)
                day = SavedState(
                    seed=seed, companies=companies, records=records, providers=(slug,), written_at=written_at
                )
                StateFile(folder / slug).save(day)
            stand_ins[slug] = await _look(await stack.enter_async_context(sandbox(wanted)), quirks_off)
        settings = Settings(
            environment="development",
            server=ServerSettings(port=0, metrics_port=0, calls_a_day=1_000_000),
            store=StoreSettings(data=folder / "data"),
            # The stand-ins share its loop and its process: neither is the engine's overload.
            engine=EngineSettings(reconcile_days=reconcile_days, shed_lag=30.0, shed_rss_mb=4_000),
            providers={
                slug: _registered(slug, stand_in, folder, scopes) for slug, stand_in in stand_ins.items()
            },
        )
        application = await stack.enter_async_context(running(settings, new_key(), create=True))
        client = await application.access.create_client("Tests")
        api = Api(application.addresses.api_url, client.api_key)
        linked: list[Linked] = []
        with Progress(Console(quiet=True), application.telemetry) as progress:
            for stand_in in stand_ins.values():
                found = await link_companies(api, stand_in, progress)
                await books.all_complete(api, found)
                linked += found
        yield Reading(
            application=application, api=api, client_id=client.id, stand_ins=stand_ins, companies=linked
        )


@asynccontextmanager
async def reading(
    folder: Path, slugs: Sequence[str], *, companies: int, records: int, seed: int = 1
) -> AsyncIterator[tuple[Application, list[ReadBooks]]]:
    """Company by company, each through every provider, in the order of `slugs`.

    The books are those of one day, whatever today is.
    """
    async with whole_books(
        folder, slugs, companies=companies, records=records, seed=seed, written_at=WRITTEN_AT
    ) as found:
        told = [truth for stand_in in found.stand_ins.values() for truth in stand_in.companies]
        read = [
            await _read(found, company, truth) for company, truth in zip(found.companies, told, strict=True)
        ]
        yield found.application, [each for place in range(companies) for each in read[place::companies]]


async def _look(running_sandbox: Running, quirks_off: Sequence[int]) -> StandIn:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        for number in quirks_off:
            await http.post(f"{running_sandbox.control_url}/quirks", json={"number": number, "on": False})
        state = (await http.get(f"{running_sandbox.control_url}/state")).raise_for_status().json()
    return StandIn(
        url=running_sandbox.url,
        control_url=running_sandbox.control_url,
        apps=state["apps"],
        companies=tuple(state["companies"]),
    )


def _registered(
    slug: str, stand_in: StandIn, folder: Path, scopes: tuple[str, ...] | None
) -> ProviderSettings:
    secret = folder / f"{slug}-secret"
    secret.write_text(stand_in.apps[slug]["clientSecret"])
    return ProviderSettings(
        client_id=stand_in.apps[slug]["clientId"],
        client_secret=Secret(f"file:{secret}"),
        limits="off",
        scopes=scopes,
        **endpoints_of(slug, stand_in.url),
    )


async def _read(found: Reading, company: Linked, truth: Mapping[str, Any]) -> ReadBooks:
    latest = await found.latest(company)
    return ReadBooks(
        platform=company.platform,
        company=company,
        truth=truth,
        records=await found.stored(company),
        states={name: dataset.status for name, dataset in latest.items()},
        problems={
            name: dataset.error_message or dataset.status
            for name, dataset in latest.items()
            if dataset.status != "Complete"
        },
    )
