"""The same books read through several providers: a stand-in each, one whole engine, and what it has stored."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
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
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.connectors.sandbox.state_file import SavedState, StateFile
from tallystick.store import connections as connection_rows
from tallystick.store import datasets, new_key
from tallystick.store.records import TYPE_NAMES

Record = dict[str, Any]
WRITTEN_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


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
        found = self.records.get(data_type, ())
        return [r for r in found if not r.get("metadata", {}).get("isDeleted")]


@asynccontextmanager
async def reading(
    folder: Path, slugs: Sequence[str], *, companies: int, records: int, seed: int = 1
) -> AsyncIterator[tuple[Application, list[ReadBooks]]]:
    """Company by company, each through every provider, in the order of `slugs`.

    The books are those of one day, whatever today is.
    """
    async with AsyncExitStack() as stack:
        stand_ins: dict[str, StandIn] = {}
        for slug in slugs:
            wanted = SandboxSettings(
                providers=(slug,), companies=companies, records=records, seed=seed, data=folder / slug
            )
            day = SavedState(
                seed=seed, companies=companies, records=records, providers=(slug,), written_at=WRITTEN_AT
            )
            StateFile(wanted.data).save(day)
            stand_ins[slug] = await _look(await stack.enter_async_context(sandbox(wanted)))
        settings = Settings(
            environment="development",
            server=ServerSettings(port=0, metrics_port=0, calls_a_day=1_000_000),
            store=StoreSettings(data=folder / "data"),
            # The stand-ins share its loop and its process: neither is the engine's overload.
            engine=EngineSettings(shed_lag=30.0, shed_rss_mb=4_000),
            providers={slug: _registered(slug, stand_in, folder) for slug, stand_in in stand_ins.items()},
        )
        application = await stack.enter_async_context(running(settings, new_key(), create=True))
        client = await application.access.create_client("Tests")
        api = Api(application.addresses.api_url, client.api_key)
        found: list[ReadBooks] = []
        with Progress(Console(quiet=True), application.telemetry) as progress:
            for slug, stand_in in stand_ins.items():
                linked = await link_companies(api, stand_in, progress)
                await books.all_complete(api, linked)
                for company, truth in zip(linked, stand_in.companies, strict=True):
                    found.append(await _read(application, client.id, slug, company, truth))
        found.sort(
            key=lambda each: [c["tenant"] for c in stand_ins[each.platform].companies].index(
                each.company.tenant
            )
        )
        yield application, found


async def _look(running_sandbox: Running) -> StandIn:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        state = (await http.get(f"{running_sandbox.control_url}/state")).raise_for_status().json()
    return StandIn(
        url=running_sandbox.url,
        control_url=running_sandbox.control_url,
        apps=state["apps"],
        companies=tuple(state["companies"]),
    )


def _registered(slug: str, stand_in: StandIn, folder: Path) -> ProviderSettings:
    secret = folder / f"{slug}-secret"
    secret.write_text(stand_in.apps[slug]["clientSecret"])
    return ProviderSettings(
        client_id=stand_in.apps[slug]["clientId"],
        client_secret=Secret(f"file:{secret}"),
        limits="off",
        **endpoints_of(slug, stand_in.url),
    )


async def _read(
    application: Application, client_id: str, slug: str, company: Linked, truth: Mapping[str, Any]
) -> ReadBooks:
    async with application.stores.client(client_id) as store:
        row = await store.read(connection_rows.find, company.connection_id)
        assert row is not None
        rows = await store.read(
            lambda c: c.execute(
                "select data_type, body from records where connection = ? order by number", (row.number,)
            ).fetchall()
        )
        latest = await store.read(datasets.latest, company.id)
    by_type: dict[str, list[Record]] = {}
    for code, body in rows:
        told = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        by_type.setdefault(TYPE_NAMES[code], []).append(told)
    return ReadBooks(
        platform=slug,
        company=company,
        truth=truth,
        records=by_type,
        states={name: dataset.status for name, (dataset, _) in latest.items()},
        problems={
            name: dataset.error_message or dataset.status
            for name, (dataset, _) in latest.items()
            if dataset.status != "Complete"
        },
    )
