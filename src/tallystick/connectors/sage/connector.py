"""Sage, complete: its parts under one roof, made of an app's registration."""

from typing import Final

import httpx
from attrs import evolve, field, frozen

from tallystick.config import ProviderSettings
from tallystick.connectors.contract import Connector, Hooks, Manifest, Pace
from tallystick.connectors.sage import faults
from tallystick.connectors.sage.auth import SageAuth
from tallystick.connectors.sage.client import PAGE_SIZE, SageClient
from tallystick.connectors.sage.custom import SageLists
from tallystick.connectors.sage.manifest import MANIFEST, NO_LIMITS
from tallystick.connectors.sage.mapping import VERSION, SageMapper

API_URL: Final = "https://api.accounting.sage.com/v3.1"


@frozen(kw_only=True)
class SageConnector:
    """`contract.Connector` for Sage."""

    manifest: Manifest
    auth: SageAuth
    client: SageClient
    mapper: SageMapper = field(factory=SageMapper)
    hooks: Hooks | None = None
    lists: SageLists = field(factory=SageLists)
    mapping_version: int = VERSION
    api_url: str = API_URL

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:
        """What every call carries. Without `X-Business` the user's lead business answers: it may change."""
        return {
            "Authorization": f"Bearer {access_token}",
            "X-Business": tenant_id,
            "Accept": "application/json",
        }

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        """See `faults.FAULTS`."""
        return faults.fault(response, resource)

    def paces(self, response: httpx.Response) -> Pace:
        """See `faults.paces`."""
        return faults.paces(response)


def sage(settings: ProviderSettings) -> Connector:
    """The connector for an app's registration."""
    return SageConnector(
        manifest=MANIFEST if settings.limits == "real" else evolve(MANIFEST, limits=NO_LIMITS),
        auth=SageAuth.of(settings),
        client=SageClient(page_size=min(settings.page_size or PAGE_SIZE, PAGE_SIZE)),
        api_url=(settings.api_url or API_URL).rstrip("/"),
    )
