"""Puts the rooms together. The supervision tree can be read off `_children`; there is no logic here.

    application (one_for_one)
    ├ budgets       keeps what was called over a restart; stopped last, after all that call
    ├ timers        one heap for everybody
    ├ load          measures loop, memory and files, and says when new work must wait
    ├ parking       writes down why a connection was given up
    ├ grants        one actor per OAuth grant: sole owner of its tokens; stopped after those that ask it
    ├ connections   one actor per connection; parked past its intensity
    ├ schedule      tells connections that they are due
    ├ remaps        one actor, `remap`: maps stored answers anew, one request after the other
    ├ metrics       its own listener
    └ api           API and pages

The databases are opened before the tree and closed after it: an actor that stops may still write.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from functools import partial
from typing import Final

import httpx
import trio
from attrs import define, field, frozen

import tallystick
from tallystick.access import Access
from tallystick.actors import ActorState, Birth, ChildSpec, Intensity, Service, Supervisor
from tallystick.config import Settings
from tallystick.connectors import Connector
from tallystick.connectors.registry import CONNECTORS
from tallystick.engine import Engine
from tallystick.errors import ConfigurationInvalid
from tallystick.http import Listener, build_app, listen, metrics_app
from tallystick.http.ops import SupervisedOperations
from tallystick.monitoring import Metrics
from tallystick.store import Stores, open_data, utc_now
from tallystick.telemetry import Telemetry

#: A listener or a supervisor that crashes four times in a minute takes the process down: what starts
#: it again (systemd) begins with a clean slate.
_APPLICATION: Final = Intensity(restarts=3, period=60.0, too_many="fail")
_CONNECTIONS_TO_PROVIDERS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=40)


@frozen(kw_only=True)
class Addresses:
    """Where a running application is reached."""

    api_url: str
    metrics_url: str


@define(eq=False, kw_only=True)
class Application:
    """A running engine with its doors."""

    addresses: Addresses
    stores: Stores
    access: Access
    engine: Engine
    telemetry: Telemetry
    root: Supervisor


@define(eq=False)
class _Run:
    """A `Service` from a function."""

    work: Callable[[], object] = field()

    async def run(self) -> None:
        await self.work()  # type: ignore[misc]


@asynccontextmanager
async def running(
    settings: Settings, kek: bytes, *, create: bool = False
) -> AsyncGenerator[Application, None]:
    """A whole application, serving until the block ends; then it stops in order.

    Raises: `ConfigurationInvalid` (a port is taken, an unknown provider), `StoreUnusable`.
    """
    telemetry = Telemetry()
    connectors = _connectors(settings)
    with closing(listen(settings.server.host, settings.server.port)) as api:
        with closing(listen(settings.server.metrics_host, settings.server.metrics_port)) as metrics:
            async with _serving(
                settings, kek, telemetry, connectors, api, metrics, create=create
            ) as application:
                yield application


@asynccontextmanager
async def _serving(
    settings: Settings,
    kek: bytes,
    telemetry: Telemetry,
    connectors: Mapping[str, Connector],
    api: Listener,
    metrics_listener: Listener,
    *,
    create: bool,
) -> AsyncGenerator[Application, None]:
    public_url = (settings.server.public_url or api.url).rstrip("/")
    async with (
        open_data(settings.store, kek, telemetry, utc_now, create=create) as stores,
        _to_providers(settings) as http,
    ):
        access = Access(stores)
        engine = Engine(stores, connectors, settings.providers, settings.engine, http, telemetry, public_url)
        metrics = Metrics(telemetry, tuple(connectors), lambda: _states(root, engine))
        ready = trio.Event()
        app = build_app(
            stores=stores,
            access=access,
            engine=engine,
            telemetry=telemetry,
            settings=settings.server,
            public_url=public_url,
            ready=ready.is_set,
            operations=SupervisedOperations(
                supervisors=lambda: (root, engine.connections, engine.grants, engine.remaps.supervisor),
                stores=stores,
                engine=engine,
            ),
            shedding=lambda: engine.load.shedding,
            request=engine.load.request,
        )
        doors = {
            "api": partial(api.serve, app, settings.server, telemetry=telemetry),
            "metrics": partial(
                metrics_listener.serve, metrics_app(metrics), settings.server, telemetry=telemetry
            ),
        }
        root = Supervisor("application", telemetry, _APPLICATION, _children(engine, doors))
        async with trio.open_nursery() as nursery:
            await nursery.start(root.run)
            await engine.start()
            ready.set()
            try:
                yield Application(
                    addresses=Addresses(api_url=public_url, metrics_url=f"{metrics_listener.url}/metrics"),
                    stores=stores,
                    access=access,
                    engine=engine,
                    telemetry=telemetry,
                    root=root,
                )
            finally:
                with trio.move_on_after(settings.engine.stop_deadline, shield=True):
                    await root.stop()
                nursery.cancel_scope.cancel()


def _to_providers(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        limits=_CONNECTIONS_TO_PROVIDERS,
        timeout=settings.engine.call_deadline,
        headers={"user-agent": f"tallystick/{tallystick.__version__}"},
        trust_env=False,
        follow_redirects=False,
    )


def _children(engine: Engine, doors: Mapping[str, Callable[[], object]]) -> tuple[ChildSpec, ...]:
    def service(name: str, make: Callable[[], Service]) -> ChildSpec:
        def born(_: Birth) -> Service:
            return make()

        return ChildSpec(id=name, kind="service", make=born)

    return (
        *engine.children(),
        service("metrics", lambda: _Run(doors["metrics"])),
        service("api", lambda: _Run(doors["api"])),
    )


def _states(root: Supervisor, engine: Engine) -> list[ActorState]:
    supervisors = (root, engine.connections, engine.grants, engine.remaps.supervisor)
    return [state for supervisor in supervisors for state in supervisor.states()]


def _connectors(settings: Settings) -> dict[str, Connector]:
    made: dict[str, Connector] = {}
    for slug, provider in settings.providers.items():
        if slug not in CONNECTORS:
            raise ConfigurationInvalid(
                message=f"[providers.{slug}]: no such provider; known: {', '.join(CONNECTORS)}"
            )
        made[slug] = CONNECTORS[slug](provider)
    return made
