"""The stand-in for Xero: its consent page, tokens, connections and accounting API.

It knows Xero from the provider's documents and imports nothing of the connector beside it, whose
witness it is.
"""

import random
from collections.abc import Callable
from typing import Final

from tallystick.connectors.sandbox.bookkeeper import random_id
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.endpoints import Endpoints
from tallystick.connectors.sandbox.grants import Authority, app_for
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.limits import Allowance, Meter, allowance
from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.connectors.sandbox.state_file import SavedState
from tallystick.connectors.xero.sandbox.company import XeroCompany, made_up
from tallystick.connectors.xero.sandbox.identity import RULES, Identity
from tallystick.connectors.xero.sandbox.replay import recorded_rows
from tallystick.connectors.xero.sandbox.routes import XeroSandbox, make_quirks

__all__ = ["ENDPOINTS", "make"]

ENDPOINTS: Final = Endpoints(
    authorize_url="/xero/identity/connect/authorize",
    token_url="/xero/connect/token",  # noqa: S106 - a path
    revoke_url="/xero/connect/revocation",
    connections_url="/xero/connections",
    api_url="/xero/api.xro/2.0",
)
#: What Xero allows. Source: providers.md §3.1.
REAL = Allowance(minute=60, day=5000, in_flight=5, app_minute=10_000)


def make(
    settings: SandboxSettings, clock: Clock, state: SavedState, numbers: range, save: Callable[[], None]
) -> XeroSandbox:
    """The provider with its companies, one for each number. Raises: `ConfigurationInvalid`."""
    companies = [_company(settings, state, number) for number in numbers]
    if settings.replay is not None:
        tenant = random_id(random.Random("tallystick:xero:replay"))  # noqa: S311 - always the same
        rows = recorded_rows(settings.replay)
        companies.append(XeroCompany(tenant=tenant, name="Recorded answers", rows=rows, seed=settings.seed))
    quirks = make_quirks()
    authority = Authority(app=app_for(settings.seed, "xero"), rules=RULES, clock=clock)
    identity = Identity(authority=authority, companies=companies, clock=clock, quirks=quirks, save=save)
    return XeroSandbox(
        companies=companies,
        identity=identity,
        meter=Meter(allowance(settings.limits, REAL), clock),
        quirks=quirks,
        clock=clock,
        save=save,
    )


def _company(settings: SandboxSettings, state: SavedState, number: int) -> XeroCompany:
    books = write_books(seed=settings.seed, number=number, records=settings.records, now=state.written_at)
    # The organisation's id and the tenant's are one and the same at Xero.
    return made_up(books, tenant=books.organisation.id, seed=settings.seed)
