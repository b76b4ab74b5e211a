"""QuickBooks Online, complete: its parts under one roof, made of an app's registration."""

from typing import Final

import httpx
from attrs import evolve, field, frozen

from tallystick.config import ProviderSettings
from tallystick.connectors.contract import Connector, Hooks, Manifest, Pace
from tallystick.connectors.quickbooks import faults
from tallystick.connectors.quickbooks.auth import API_URL, QuickBooksAuth
from tallystick.connectors.quickbooks.client import QuickBooksClient
from tallystick.connectors.quickbooks.custom import QuickBooksLists
from tallystick.connectors.quickbooks.hooks import QuickBooksHooks
from tallystick.connectors.quickbooks.manifest import MANIFEST, NO_LIMITS
from tallystick.connectors.quickbooks.mapping import VERSION, QuickBooksMapper
from tallystick.connectors.quickbooks.queries import PAGE_SIZE

#: Below the API's own address: whose books are meant is a part of the path, not a header.
_COMPANY: Final = "/v3/company/{tenant}"


@frozen(kw_only=True)
class QuickBooksConnector:
    """`contract.Connector` for QuickBooks Online."""

    manifest: Manifest
    auth: QuickBooksAuth
    client: QuickBooksClient
    mapper: QuickBooksMapper = field(factory=QuickBooksMapper)
    hooks: Hooks = field(factory=QuickBooksHooks)
    lists: QuickBooksLists = field(factory=QuickBooksLists)
    mapping_version: int = VERSION
    api_url: str = API_URL + _COMPANY  #: `{tenant}` stands for the company's id

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:  # noqa: ARG002 - it is in the path
        """What every call carries. Without `Accept`, QuickBooks answers in XML."""
        return {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        """See `faults.FAULTS`."""
        return faults.fault(response, resource)

    def paces(self, response: httpx.Response) -> Pace:
        """See `faults.paces`."""
        return faults.paces(response)


def quickbooks(settings: ProviderSettings) -> Connector:
    """The connector for an app's registration."""
    return QuickBooksConnector(
        manifest=MANIFEST if settings.limits == "real" else evolve(MANIFEST, limits=NO_LIMITS),
        auth=QuickBooksAuth.of(settings),
        client=QuickBooksClient(page_size=min(settings.page_size or PAGE_SIZE, PAGE_SIZE)),
        api_url=(settings.api_url or API_URL).rstrip("/") + _COMPANY,
    )
