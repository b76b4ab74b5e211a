"""Trouble on demand: what `POST /_control/faults` asks for, and which request it hits.

Source: design.md §6, Control.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol, get_args

from attrs import define, field, validators
from starlette.requests import Request
from starlette.responses import Response

from tallystick.connectors.sandbox.limits import Refusal

FaultKind = Literal[
    "http_500",
    "http_503",
    "http_429",
    "timeout",
    "malformed",
    "truncated",
    "expired_token",
    "revoked",
    "slow",
    "missing_field",
    "html",
    "empty_list",
]
KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
#: How long these last when nothing else is said, in seconds; for `http_429` it is the `Retry-After`.
SECONDS: Final = {"timeout": 30.0, "slow": 2.0, "http_429": 1.0}
#: The answers that the provider says in its own way.
PROVIDERS_OWN: Final = frozenset({"http_500", "http_503", "http_429", "expired_token", "revoked"})


@define(kw_only=True)
class Fault:
    """One fault that is waiting for its requests."""

    provider: str
    kind: FaultKind = field(validator=validators.in_(KINDS))
    count: int = field(default=1, validator=validators.ge(1))  #: requests still to be hit
    path: str | None = None  #: a part of the path, in any case; None for every read of books
    tenant: str | None = None  #: None for any
    seconds: float | None = field(
        default=None, validator=validators.optional(validators.and_(validators.ge(0), validators.le(3600)))
    )
    name: str | None = None  #: of `missing_field`: which field; None for the record's id

    @property
    def lasts_s(self) -> float:
        """Seconds that it holds, or asks to wait."""
        return SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds

    def hits(self, provider: str, path: str, tenant: str | None, *, reads: bool) -> bool:
        """Whether a request is meant. `reads`: it reads books, rather than tokens or connections."""
        if provider != self.provider or (self.tenant is not None and tenant != self.tenant):
            return False
        if self.path is not None:
            return self.path.lower() in path.lower()
        return reads or self.kind == "revoked"


@define
class Faults:
    """The faults that wait, in the order in which they came."""

    waiting: list[Fault] = field(factory=list)

    def take(self, provider: str, path: str, tenant: str | None, *, reads: bool) -> Fault | None:
        """The first fault that is meant for this request; it is used up by it."""
        for fault in self.waiting:
            if fault.hits(provider, path, tenant, reads=reads):
                if fault.count == 1:
                    self.waiting.remove(fault)
                else:
                    fault.count -= 1
                return fault
        return None


def _malformed() -> Response:
    return Response(b'{"Status": "OK", "Invoices": [{"InvoiceID": }], oops', media_type="application/json")


def _html() -> Response:
    page = b"<!doctype html><title>Scheduled maintenance</title><h1>We will be back soon</h1>"
    return Response(page, media_type="text/html")


#: The answers that are the same at every provider.
SAME_EVERYWHERE: Final[dict[str, Callable[[], Response]]] = {"malformed": _malformed, "html": _html}


class OwnAnswers(Protocol):
    """A provider's own answers to faults, where its 401 is always the same: its `answers` module is one."""

    def too_many(self, refusal: Refusal) -> Response:
        """To a call too many."""

    def unauthorised(self) -> Response:
        """401."""

    def server_error(self) -> Response:
        """500."""

    def unavailable(self) -> Response:
        """503."""


async def own_answer(
    fault: Fault, request: Request, own: OwnAnswers, revoked: Callable[[Request], Awaitable[Response]]
) -> Response:
    """The answer of a fault of `PROVIDERS_OWN`; `revoked` ends the caller's grant too."""
    match fault.kind:
        case "http_429":
            return own.too_many(Refusal("minute", max(0, round(fault.lasts_s))))
        case "http_503":
            return own.unavailable()
        case "expired_token":
            return own.unauthorised()
        case "revoked":
            return await revoked(request)
        case _:
            return own.server_error()
