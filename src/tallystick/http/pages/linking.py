"""Linking, page by page: choose a provider, give consent there, choose the books, done."""

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlencode

from attrs import frozen
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tallystick.engine import Engine, LinkDone
from tallystick.errors import LinkFailed, TallystickError
from tallystick.http.exchange import Exchange
from tallystick.http.pages.rendering import Renderer, static_file
from tallystick.http.pages.whose import Whose
from tallystick.http.problem import Problem, problem_of
from tallystick.store import ConnectionRow, connections

#: Remembers, for an hour, which connection this browser set out to link, so that a failure can offer to try
#: again. It grants nothing: the address that it gives is one that the browser was sent to anyway.
_COOKIE: Final = "tallystick_link"
_COOKIE_S: Final = 3600
_SLUG: Final = re.compile(r"[a-z0-9_-]{1,40}")
_FIELDS: Final = 20


@frozen(kw_only=True)
class Linking:
    """What the pages do. A method answers one request; it raises `Problem` where there is no such page."""

    engine: Engine
    whose: Whose
    render: Renderer

    async def company(self, request: Request) -> Response:
        """The providers to choose from; a choice makes a connection and goes to its start."""
        found = await self.whose.company(_uuid(request.path_params["companyId"]))
        if found is None:
            raise Problem(404, "This link does not lead to a company. Ask whoever sent it for a new one.")
        client_id, company = found
        if request.method != "POST":
            manifests = self.engine.manifests.values()
            return self.render.page("company.html", company=company, integrations=manifests)
        slug = (await _form(request)).get("provider", "")
        if slug not in self.engine.manifests:
            raise Problem(400, "There is no such provider.")
        row = await self._connection(client_id, company.id, slug)
        return RedirectResponse(f"/link/connections/{row.id}/start", status_code=303)

    async def start(self, request: Request) -> Response:
        """On to the provider's consent page."""
        connection_id = _uuid(request.path_params["connectionId"])
        try:
            where = await self.engine.begin_link(connection_id)
        except KeyError:
            raise Problem(
                404, "This link leads nowhere any more. Ask whoever sent it for a new one."
            ) from None
        response = RedirectResponse(where, status_code=302)
        response.set_cookie(
            _COOKIE,
            connection_id,
            max_age=_COOKIE_S,
            path="/link",
            secure=self.render.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
        return response

    async def callback(self, request: Request) -> Response:
        """Back from the provider, with its word on the consent."""
        provider = request.path_params["provider"]
        if _SLUG.fullmatch(provider) is None or provider not in self.engine.manifests:
            raise Problem(404, "There is no such provider.")
        outcome = await self.engine.finish_link(
            provider, dict(request.query_params), correlation_id=_correlation_of(request)
        )
        if isinstance(outcome, LinkDone):
            return _done(outcome)
        name = self.engine.manifests[provider].name
        return self.render.page("choose.html", choice=outcome, provider=name)

    async def choose(self, request: Request) -> Response:
        """Which of several books are meant."""
        form = await _form(request)
        done = await self.engine.choose_tenant(
            form.get("ticket", ""), form.get("tenant", ""), correlation_id=_correlation_of(request)
        )
        return _done(done)

    async def done(self, _: Request) -> Response:
        """The end of the walk."""
        return self.render.page("done.html")

    async def static(self, request: Request) -> Response:
        """The pages' style and pictures."""
        response = static_file(request.path_params["name"], request.path_params.get("digest"))
        if response is None:
            raise Problem(404, "There is no such file.")
        return response

    async def _connection(self, client_id: str, company_id: str, slug: str) -> ConnectionRow:
        """The company's connection to this provider, which is linked anew if it was linked before."""
        async with self.whose.stores.client(client_id) as store:
            rows = await store.read(connections.of_company, company_id)
        for row in reversed(rows):
            if row.provider == slug:
                return row
        return await self.engine.add_connection(client_id, company_id, slug)

    def failed(self, request: Request, problem: Problem) -> Response:
        """What went wrong, and how to try again where that is known."""
        kept = request.cookies.get(_COOKIE, "")
        again = f"/link/connections/{kept}/start" if _is_uuid(kept) else None
        return self.render.page("failed.html", status=problem.status, reason=problem.error, again=again)


Handler = Callable[[Request], Awaitable[Response]]


@frozen(kw_only=True)
class _Page:
    """One path. An ASGI application below the guard."""

    path: str
    methods: Mapping[str, Handler]
    linking: Linking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        Exchange.of(scope).route = self.path
        request = Request(scope, receive)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            response = await self.methods.get(method, _not_allowed)(request)
        except Problem as problem:
            response = self.linking.failed(request, problem)
            if problem.status == 405:
                response.headers["allow"] = ", ".join(self.methods)
        except LinkFailed as failure:
            response = self.linking.failed(request, Problem(400, str(failure)))
        except TallystickError as error:
            response = self.linking.failed(request, problem_of(error))
        await response(scope, receive, send)


async def _not_allowed(_: Request) -> Response:
    raise Problem(405, "This page is not for that.")


def page_routes(linking: Linking) -> list[Route]:
    """The pages' paths."""
    handlers: Mapping[str, Mapping[str, Handler]] = {
        "/link/company/{companyId}": {"GET": linking.company, "POST": linking.company},
        "/link/connections/{connectionId}/start": {"GET": linking.start},
        "/link/callback/{provider}": {"GET": linking.callback},
        "/link/choose": {"POST": linking.choose},
        "/link/done": {"GET": linking.done},
        "/static/{digest}/{name}": {"GET": linking.static},
        "/static/{name}": {"GET": linking.static},
    }
    page = partial(_Page, linking=linking)
    return [Route(path, page(path=path, methods=methods)) for path, methods in handlers.items()]


def _done(outcome: LinkDone) -> Response:
    query = urlencode({"companyId": outcome.company_id, "connectionId": outcome.connection_id})
    response = RedirectResponse(f"/link/done?{query}", status_code=303)
    response.delete_cookie(_COOKIE, path="/link")
    return response


def _correlation_of(request: Request) -> str:
    return Exchange.of(request.scope).correlation_id


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it. Raises: `Problem` 400."""
    try:
        return dict(parse_qsl((await request.body()).decode(), max_num_fields=_FIELDS))
    except ValueError:  # not UTF-8, too many fields
        raise Problem(400, "The form cannot be read.") from None


def _uuid(text: str) -> str:
    if not _is_uuid(text):
        raise Problem(404, "This link leads nowhere. Ask whoever sent it for a new one.")
    return text


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
