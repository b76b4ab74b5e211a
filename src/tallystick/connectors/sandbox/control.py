"""The sandbox's own door: the truth, faults, changes, quirks, the clock and the request log.

Source: design.md §6, Control. Bodies and answers are JSON; a wrong body answers 400 with the reason.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import attrs
import msgspec
from attrs import field, frozen, validators
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.faults import KINDS, Fault
from tallystick.connectors.sandbox.hooks import ACTS, Hook, HookSender, Sending
from tallystick.connectors.sandbox.quirks import QuirkUnknown
from tallystick.connectors.sandbox.world import World

T = TypeVar("T", bound=attrs.AttrsInstance)
#: One call changes at most so many records of each sort.
MOST: Final = 10_000
_COUNT = validators.and_(validators.ge(0), validators.le(MOST))


class _Wrong(Exception):
    """A request that cannot be done; the text says why."""


@frozen(kw_only=True)
class _Change:
    tenant: str
    entity: str
    create: int = field(default=0, validator=_COUNT)
    update: int = field(default=0, validator=_COUNT)
    delete: int = field(default=0, validator=_COUNT)


@frozen(kw_only=True)
class _Quirk:
    number: int
    on: bool = True
    provider: str | None = None  #: None for every provider that knows it


@frozen(kw_only=True)
class _Clock:
    advance: float = field(validator=validators.and_(validators.ge(0), validators.le(10 * 365 * 86400)))


def control_routes(world: World) -> list[Route]:
    """The routes below `/_control`."""
    control = _Control(world, HookSender(world.clock))
    return [
        Route("/state", _told(control.state), methods=["GET"]),
        Route("/faults", _told(control.faults), methods=["GET"]),
        Route("/faults", _told(control.add_fault), methods=["POST"]),
        Route("/faults", _told(control.clear_faults), methods=["DELETE"]),
        Route("/change", _told(control.change), methods=["POST"]),
        Route("/hooks", _told(control.hooks), methods=["GET"]),
        Route("/hooks", _told(control.set_hook), methods=["POST"]),
        Route("/hooks", _told(control.clear_hooks), methods=["DELETE"]),
        Route("/hooks/send", _told(control.send_hook), methods=["POST"]),
        Route("/quirks", _told(control.quirks), methods=["GET"]),
        Route("/quirks", _told(control.switch_quirk), methods=["POST"]),
        Route("/clock", _told(control.clock), methods=["GET"]),
        Route("/clock", _told(control.advance), methods=["POST"]),
        Route("/requests", _told(control.requests), methods=["GET"]),
    ]


def _told(act: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer, status = await act(request), 200
        except _Wrong as wrong:
            answer, status = {"error": str(wrong)}, 400
        return Response(msgspec.json.encode(answer), status, media_type="application/json")

    return endpoint


@frozen(eq=False)
class _Control:
    world: World
    sender: HookSender

    async def state(self, _: Request) -> Any:
        """The truth. Reads all books."""
        companies = [
            {"tenant": company.tenant, "platform": slug, "name": company.name, **company.truth().as_json()}
            for slug, provider in self.world.providers.items()
            for company in provider.companies
        ]
        counts = self.world.log.counts
        return {
            "companies": companies,
            "requests": {
                slug: {**dict.fromkeys(provider.resources, 0), **counts.get(slug, {})}
                for slug, provider in self.world.providers.items()
            },
            "apps": {
                slug: {"clientId": provider.app.client_id, "clientSecret": provider.app.client_secret}
                for slug, provider in self.world.providers.items()
            },
        }

    async def faults(self, _: Request) -> Any:
        """What still waits."""
        return {"faults": [attrs.asdict(fault) for fault in self.world.faults.waiting]}

    async def add_fault(self, request: Request) -> Any:
        """One more fault, after those that wait."""
        try:
            fault = await _body(request, Fault)
        except _Wrong as wrong:
            raise _Wrong(f"{wrong}; kinds: {', '.join(KINDS)}") from wrong
        if fault.provider not in self.world.providers:
            raise _Wrong(f"provider is one of {', '.join(self.world.providers)}")
        self.world.faults.waiting.append(fault)
        return attrs.asdict(fault)

    async def clear_faults(self, _: Request) -> Any:
        """No fault waits any more; what a fault has done (a revoked grant) stays done."""
        cleared = len(self.world.faults.waiting)
        self.world.faults.waiting.clear()
        return {"cleared": cleared}

    async def change(self, request: Request) -> Any:
        """Change a company's books."""
        wanted = await _body(request, _Change)
        try:
            changed = self.world.change(
                wanted.tenant, wanted.entity, create=wanted.create, update=wanted.update, delete=wanted.delete
            )
        except ChangeRefused as refusal:
            raise _Wrong(str(refusal)) from refusal
        slug = next(
            slug
            for slug, provider in self.world.providers.items()
            if wanted.tenant in {company.tenant for company in provider.companies}
        )
        met = await self.sender.changed(slug, wanted.tenant, wanted.entity, changed)
        return {**attrs.asdict(changed), **({"hooks": met} if met else {})}

    async def hooks(self, _: Request) -> Any:
        """Where messages about changes go."""
        return {"hooks": self.sender.told()}

    async def set_hook(self, request: Request) -> Any:
        """Tell of changes from now on, in place of where this provider told before."""
        hook = await _body(request, Hook)
        self.sender.hooks[hook.provider] = hook
        return await self.hooks(request)

    async def clear_hooks(self, _: Request) -> Any:
        """Nothing is told any more."""
        cleared = len(self.sender.hooks)
        self.sender.hooks.clear()
        return {"cleared": cleared}

    async def send_hook(self, request: Request) -> Any:
        """Messages on demand, wrong ones too."""
        try:
            wanted = await _body(request, Sending)
            provider = self.world.providers.get(wanted.provider)
            if provider is None or not provider.companies:
                raise _Wrong(f"provider is one of {', '.join(self.world.providers)}")
            return {"hooks": await self.sender.send(wanted, provider.companies[0].tenant)}
        except ValueError as error:
            raise _Wrong(f"{error}; acts: {', '.join(ACTS)}") from error

    async def quirks(self, _: Request) -> Any:
        """What can be switched, and what is on."""
        return {
            slug: {
                "known": {str(number): what for number, what in provider.quirks.known.items()},
                "on": sorted(provider.quirks.on),
                "always": sorted(provider.quirks.always),
            }
            for slug, provider in self.world.providers.items()
        }

    async def switch_quirk(self, request: Request) -> Any:
        """Switch an oddity on or off at the provider that has it."""
        wanted = await _body(request, _Quirk)
        refusals: list[str] = []
        for slug, provider in self.world.providers.items():
            if wanted.provider in {None, slug}:
                try:
                    provider.quirks.switch(wanted.number, on=wanted.on)
                except QuirkUnknown as unknown:
                    refusals.append(f"{slug}: {unknown}")
                else:
                    return {"number": wanted.number, "on": wanted.on}
        raise _Wrong("; ".join(refusals) or f"provider is one of {', '.join(self.world.providers)}")

    async def clock(self, _: Request) -> Any:
        """The sandbox's present."""
        return {"now": self.world.clock.now(), "offset": self.world.clock.offset_s}

    async def advance(self, request: Request) -> Any:
        """Let time pass; it never goes back."""
        self.world.clock.advance((await _body(request, _Clock)).advance)
        self.world.save()
        return await self.clock(request)

    async def requests(self, _: Request) -> Any:
        """The last ten thousand requests to the providers, oldest first."""
        return {"requests": [attrs.asdict(asked) for asked in self.world.log.asked]}


async def _body(request: Request, kind: type[T]) -> T:
    try:
        values = msgspec.json.decode(await request.body(), type=dict[str, Any])
        unknown = values.keys() - {each.name for each in attrs.fields(kind)}
        if unknown:
            raise _Wrong(f"unknown: {', '.join(sorted(unknown))}")
        return msgspec.convert(values, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _Wrong(str(error)) from error
