"""QuickBooks as a whole, as the registry gives it."""

from tallystick.config import ProviderSettings
from tallystick.connectors import Connector
from tallystick.connectors.quickbooks import QuickBooksConnector
from tallystick.connectors.quickbooks.mapping import WAYS
from tallystick.connectors.quickbooks.queries import LISTINGS, entities_of
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.standard import RECORD_CLASSES

MANIFEST = MANIFESTS["quickbooks"]


def test_the_registry_makes_quickbooks_of_an_apps_registration() -> None:
    settings = ProviderSettings(client_id="app", api_url="http://127.0.0.1:9/", page_size=7)
    connector: Connector = CONNECTORS["quickbooks"](settings)

    assert isinstance(connector, QuickBooksConnector)
    assert connector.manifest == MANIFEST
    assert connector.api_url == "http://127.0.0.1:9/v3/company/{tenant}"
    assert connector.client.page_size == 7
    assert connector.headers("token", "1") == {"Authorization": "Bearer token", "Accept": "application/json"}


def test_no_page_is_asked_for_that_is_larger_than_quickbooks_gives() -> None:
    connector = CONNECTORS["quickbooks"](ProviderSettings(client_id="app", page_size=5000))
    assert isinstance(connector, QuickBooksConnector)
    assert connector.client.page_size == 1000
    assert connector.api_url == "https://quickbooks.api.intuit.com/v3/company/{tenant}"


def test_a_sandbox_without_limits_is_not_paced() -> None:
    connector = CONNECTORS["quickbooks"](ProviderSettings(client_id="app", limits="off"))
    assert connector.manifest.limits.calls_a_minute is None
    assert MANIFEST.limits.calls_a_minute == 500
    assert MANIFEST.limits.calls_in_flight == 10


def test_every_list_of_the_manifest_can_be_asked_for_and_read() -> None:
    names = [resource.name for resource in MANIFEST.resources]
    assert set(names) == set(LISTINGS) == set(WAYS)
    given = [data_type for resource in MANIFEST.resources for data_type in resource.data_types]
    assert len(given) == len(set(given)), (
        "a data type is of one resource alone: else each would delete the other's"
    )
    for place, resource in enumerate(MANIFEST.resources):
        assert set(resource.after) <= set(names[:place]), "what it needs is read before"
        assert set(resource.data_types) <= set(RECORD_CLASSES)
        assert set(WAYS[resource.name]) - {"JournalReport"} <= set(entities_of(resource.name))
