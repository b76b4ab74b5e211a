"""FreeAgent, complete: its parts under one roof, made of an app's registration."""

from typing import Final

import httpx
from attrs import evolve, field, frozen

from tallystick.config import ProviderSettings
from tallystick.connectors.contract import Connector, Hooks, Manifest, Pace
from tallystick.connectors.freeagent import faults
from tallystick.connectors.freeagent.auth import FreeAgentAuth
from tallystick.connectors.freeagent.client import PAGE_SIZE, FreeAgentClient
from tallystick.connectors.freeagent.custom import FreeAgentLists
from tallystick.connectors.freeagent.manifest import MANIFEST, NO_LIMITS
from tallystick.connectors.freeagent.mapping import VERSION, FreeAgentMapper

API_URL: Final = "https://api.freeagent.com/v2"


@frozen(kw_only=True)
class FreeAgentConnector:
    """`contract.Connector` for FreeAgent."""

    manifest: Manifest
    auth: FreeAgentAuth
    client: FreeAgentClient
    mapper: FreeAgentMapper = field(factory=FreeAgentMapper)
    hooks: Hooks | None = None  #: FreeAgent sends none
    lists: FreeAgentLists = field(factory=FreeAgentLists)
    mapping_version: int = VERSION
    api_url: str = API_URL

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:
        """What every call carries. A token opens one company, so that nothing has to name it."""
        del tenant_id
        return {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        """See `faults.FAULTS`."""
        return faults.fault(response, resource)

    def paces(self, response: httpx.Response) -> Pace:
        """See `faults.paces`."""
        return faults.paces(response)


def freeagent(settings: ProviderSettings) -> Connector:
    """The connector for an app's registration."""
    return FreeAgentConnector(
        manifest=MANIFEST if settings.limits == "real" else evolve(MANIFEST, limits=NO_LIMITS),
        auth=FreeAgentAuth.of(settings),
        client=FreeAgentClient(page_size=min(settings.page_size or PAGE_SIZE, PAGE_SIZE)),
        api_url=(settings.api_url or API_URL).rstrip("/"),
    )
