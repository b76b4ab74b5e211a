"""What each provider's folder gives to the sandbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from tallystick.connectors.sandbox.change import Changed
from tallystick.connectors.sandbox.faults import Fault
from tallystick.connectors.sandbox.grants import App
from tallystick.connectors.sandbox.limits import Meter, Refusal, Scope
from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.sandbox.truth import Truth


class Company(Protocol):
    """A company whose books can be read at a provider."""

    @property
    def tenant(self) -> str:
        """The provider's id of it."""

    @property
    def name(self) -> str:
        """As the consent page shows it."""

    def truth(self) -> Truth:
        """What its books hold now."""

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; `number` is the change's place in the history. Raises: `ChangeRefused`."""


class ProviderSandbox(Protocol):
    """One provider's stand-in, served under its slug."""

    slug: str
    app: App
    companies: Sequence[Company]
    meter: Meter
    quirks: Quirks
    resources: Sequence[str]  #: the provider's own, in lower case

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths, below the prefix."""

    def resource(self, path: str) -> str:
        """Which of its resources a path reads; the last word of the path for anything else."""

    def reads(self, path: str) -> bool:
        """Whether a path reads books, and so counts against the limits."""

    def tenant(self, request: Request) -> str | None:
        """Whose books a request is for."""

    def limit_headers(self, left: dict[Scope, int]) -> dict[str, str]:
        """How an answer tells what is left of the limits."""

    def too_many(self, refusal: Refusal) -> Response:
        """The answer to a call too many."""

    async def fault(self, fault: Fault, request: Request) -> Response:
        """The answer of a fault that the provider says in its own way."""

    def saved(self) -> Any:
        """Its grants, as plain values for the state file."""

    def restore(self, saved: Any) -> None:
        """Take grants that were saved."""


def resource_below(api: str, path: str) -> str:
    """The first word below the API's path; of a path that is not below it, the last word."""
    if f"{api}/" in path:
        return path.partition(f"{api}/")[2].partition("/")[0]
    return path.strip("/").rpartition("/")[2]
