"""Sage's oddities, by their number in the list of quirks (providers §5), against its stand-in."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import httpx
import pytest
from tests.connectors.sage.conftest import Linked, ids_of, linked_to

from tallystick.connectors import LargeAnswers
from tallystick.connectors.budget import Budget
from tallystick.connectors.circuit import Circuit
from tallystick.connectors.transport import ProviderCalled, TenantCalls
from tallystick.errors import PermissionMissing, ProviderUnavailable
from tallystick.telemetry import Telemetry


def calls(
    sage: Linked,
    *,
    telemetry: Telemetry | None = None,
    token: Callable[[str | None], Awaitable[str]] | None = None,
) -> TenantCalls:
    """The engine's own way of calling, for the first business."""

    async def given(refused: str | None) -> str:
        return sage.tokens.access

    heard = telemetry or Telemetry()
    return TenantCalls(
        connector=sage.connector,
        tenant_id=sage.tenants[0],
        http=sage.http,
        budget=Budget("sage", sage.connector.manifest.limits, heard),
        circuit=Circuit("sage", heard),
        token=token or given,
        telemetry=heard,
        deadline_s=10,
        limit_bytes=1_000_000,
        large=LargeAnswers(),
        owner=object(),
    )


async def test_54_a_page_past_the_end_is_the_last_one_again_and_the_reading_stops_all_the_same() -> None:
    async with linked_to(records=50, page_size=20) as sage:
        params = {"items_per_page": "20", "page": "9"}
        told = (await sage.get("contacts", params=params)).json()
        assert told["$page"] == -(-told["$total"] // 20)
        assert told["$items"], "whoever reads until a page is empty never stops"

        pages = await sage.pages("contacts")
        ids = ids_of(pages)
        assert len(ids) == len(set(ids)) == told["$total"]


async def test_54_next_is_empty_too_early_and_the_total_tells_that_more_is_to_come() -> None:
    async with linked_to(records=50, page_size=7) as sage:
        await sage.control("quirks", number=54, on=True)
        told = (await sage.get("contacts")).json()
        assert told["$next"] is None

        assert len(ids_of(await sage.pages("contacts"))) == told["$total"] > 7


async def test_54_a_page_that_falls_off_the_end_while_a_list_shrinks_brings_no_row_twice() -> None:
    async with linked_to(records=50, page_size=5) as sage:
        pages = await sage.pages("items")
        last = f"products:{len(pages) * 5}:5:0"
        resource = sage.connector.manifest.resource("items")
        page = await sage.connector.client.page(sage, resource, since=None, at=last)
        assert list(page.records) == []
        assert page.total is not None
        assert page.total <= len(pages) * 5


async def test_55_decimals_come_as_texts_and_keep_their_digits() -> None:
    async with linked_to() as sage:
        theirs = {
            row["id"]: row["total_amount"] for row in await sage.rows("sales_invoices", attributes="all")
        }
        assert all(isinstance(amount, str) for amount in theirs.values())
        records, _ = await sage.records("sales")
        ours = {record.id: str(record.totalAmount) for record in records if record.id in theirs}
        assert ours == theirs


async def test_55_financial_settings_have_no_id_and_are_a_company_all_the_same() -> None:
    async with linked_to() as sage:
        settings = (await sage.get("financial_settings")).json()
        assert "id" not in settings
        (company,), issues = await sage.records("business")
        assert (company.baseCurrency, issues) == (settings["base_currency"]["id"], [])


async def test_55_every_list_is_asked_for_with_its_attributes() -> None:
    async with linked_to() as sage:
        for resource in sage.connector.manifest.resources:
            sage.asked.clear()
            await sage.pages(resource.name)
            lists = [asked for asked in sage.asked if asked.url.path.count("/") == 3]
            assert lists
            single = {"business", "financial_settings"}
            for asked in lists:
                if asked.url.path.rpartition("/")[2] not in single:
                    some = resource.name == "statements"  # made of few fields of many answers
                    assert (asked.url.params["attributes"] == "all") != some, asked.url
                    assert "balance_details" in asked.url.params["attributes"] or not some


async def test_55_the_business_is_named_in_every_call_since_the_lead_business_can_change() -> None:
    async with linked_to(businesses=2) as sage:
        lead = (await sage.http.get(
            f"{sage.connector.api_url}/business", headers={"Authorization": f"Bearer {sage.tokens.access}"}
        )).json()["id"]  # fmt: skip
        sage.tenants.reverse()
        (company,), _ = await sage.records("business")
        assert (lead, company.accountingPlatformRef) == (sage.tenants[1], sage.tenants[0])
        assert {asked.headers["x-business"] for asked in sage.asked} == {sage.tenants[0]}


async def test_55_a_subscription_that_has_ended_is_no_expired_token_and_nothing_is_refreshed() -> None:
    async with linked_to() as sage:
        await sage.control("quirks", number=55, on=True)
        renewals: list[str | None] = []

        async def token(refused: str | None) -> str:
            renewals.append(refused)
            return sage.tokens.access

        with pytest.raises(PermissionMissing):
            await calls(sage, token=token).get("contacts")
        assert renewals == [None], "a token was asked for once, and none was said to be refused"


async def test_56_a_page_that_the_gateway_gives_up_is_read_in_parts() -> None:
    async with linked_to(records=90) as sage:
        whole = ids_of(await sage.pages("sales"))
        await sage.control("quirks", number=56, on=True)
        sage.asked.clear()

        assert ids_of(await sage.pages("sales")) == whole
        sizes = [int(asked.url.params["items_per_page"]) for asked in sage.asked]
        assert sizes[:3] == [200, 50, 10]
        assert sizes.count(200) == 3, "once for each list: the pages after a heavy one stay small"


async def test_56_a_heavy_page_is_not_asked_for_four_times_and_does_not_open_the_circuit() -> None:
    async with linked_to() as sage:
        await sage.control("quirks", number=56, on=True)
        heard: list[ProviderCalled] = []
        telemetry = Telemetry()
        telemetry.listen(ProviderCalled, heard.append)
        reading = calls(sage, telemetry=telemetry)
        resource = sage.connector.manifest.resource("contacts")
        page = await sage.connector.client.page(reading, resource, since=None, at=None)

        assert len(page.records) == 10
        assert [call.outcome for call in heard] == ["server_error", "server_error", "ok"]


async def test_56_a_gateway_that_gives_up_on_a_single_record_is_a_provider_that_fails() -> None:
    class Down:
        async def get(
            self,
            path: str,
            *,
            params: Mapping[str, str] | None = None,
            headers: Mapping[str, str] | None = None,
        ) -> httpx.Response:
            request = httpx.Request("GET", f"http://sage/{path}", params=dict(params or {}))
            raise sage.connector.fault(httpx.Response(504, request=request), path)

    async with linked_to() as sage:
        resource = sage.connector.manifest.resource("contacts")
        with pytest.raises(ProviderUnavailable):
            await sage.connector.client.page(
                Down(), resource, since=datetime(2026, 1, 1, tzinfo=UTC), at=None
            )
