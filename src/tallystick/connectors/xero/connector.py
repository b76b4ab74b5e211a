"""Xero, complete: its parts under one roof, made of an app's registration."""

from typing import Final

import httpx
from attrs import evolve, field, frozen

from tallystick.config import ProviderSettings
from tallystick.connectors.contract import Connector, Hooks, Manifest, Pace
from tallystick.connectors.xero import faults
from tallystick.connectors.xero.auth import XeroAuth
from tallystick.connectors.xero.client import PAGE_SIZE, XeroClient
from tallystick.connectors.xero.custom import XeroLists
from tallystick.connectors.xero.hooks import XeroHooks
from tallystick.connectors.xero.manifest import NO_LIMITS, manifest
from tallystick.connectors.xero.mapping import VERSION, XeroMapper

API_URL: Final = "https://api.xero.com/api.xro/2.0"


@frozen(kw_only=True)
class XeroConnector:
    """`contract.Connector` for Xero."""

    manifest: Manifest
    auth: XeroAuth
    client: XeroClient
    mapper: XeroMapper = field(factory=XeroMapper)
    hooks: Hooks = field(factory=XeroHooks)
    lists: XeroLists = field(factory=XeroLists)
    mapping_version: int = VERSION
    api_url: str = API_URL

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:
        """What every call carries. Without `Accept`, Xero answers in XML."""
        return {
            "Authorization": f"Bearer {access_token}",
            "xero-tenant-id": tenant_id,
            "Accept": "application/json",
        }

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        """See `faults.FAULTS`."""
        return faults.fault(response, resource)

    def paces(self, response: httpx.Response) -> Pace:
        """See `faults.paces`."""
        return faults.paces(response)


def xero(settings: ProviderSettings) -> Connector:
    """The connector for an app's registration: it reads what the app's scopes open."""
    told = manifest(settings.scopes or ())
    return XeroConnector(
        manifest=told if settings.limits == "real" else evolve(told, limits=NO_LIMITS),
        auth=XeroAuth.of(settings),
        client=XeroClient(page_size=settings.page_size or PAGE_SIZE),
        api_url=(settings.api_url or API_URL).rstrip("/"),
    )
