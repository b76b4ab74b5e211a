"""The stand-in for QuickBooks Online: its consent page, tokens, queries, changes and reports.

It knows QuickBooks from the provider's documents and imports nothing of the connector beside it, whose
witness it is.
"""

from collections.abc import Callable
from typing import Final

from tallystick.connectors.quickbooks.sandbox.company import made_up
from tallystick.connectors.quickbooks.sandbox.identity import RULES, Identity
from tallystick.connectors.quickbooks.sandbox.routes import QuickBooksSandbox, make_quirks
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.endpoints import Endpoints
from tallystick.connectors.sandbox.grants import Authority, app_for
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.limits import Allowance, Meter, allowance
from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.connectors.sandbox.state_file import SavedState

__all__ = ["ENDPOINTS", "make"]

ENDPOINTS: Final = Endpoints(
    authorize_url="/quickbooks/connect/oauth2",
    token_url="/quickbooks/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
    revoke_url="/quickbooks/v2/oauth2/tokens/revoke",
    connections_url="",  # it has none: the redirect names the company
    api_url="/quickbooks",
)
#: What QuickBooks allows. Source: providers.md §3.1.
REAL = Allowance(minute=500, in_flight=10)


def make(
    settings: SandboxSettings, clock: Clock, state: SavedState, numbers: range, save: Callable[[], None]
) -> QuickBooksSandbox:
    """The provider with its companies, one for each number. Recorded answers are not replayed."""
    companies = [
        made_up(
            write_books(seed=settings.seed, number=number, records=settings.records, now=state.written_at),
            seed=settings.seed,
        )
        for number in numbers
    ]
    authority = Authority(app=app_for(settings.seed, "quickbooks"), rules=RULES, clock=clock)
    return QuickBooksSandbox(
        companies=companies,
        identity=Identity(authority=authority, companies=companies, clock=clock, save=save),
        meter=Meter(allowance(settings.limits, REAL), clock),
        quirks=make_quirks(),
        clock=clock,
        save=save,
    )
