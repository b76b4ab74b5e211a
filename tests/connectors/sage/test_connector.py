"""Sage as a whole, as the registry gives it."""

from tallystick.config import ProviderSettings
from tallystick.connectors import Connector
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.connectors.sage import SageConnector
from tallystick.connectors.sage.listings import LISTINGS
from tallystick.connectors.sage.mapping import WAYS
from tallystick.standard import RECORD_CLASSES


def test_the_registry_makes_sage_of_an_apps_registration() -> None:
    settings = ProviderSettings(client_id="app", api_url="http://127.0.0.1:9/v3.1/", page_size=7)
    connector: Connector = CONNECTORS["sage"](settings)

    assert isinstance(connector, SageConnector)
    assert connector.manifest == MANIFESTS["sage"]
    assert connector.api_url == "http://127.0.0.1:9/v3.1"
    assert connector.client.page_size == 7
    assert connector.headers("token", "tenant") == {
        "Authorization": "Bearer token",
        "X-Business": "tenant",
        "Accept": "application/json",
    }


def test_no_more_is_asked_for_than_sage_gives() -> None:
    connector = CONNECTORS["sage"](ProviderSettings(client_id="app", page_size=1000))
    assert isinstance(connector, SageConnector)
    assert connector.client.page_size == 200


def test_a_sandbox_without_limits_is_not_paced() -> None:
    connector = CONNECTORS["sage"](ProviderSettings(client_id="app", limits="off"))
    assert connector.manifest.limits.calls_a_minute is None
    assert MANIFESTS["sage"].limits.calls_a_minute == 100


def test_every_list_of_the_manifest_can_be_asked_for_and_read() -> None:
    names = [resource.name for resource in MANIFESTS["sage"].resources]
    assert set(names) == set(LISTINGS)
    assert {listing.path for listings in LISTINGS.values() for listing in listings} == set(WAYS)
    for place, resource in enumerate(MANIFESTS["sage"].resources):
        assert set(resource.after) <= set(names[:place]), "what it needs is read before"
        assert set(resource.data_types) <= set(RECORD_CLASSES)


def test_a_data_type_comes_from_one_resource_only() -> None:
    """Else each of two would take what it does not meet of the other's for deleted."""
    given = [name for resource in MANIFESTS["sage"].resources for name in resource.data_types]
    assert len(given) == len(set(given))


def test_a_resource_that_is_read_by_its_changes_has_lists_that_tell_them_or_have_a_row_or_two() -> None:
    for resource in MANIFESTS["sage"].resources:
        for listing in LISTINGS[resource.name]:
            told = listing.changes or listing.path == "opening_balance_journals"
            assert told or not resource.incremental, listing.path
