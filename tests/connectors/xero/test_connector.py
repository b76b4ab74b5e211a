"""Xero as a whole, as the registry gives it."""

from tallystick.config import ProviderSettings
from tallystick.connectors import Connector
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.connectors.xero import XeroConnector
from tallystick.connectors.xero.client import LISTINGS
from tallystick.connectors.xero.envelope import IDS
from tallystick.connectors.xero.mapping import WAYS
from tallystick.standard import RECORD_CLASSES


def test_the_registry_makes_xero_of_an_apps_registration() -> None:
    settings = ProviderSettings(client_id="app", api_url="http://127.0.0.1:9/api.xro/2.0/", page_size=7)
    connector: Connector = CONNECTORS["xero"](settings)

    assert isinstance(connector, XeroConnector)
    assert connector.manifest == MANIFESTS["xero"]
    assert connector.api_url == "http://127.0.0.1:9/api.xro/2.0"
    assert connector.client.page_size == 7
    assert connector.headers("token", "tenant") == {
        "Authorization": "Bearer token",
        "xero-tenant-id": "tenant",
        "Accept": "application/json",
    }


def test_a_sandbox_without_limits_is_not_paced() -> None:
    connector = CONNECTORS["xero"](ProviderSettings(client_id="app", limits="off"))
    assert connector.manifest.limits.calls_a_minute is None
    assert MANIFESTS["xero"].limits.calls_a_minute == 60


def test_every_list_of_the_manifest_can_be_asked_for_and_read() -> None:
    names = [resource.name for resource in MANIFESTS["xero"].resources]
    assert set(names) == set(LISTINGS) == set(WAYS) == set(IDS)
    for place, resource in enumerate(MANIFESTS["xero"].resources):
        assert set(resource.after) <= set(names[:place]), "what it needs is read before"
        assert set(resource.data_types) <= set(RECORD_CLASSES)
