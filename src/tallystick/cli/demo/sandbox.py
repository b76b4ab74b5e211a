"""Starts the sandbox as a process of its own, and never leaves it behind."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import trio
from attrs import frozen

from tallystick.connectors.sandbox.endpoints import Endpoints, endpoints_of
from tallystick.errors import ConfigurationInvalid

if TYPE_CHECKING:
    from tallystick.cli.demo.folder import DemoFolder

PORT: Final = 8090
_START_S: Final = 60.0


@frozen(kw_only=True)
class StandIn:
    """A running sandbox."""

    url: str
    control_url: str
    apps: Mapping[str, Mapping[str, str]]  #: by provider: clientId, clientSecret
    companies: tuple[Mapping[str, Any], ...]  #: tenant, platform, name, …

    def endpoints(self, slug: str) -> Endpoints:
        """The provider's URLs, for its settings."""
        return endpoints_of(slug, self.url)


@asynccontextmanager
async def started(folder: "DemoFolder") -> AsyncGenerator[StandIn, None]:
    """A sandbox with the folder's books. It ends with the block, and with this process whatever its end.

    Raises: `ConfigurationInvalid` when it does not start.
    """
    from tallystick.cli.demo.folder import free_port

    log = folder.path / "sandbox.log"
    process, ready = await _start(folder, log, free_port(PORT))
    if ready is None:  # somebody else may have taken the port in this very moment
        await _end(process)
        process, ready = await _start(folder, log, 0)
    try:
        if ready is None:
            raise ConfigurationInvalid(message=f"the sandbox did not start; {log} says why")
        yield await _look(json.loads(ready))
    finally:
        with trio.CancelScope(shield=True):
            await _end(process)


async def _start(folder: "DemoFolder", log: Path, port: int) -> tuple[trio.Process, bytes | None]:
    """A sandbox process, and the line with which it says that it answers; None where it does not.

    Whatever happens before that line is there, no process is left.
    """
    settings = folder.settings
    command = [
        sys.executable, "-m", "tallystick", "sandbox", "--json", "--stop-with-stdin",
        "--port", str(port),
        "--seed", str(settings.seed),
        "--companies", str(settings.companies),
        "--records", str(settings.records),
        "--limits", settings.limits,
        "--data", str(folder.path / "sandbox"),
    ]  # fmt: skip
    with log.open("ab") as errors:
        process = await trio.lowlevel.open_process(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C on the terminal is for the demo, which then ends the sandbox
        )
    try:
        return process, await _ready_line(process)
    except BaseException:
        with trio.CancelScope(shield=True):
            await _end(process)
        raise


async def _ready_line(process: trio.Process) -> bytes | None:
    assert process.stdout is not None
    received = b""
    with trio.move_on_after(_START_S):
        async for chunk in process.stdout:
            received += chunk
            if b"\n" in received:
                return received.split(b"\n", 1)[0]
    return None


async def _end(process: trio.Process) -> None:
    if process.stdin is not None:
        await process.stdin.aclose()
    if process.stdout is not None:
        await process.stdout.aclose()
    with trio.move_on_after(1.5) as patience:
        process.terminate()
        await process.wait()
    if patience.cancelled_caught:
        process.kill()
        await process.wait()


async def _look(ready: Mapping[str, str]) -> StandIn:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        state = (await http.get(f"{ready['controlUrl']}/state")).raise_for_status().json()
    return StandIn(
        url=ready["sandboxUrl"],
        control_url=ready["controlUrl"],
        apps=state["apps"],
        companies=tuple(state["companies"]),
    )
