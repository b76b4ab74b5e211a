"""The stand-in for FreeAgent: its consent page, tokens and accounting API.

It knows FreeAgent from the provider's documents and imports nothing of the connector beside it, whose
witness it is.
"""

from collections.abc import Callable
from typing import Final

from tallystick.connectors.freeagent.sandbox.company import FreeAgentCompany, made_up
from tallystick.connectors.freeagent.sandbox.identity import RULES, Identity
from tallystick.connectors.freeagent.sandbox.routes import FreeAgentSandbox, make_quirks
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.endpoints import Endpoints
from tallystick.connectors.sandbox.grants import Authority, app_for
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.limits import Allowance, Meter, allowance
from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.connectors.sandbox.state_file import SavedState

__all__ = ["ENDPOINTS", "make"]

ENDPOINTS: Final = Endpoints(
    authorize_url="/freeagent/v2/approve_app",
    token_url="/freeagent/v2/token_endpoint",  # noqa: S106 - a path
    revoke_url="",  # it has none
    connections_url="/freeagent/v2/company",
    api_url="/freeagent/v2",
)
#: What FreeAgent allows, but for 3,600 calls an hour: the meter knows no hours. Source: providers.md §2.5.
REAL: Final = Allowance(minute=120)


def make(
    settings: SandboxSettings, clock: Clock, state: SavedState, numbers: range, save: Callable[[], None]
) -> FreeAgentSandbox:
    """The provider with its companies, one for each number."""
    companies = [_company(settings, state, number) for number in numbers]
    authority = Authority(app=app_for(settings.seed, "freeagent"), rules=RULES, clock=clock)
    identity = Identity(authority=authority, companies=companies, save=save)
    return FreeAgentSandbox(
        companies=companies,
        identity=identity,
        meter=Meter(allowance(settings.limits, REAL), clock),
        quirks=make_quirks(),
        clock=clock,
        save=save,
    )


def _company(settings: SandboxSettings, state: SavedState, number: int) -> FreeAgentCompany:
    books = write_books(seed=settings.seed, number=number, records=settings.records, now=state.written_at)
    return made_up(books, seed=settings.seed, today=state.written_at.date())
