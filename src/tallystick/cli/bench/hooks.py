"""How long it takes from a provider's message to the changed record at the API.

The sandbox is a process of its own and changes one invoice after the other; each time it tells by the
provider's own signed message. The clock starts before the change, so the sandbox's part is in the figure.
"""

import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import trio
from attrs import evolve
from rich.console import Console

from tallystick.application import Application, running
from tallystick.cli.collector import tune_collector
from tallystick.cli.demo import books, consent, sandbox
from tallystick.cli.demo.folder import DemoFolder, DemoSettings
from tallystick.cli.demo.progress import Progress
from tallystick.cli.switching import tune_switching
from tallystick.config import Secret, Settings
from tallystick.errors import ConfigurationInvalid

_KEY: Final = "bench-webhook-key"  # of a sandbox that lives as long as the measurement
_LOOK_EVERY_S: Final = 0.01
_BORNE_S: Final = 30.0


def figures(changes: int) -> dict[str, Any]:
    """Change so many invoices. Returns what the command prints."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        demo = DemoFolder.open(Path(folder), DemoSettings(companies=1, records=200, seed=1, limits="off"))
        found = trio.run(_measure, demo, changes)
    return {"bench": "hooks", "changes": changes, **found}


async def _measure(folder: DemoFolder, changes: int) -> dict[str, float]:
    async with sandbox.started(folder) as stand_in:
        settings = _with_key(folder, folder.engine_settings(stand_in, 0))
        async with running(settings, folder.key, create=True) as application:
            client = await folder.client(application.access, None)
            api = consent.Api(application.addresses.api_url, client.api_key)
            linked = await _linked(api, stand_in, application)
            async with api.client() as http:
                return await _changed(http, stand_in, linked, changes)


def _with_key(folder: DemoFolder, settings: Settings) -> Settings:
    key = folder.path / "webhook-key"
    key.write_text(_KEY)
    xero = evolve(settings.providers["xero"], webhook_key=Secret(f"file:{key}"))
    return evolve(settings, providers={**settings.providers, "xero": xero})


async def _linked(api: consent.Api, stand_in: sandbox.StandIn, application: Application) -> consent.Linked:
    """The company, once its first sync is over."""
    with Progress(Console(file=io.StringIO()), application.telemetry) as progress:
        companies = await consent.link_companies(api, stand_in, progress)
        await books.all_complete(api, companies)
    return companies[0]


async def _changed(
    http: httpx.AsyncClient, stand_in: sandbox.StandIn, linked: consent.Linked, changes: int
) -> dict[str, float]:
    served, answered = list[float](), list[float]()
    async with httpx.AsyncClient(base_url=stand_in.control_url, trust_env=False, timeout=30) as control:
        hook = {"provider": "xero", "url": str(http.base_url.join("/hooks/xero")), "key": _KEY}
        (await control.post("/hooks", json=hook)).raise_for_status()
        path = f"/companies/{linked.id}/data/invoices"
        before = await _modified(http, path)
        for _ in range(changes):
            began = time.perf_counter()
            told = {"tenant": linked.tenant, "entity": "invoices", "update": 1}
            changed = (await control.post("/change", json=told)).raise_for_status().json()
            (met,) = changed["hooks"]
            if met.get("status") != 200:
                raise ConfigurationInvalid(message=f"the sandbox's message was not taken: {met}")
            (record,) = changed["updated"]
            with trio.fail_after(_BORNE_S):
                while True:
                    answer = (await http.get(f"{path}/{record}")).raise_for_status().json()
                    if answer["modifiedDate"] != before.get(record):
                        break
                    await trio.sleep(_LOOK_EVERY_S)
            served.append(time.perf_counter() - began)
            answered.append(met["seconds"])
            before[record] = answer["modifiedDate"]
    return {
        "p50_s": _percentile(served, 50),
        "p95_s": _percentile(served, 95),
        "most_s": _percentile(served, 100),
        "answer_p50_ms": round(1000 * _percentile(answered, 50), 1),
        "answer_p95_ms": round(1000 * _percentile(answered, 95), 1),
        "answer_most_ms": round(1000 * _percentile(answered, 100), 1),
    }


async def _modified(http: httpx.AsyncClient, path: str) -> dict[str, str]:
    answer = (await http.get(path, params={"pageSize": "5000"})).raise_for_status().json()
    return {record["id"]: record["modifiedDate"] for record in answer["results"]}


def _percentile(seconds: Sequence[float], percent: int) -> float:
    """The nearest rank."""
    ordered = sorted(seconds)
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 4)
