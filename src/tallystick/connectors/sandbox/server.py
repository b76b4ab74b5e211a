"""Serves a sandbox over HTTP, in its own process or in a test's nursery."""

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import frozen
from hypercorn.config import Config
from hypercorn.trio import serve as serve_asgi
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from tallystick.connectors.sandbox.control import control_routes
from tallystick.connectors.sandbox.gate import Gate
from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.connectors.sandbox.world import World, make_world
from tallystick.errors import ConfigurationInvalid


@frozen(kw_only=True)
class Running:
    """A sandbox that answers."""

    url: str  #: providers are below it: `<url>/xero/…`
    control_url: str
    world: World


async def serve(
    settings: SandboxSettings, *, task_status: trio.TaskStatus[Running] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve until cancelled; started once it answers.

    Raises: `ConfigurationInvalid` where the port is taken, a provider is unknown or a folder is wrong.
    """
    await _run(_open(settings), task_status=task_status)


@asynccontextmanager
async def sandbox(settings: SandboxSettings) -> AsyncIterator[Running]:
    """A sandbox for as long as the block lasts. Raises: as `serve`."""
    opened = _open(settings)  # before the nursery, which would wrap its error in a group
    async with trio.open_nursery() as nursery:
        yield await nursery.start(_run, opened)
        nursery.cancel_scope.cancel()


@frozen
class _Opened:
    listener: socket.socket
    world: World


def _open(settings: SandboxSettings) -> _Opened:
    listener = _listen(settings.host, settings.port)
    try:
        return _Opened(listener, make_world(settings))
    except BaseException:
        listener.close()
        raise


async def _run(opened: _Opened, *, task_status: trio.TaskStatus[Running]) -> None:
    host, port = opened.listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = Config()
    config.bind = [f"fd://{opened.listener.detach()}"]
    config.errorlog = logging.getLogger("tallystick.connectors.sandbox")
    config.graceful_timeout = 0.5
    config.keep_alive_timeout = 60
    config.keep_alive_max_requests = 1_000_000
    config.h11_max_incomplete_size = 64 * 1024
    config.include_server_header = False
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_asgi, application(opened.world), config)
        task_status.started(Running(url=url, control_url=f"{url}/_control", world=opened.world))


def application(world: World) -> Starlette:
    """The sandbox as an ASGI application."""
    routes: list[BaseRoute] = [
        Route("/", _front_page),
        Mount("/_control", routes=control_routes(world)),
    ]
    for slug, provider in world.providers.items():
        router = Router(provider.routes(), redirect_slashes=False)
        routes.append(Mount(f"/{slug}", app=Gate(world, provider, router)))
    return Starlette(routes=routes)


async def _front_page(_: Request) -> Response:
    return PlainTextResponse(
        "Tallystick sandbox: made-up companies at made-up providers. See /_control/state\n"
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(100)
    except OSError as error:
        listener.close()
        raise ConfigurationInvalid(
            message=f"the sandbox cannot listen at {host}:{port}: {error.strerror or error}"
        ) from error
    listener.setblocking(False)
    return listener
