"""Puts the room together: an application for each listener, the guard before it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import trio
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tallystick.access import Access, OperatorToken
from tallystick.config import ServerSettings
from tallystick.engine import Engine
from tallystick.http.api import Reach, api_routes, not_found
from tallystick.http.exchange import Exchange
from tallystick.http.guard import Guard
from tallystick.http.health import open_routes
from tallystick.http.hooks import hook_routes
from tallystick.http.ops import Operations, ops_routes
from tallystick.http.pages import Linking, Renderer, Whose, page_routes
from tallystick.http.problem import Problem, problem_response
from tallystick.http.quota import Quota
from tallystick.http.shedding import Shedding, never
from tallystick.monitoring import Metrics
from tallystick.store import Stores
from tallystick.telemetry import Telemetry


def build_app(
    *,
    stores: Stores,
    access: Access,
    engine: Engine,
    telemetry: Telemetry,
    settings: ServerSettings,
    public_url: str,
    ready: Callable[[], bool],
    operations: Operations | None = None,
    shedding: Shedding = never,
    request: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> ASGIApp:
    """The API, the pages and what needs no key. `public_url`: without a slash at its end.

    `request`: entered while a request is in hand, so that other work of the loop makes way.
    With `operations` and an operator's token in the settings, the operators' door too.
    Raises: `ConfigurationInvalid` when that token, or a provider's webhook key, cannot be used.
    """
    reach = Reach(
        stores=stores,
        access=access,
        engine=engine,
        quota=Quota(stores, settings.calls_a_day),
        public_url=public_url,
    )
    linking = Linking(engine=engine, whose=Whose(stores), render=Renderer(public_url))
    routes = [*api_routes(reach, telemetry), *page_routes(linking), *open_routes(ready, public_url)]
    routes += hook_routes(engine, telemetry)
    if operations is not None and settings.operator_token is not None:
        routes += ops_routes(operations, OperatorToken.of(settings.operator_token), telemetry)
    router = Router(routes, redirect_slashes=False, default=not_found)
    secure = public_url.startswith("https:")
    return Guard(
        app=router,
        settings=settings,
        telemetry=telemetry,
        secure=secure,
        shedding=shedding,
        request=request,
    )


def metrics_app(metrics: Metrics, settings: ServerSettings | None = None) -> ASGIApp:
    """The metrics listener: `GET /metrics` and nothing else."""
    return Guard(
        app=_MetricsEndpoint(metrics=metrics),
        settings=settings or ServerSettings(),
        telemetry=metrics.telemetry,
    )


@frozen(kw_only=True)
class _MetricsEndpoint:
    """Looks at the actors on the loop's thread, and renders in another: a big scrape takes milliseconds."""

    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        if scope["path"] != "/metrics":
            await not_found(scope, receive, send)
            return
        exchange.route = "/metrics"
        if scope["method"] not in ("GET", "HEAD"):
            problem = Problem(405, "The method is not allowed.", headers={"allow": "GET, HEAD"})
            await problem_response(problem, exchange.correlation_id)(scope, receive, send)
            return
        accept = Request(scope).headers.get("accept", "")
        self.metrics.sample()
        body, content_type = await trio.to_thread.run_sync(self.metrics.render, accept)
        await Response(body, headers={"content-type": content_type})(scope, receive, send)
