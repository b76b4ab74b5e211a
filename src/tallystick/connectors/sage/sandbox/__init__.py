"""The stand-in for Sage: its consent page, tokens, businesses and accounting API.

It knows Sage from the provider's documents and imports nothing of the connector beside it, whose
witness it is.
"""

import random
from collections.abc import Callable
from typing import Final

from tallystick.connectors.sage.sandbox.company import SageCompany, made_up, recorded
from tallystick.connectors.sage.sandbox.identity import RULES, Identity
from tallystick.connectors.sage.sandbox.routes import SageSandbox, make_quirks
from tallystick.connectors.sandbox.bookkeeper import random_id
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.endpoints import Endpoints
from tallystick.connectors.sandbox.grants import Authority, app_for
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.limits import Allowance, Meter, allowance
from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.connectors.sandbox.state_file import SavedState

__all__ = ["ENDPOINTS", "make"]

ENDPOINTS: Final = Endpoints(
    authorize_url="/sage/oauth2/auth/central",
    token_url="/sage/token",  # noqa: S106 - a path
    revoke_url="/sage/revoke",
    connections_url="/sage/v3.1/businesses",
    api_url="/sage/v3.1",
)
#: What Sage is said to allow: it publishes no number for version 3.1. Source: providers.md §3.1.
REAL: Final = Allowance(minute=100, day=2500)


def make(
    settings: SandboxSettings, clock: Clock, state: SavedState, numbers: range, save: Callable[[], None]
) -> SageSandbox:
    """The provider with its companies, one for each number. Raises: `ConfigurationInvalid`."""
    companies = [_company(settings, state, number) for number in numbers]
    if settings.replay is not None:
        tenant = random_id(random.Random("tallystick:sage:replay"))  # noqa: S311 - always the same
        companies.append(recorded(settings.replay, tenant=tenant, seed=settings.seed))
    authority = Authority(app=app_for(settings.seed, "sage"), rules=RULES, clock=clock)
    identity = Identity(authority=authority, companies=companies, save=save)
    return SageSandbox(
        companies=companies,
        identity=identity,
        meter=Meter(allowance(settings.limits, REAL), clock),
        quirks=make_quirks(),
        clock=clock,
        save=save,
    )


def _company(settings: SandboxSettings, state: SavedState, number: int) -> SageCompany:
    books = write_books(seed=settings.seed, number=number, records=settings.records, now=state.written_at)
    return made_up(books, seed=settings.seed)
