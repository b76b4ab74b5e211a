"""Each provider's lists by its own names: what clients want of them, read from its stand-in."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import frozen
from tests.connectors.through_the_engine import ReadBooks, reading

from tallystick.application import Application
from tallystick.config import ProviderSettings
from tallystick.connectors import SourceUnknown
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.engine import SyncFinished
from tallystick.engine.custom_config import CustomConfig, faults_of, write_type
from tallystick.engine.remap_figures import RemapFinished
from tallystick.engine.supplemental_config import SUPPLEMENTED, SourceConfig, check_config, write_config
from tallystick.standard import DataType
from tallystick.store import Store, control, custom_types, datasets
from tallystick.store import connections as connection_rows
from tallystick.store.records import TYPE_CODES


@frozen(kw_only=True)
class Wish:
    """What is asked of one provider."""

    data_type: DataType
    source: str
    name: str  #: where the company's name stands in a row
    number: str  #: and where an amount or a number does
    custom: CustomConfig
    counted: DataType  #: whose count the sandbox tells: of so many rows the custom list is


WISHES: Mapping[str, Wish] = {
    "xero": Wish(
        data_type="invoices",
        source="/Invoices",
        name="Contact.Name",
        number="$.LineItems[0].UnitAmount",
        custom=CustomConfig(
            data_source="/Items",
            required_data={"name": "$.Name", "price": "$.SalesDetails.UnitPrice"},
            key_by=["$.ItemID"],
            source_modified_date=["$.UpdatedDateUTC"],
        ),
        counted="items",
    ),
    "quickbooks": Wish(
        data_type="invoices",
        source="/Invoice",
        name="CustomerRef.name",
        number="Line[0].Amount",
        custom=CustomConfig(
            data_source="/Vendor",
            required_data={"name": "$.DisplayName", "address": "$.BillAddr"},
            key_by=["$.Id"],
            source_modified_date=["$.MetaData.LastUpdatedTime"],
        ),
        counted="suppliers",
    ),
    "sage": Wish(
        data_type="invoices",
        source="/sales_invoices",
        name="contact_name",
        number="$.total_amount",
        custom=CustomConfig(
            data_source="/contacts",
            required_data={"name": "name", "types": "contact_types[*].id"},
            key_by=["id"],
        ),
        counted="customers",
    ),
    "freeagent": Wish(
        data_type="invoices",
        source="/invoices",
        name="reference",
        number="total_value",
        custom=CustomConfig(
            data_source="/contacts",
            required_data={"name": "organisation_name"},
            key_by=["url"],
        ),
        counted="customers",
    ),
}


@pytest.mark.parametrize("slug", WISHES)
async def test_a_provider_gives_what_is_wanted_beside_and_beyond_the_standard(
    slug: str, tmp_path: Path
) -> None:
    """A path into its rows, laid after they were read; and a list of its own, read whole."""
    wish = WISHES[slug]
    async with reading(tmp_path, [slug], companies=1, records=30) as (application, (books,)):
        client_id = await client_of(application, books)
        connector = application.engine.connectors[slug]
        async with application.stores.client(client_id) as store:
            wanted = {
                "own": SourceConfig(data_source=wish.source, pull_data={"name": wish.name, "n": wish.number})
            }
            assert check_config(connector, wish.data_type, wanted) == []
            over = heard(application, RemapFinished)
            await write_config(
                application.stores,
                application.engine.remaps,
                application.engine.schedule,
                client_id=client_id,
                connector=connector,
                data_type=wish.data_type,
                configs=wanted,
            )
            with trio.fail_after(20):
                await over.wait()
            added = [
                record["supplementalData"]["content"]["own"] for record in await bodies(store, wish.data_type)
            ]
            assert len(added) >= 20
            found = [each for each in added if each["name"] is not None]
            assert len(found) > len(added) / 2
            assert all(isinstance(each["n"], Decimal | str) for each in found if each["n"] is not None)
            assert any(each["n"] is not None for each in found)

            assert faults_of(wish.custom, connector.lists) == []
            await write_type(store, slug, "own", wish.custom)
            syncs: list[SyncFinished] = []  # one of before may still be looking over its books
            application.telemetry.listen(SyncFinished, syncs.append)
            (dataset,) = await application.engine.sync(
                client_id, books.company.connection_id, [custom_types.as_data_type("own")], "test"
            )
            with trio.fail_after(20):
                while dataset.sync_id not in {each.sync_id for each in syncs}:
                    await trio.sleep(0.01)
            ended = await store.read(datasets.find, dataset.id)
            assert ended is not None
            assert (ended.status, ended.error_message) == ("Complete", None)
            row = await store.read(connection_rows.find, books.company.connection_id)
            assert row is not None
            total, some = await store.read(custom_types.page, row.number, "own", limit=5000, offset=0)
            assert total >= books.truth["counts"][wish.counted] > 0
            contents = [json.loads(each)["content"] for each in some]
            assert any(each["name"] for each in contents)


async def client_of(application: Application, books: ReadBooks) -> str:
    row = await application.stores.control.read(control.find_in_directory, books.company.connection_id)
    assert row is not None
    return row.client_id


def heard(application: Application, kind: type) -> trio.Event:
    event = trio.Event()
    application.telemetry.listen(kind, lambda _: event.set())
    return event


async def bodies(store: Store, data_type: DataType) -> list[dict[str, Any]]:
    rows = await store.read(
        lambda c: c.execute(
            "select body from records where data_type = ?", (TYPE_CODES[data_type],)
        ).fetchall()
    )
    return [json.loads(body, parse_float=Decimal, parse_int=Decimal) for (body,) in rows]


@pytest.mark.parametrize("slug", sorted(MANIFESTS))
def test_every_data_type_that_may_be_supplemented_has_its_lists(slug: str) -> None:
    """A configuration with the list that the provider's own documents name is taken, and no other."""
    connector = CONNECTORS[slug](ProviderSettings(client_id="x"))
    for data_type in SUPPLEMENTED:
        resources = [r for r in connector.manifest.resources if data_type in r.data_types]
        for source in (each for resource in resources for each in connector.lists.of(resource)):
            connector.lists.check(source)
            config = {"a": SourceConfig(data_source=source, pull_data={"b": "c"})}
            assert check_config(connector, data_type, config) == [], (data_type, source)
        assert check_config(connector, data_type, {"a": SourceConfig(data_source="/Elsewhere")})


@pytest.mark.parametrize("slug", sorted(MANIFESTS))
@pytest.mark.parametrize(
    "source",
    [
        "",
        "/",
        "//evil.example/x",
        "https://evil.example",
        "../connections",
        "Invoices/../../x",
        "Invoices?where=1",
        "Invoices%2F..",
        "Invoices#x",
        "Invoices x",
        "Invoices\n",
        "Invoicés",
        "a" * 200,
        "Invoice WHERE 1",
        "Invoices/1/2/3",
    ],
)
async def test_a_name_that_could_lead_elsewhere_is_never_asked_for(slug: str, source: str) -> None:
    connector = CONNECTORS[slug](ProviderSettings(client_id="x"))

    class Nobody:
        async def get(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("it was asked")

    with pytest.raises(SourceUnknown):
        connector.lists.check(source)
    with pytest.raises(SourceUnknown):
        await connector.lists.page(Nobody(), source, None)
