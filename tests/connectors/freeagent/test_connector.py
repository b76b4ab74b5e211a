"""FreeAgent as a whole, as the registry gives it."""

from tallystick.config import ProviderSettings
from tallystick.connectors import Connector
from tallystick.connectors.freeagent import FreeAgentConnector
from tallystick.connectors.freeagent.listings import LISTINGS
from tallystick.connectors.freeagent.mapping import WAYS
from tallystick.connectors.registry import CONNECTORS, MANIFESTS


def test_the_registry_makes_freeagent_of_an_apps_registration() -> None:
    settings = ProviderSettings(client_id="app", api_url="http://127.0.0.1:9/v2/", page_size=7)
    connector: Connector = CONNECTORS["freeagent"](settings)

    assert isinstance(connector, FreeAgentConnector)
    assert connector.manifest == MANIFESTS["freeagent"]
    assert connector.api_url == "http://127.0.0.1:9/v2"
    assert connector.client.page_size == 7
    assert connector.hooks is None, "it sends none"
    assert connector.headers("token", "tenant") == {
        "Authorization": "Bearer token",
        "Accept": "application/json",
    }


def test_no_more_is_asked_for_than_freeagent_gives() -> None:
    connector = CONNECTORS["freeagent"](ProviderSettings(client_id="app", page_size=1000))
    assert isinstance(connector, FreeAgentConnector)
    assert connector.client.page_size == 100


def test_the_pace_keeps_the_limit_of_the_hour_too() -> None:
    limits = MANIFESTS["freeagent"].limits
    assert limits.calls_a_minute is not None
    assert limits.calls_a_minute <= 120
    assert limits.calls_a_minute * 60 <= 3600
    connector = CONNECTORS["freeagent"](ProviderSettings(client_id="app", limits="off"))
    assert connector.manifest.limits.calls_a_minute is None


def test_every_list_of_the_manifest_can_be_asked_for_and_read() -> None:
    assert {resource.name for resource in MANIFESTS["freeagent"].resources} == set(LISTINGS)
    assert {listing.name for listings in LISTINGS.values() for listing in listings} == set(WAYS)


def test_a_resource_that_is_read_by_its_changes_has_lists_that_tell_them() -> None:
    for resource in MANIFESTS["freeagent"].resources:
        for listing in LISTINGS[resource.name]:
            assert listing.changes or not resource.incremental, listing.name
