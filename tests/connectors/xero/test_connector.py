"""Xero as a whole, as the registry gives it."""

from tallystick.config import ProviderSettings
from tallystick.connectors import Connector
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.connectors.xero import XeroConnector
from tallystick.connectors.xero.envelope import IDS, lists_of
from tallystick.connectors.xero.listings import LISTINGS
from tallystick.connectors.xero.manifest import BROAD_SCOPES, JOURNALS_SCOPE, RESOURCES, SCOPES, readable
from tallystick.connectors.xero.mapping import SEVERAL, WAYS
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


def test_every_list_of_every_resource_can_be_asked_for_and_read() -> None:
    names = [resource.name for resource in RESOURCES]
    assert set(names) == set(WAYS) | set(SEVERAL)
    for place, resource in enumerate(RESOURCES):
        lists = lists_of(resource.name)
        assert set(lists) <= set(IDS)
        assert all((resource.name if name == "Reports" else name) in LISTINGS for name in lists)
        assert set(resource.after) <= set(names[:place]), "what it needs is read before"
        assert set(resource.data_types) <= set(RECORD_CLASSES)


def test_a_data_type_has_one_resource_whatever_the_scopes_are() -> None:
    """Else what the one list does not hold would count as gone by it."""
    for scopes in (SCOPES, BROAD_SCOPES, (*SCOPES, JOURNALS_SCOPE), (*BROAD_SCOPES, JOURNALS_SCOPE)):
        given = [data_type for resource in readable(scopes) for data_type in resource.data_types]
        assert len(given) == len(set(given))
        assert {"journals", "journalEntries", "profitAndLoss", "transfers"} <= set(given)


def test_all_journals_are_read_by_an_app_that_may_and_else_the_manual_ones() -> None:
    def names(*scopes: str) -> set[str]:
        connector = CONNECTORS["xero"](ProviderSettings(client_id="app", scopes=scopes or None))
        return {resource.name for resource in connector.manifest.resources}

    assert {"ManualJournals", "Journals"} & names() == {"ManualJournals"}
    assert {"ManualJournals", "Journals"} & names(*SCOPES, JOURNALS_SCOPE) == {"Journals"}


def test_what_an_apps_scopes_do_not_open_is_not_promised() -> None:
    """An app that asks for less gets fewer data types, and none that would fail each time."""
    narrow = ("offline_access", "accounting.settings.read", "accounting.contacts")
    connector = CONNECTORS["xero"](ProviderSettings(client_id="app", scopes=narrow, limits="off"))
    assert set(connector.manifest.data_types) == {
        "company", "chartOfAccounts", "bankAccounts", "taxRates", "trackingCategories", "items", "customers",
        "suppliers",
    }  # fmt: skip
    assert connector.manifest.scopes == narrow
    assert connector.manifest.limits.calls_a_minute is None
