"""QuickBooks' oddities, by their numbers in the list of providers' facts (§5): each is met and does no harm."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped, StandIn, mapped, stand_in

from tallystick.connectors import Books, Calls
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.client import QuickBooksClient
from tallystick.connectors.quickbooks.queries import LISTINGS, MINOR_VERSION, Listing
from tallystick.errors import RateLimited, RequestRefused

__all__ = ["mapped", "stand_in"]  # fixtures
Map = Callable[..., Mapped]
Start = Callable[..., AbstractAsyncContextManager[StandIn]]
slow = pytest.mark.slow


def sale(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Id": "1", "TxnDate": "2026-01-15", "Balance": 0, "Line": list(lines), **more}


def line(amount: str, kind: str = "SalesItemLineDetail", **detail: Any) -> dict[str, Any]:
    return {"Amount": Decimal(amount), "DetailType": kind, kind: detail}


@slow
async def test_36_who_is_put_out_of_use_is_read_all_the_same(stand_in: Start) -> None:
    async with stand_in() as world:
        calls = await world.calls()
        await world.control("change", tenant=world.tenant, entity="customers", delete=2)
        plain = await calls.get("query", params={"query": "SELECT * FROM Customer MAXRESULTS 1000"})
        shown = plain.json()["QueryResponse"]["Customer"]
        found, _ = await world.everything(calls)
        hidden = set(found["customers"]) - {row["Id"] for row in shown}

        assert len(hidden) >= 2
        assert len(found["customers"]) == (await world.truth())["counts"]["customers"]
        for id_ in hidden:
            customer: Any = found["customers"][id_]
            assert customer.status == "Archived"
            assert not customer.customerName.endswith("(deleted)"), "that is QuickBooks' word, not its name"


@slow
async def test_37_a_deleted_transaction_is_told_by_changes_and_by_its_absence_alone(stand_in: Start) -> None:
    async with stand_in() as world:
        calls = await world.calls()
        since = datetime.now(UTC) - timedelta(hours=1)
        changed = await world.control("change", tenant=world.tenant, entity="bills", delete=1)
        (told,) = await world.pages(calls, "Bill", since=since)
        whole = await world.pages(calls, "Bill")

        gone = changed["deleted"][0]
        assert any(f'"status":"Deleted","Id":"{gone}"' in bytes(row).decode() for row in told[1].records)
        assert not any(
            f'"Id":"{gone}","SyncToken"' in bytes(row).decode() for _, p in whole for row in p.records
        )


async def test_38_changes_that_may_have_been_cut_are_not_taken_for_all() -> None:
    rows = [{"Id": str(number)} for number in range(1000)]

    class Cut:
        async def get(self, path: str, **_: Any) -> Any:
            body = {"CDCResponse": [{"QueryResponse": [{"Invoice": rows}]}]}
            return type("Answer", (), {"content": json.dumps(body).encode(), "headers": {}})

    now = datetime(2026, 3, 31, tzinfo=UTC)
    client = QuickBooksClient(now=lambda: now)
    calls: Calls = Cut()
    page = await client.page(calls, MANIFEST.resource("Invoice"), since=now - timedelta(days=1), at=None)
    assert page.next == "Invoice:1"


def test_39_what_changes_do_not_tell_of_is_read_whole_each_time() -> None:
    for resource in MANIFEST.resources:
        listing = LISTINGS[resource.name]
        if isinstance(listing, Listing) and {"TaxCode", "TaxRate", "TaxAgency"} & set(listing.entities):
            assert not resource.incremental


def test_40_and_41_nothing_is_ever_written() -> None:
    """Stale sync tokens and cleared fields are a matter of writing: of `Calls` there is only `get`."""
    assert [name for name in vars(Calls) if not name.startswith("_")] == ["get"]


@pytest.mark.parametrize(("credit", "amount"), [(False, "12.00"), (True, "-12.00")])
@pytest.mark.parametrize("kind", ["Check", "Cash", "CreditCard"])
def test_42_a_purchase_is_a_cost_however_it_was_paid_and_negative_where_it_is_a_credit(
    mapped: Map, kind: str, credit: bool, amount: str
) -> None:
    source = {
        "Id": "1",
        "TxnDate": "2026-01-15",
        "PaymentType": kind,
        "Credit": credit,
        "TotalAmt": Decimal("12.00"),
    }
    assert mapped("Purchase", source).json["totalAmount"] == Decimal(amount)


def test_43_a_payment_of_nothing_sets_a_credit_against_invoices(mapped: Map) -> None:
    parts = [("Invoice", "1", "30.00"), ("Invoice", "2", "12.50"), ("CreditMemo", "3", "42.50")]
    source = {
        "Id": "9",
        "TxnDate": "2026-01-15",
        "TotalAmt": 0,
        "UnappliedAmt": 0,
        "Line": [{"Amount": Decimal(a), "LinkedTxn": [{"TxnId": i, "TxnType": t}]} for t, i, a in parts],
    }
    told = mapped("Payment", source).json
    assert told["totalAmount"] == sum(line["amount"] for line in told["lines"]) == 0
    assert [line["links"][0]["amount"] for line in told["lines"]] == [
        Decimal("-30.00"),
        Decimal("-12.50"),
        Decimal("42.50"),
    ]


def test_44_sums_discounts_and_groups_among_the_lines_are_not_counted_twice(mapped: Map) -> None:
    group = {
        "DetailType": "GroupLineDetail",
        "Amount": Decimal("15.00"),
        "GroupLineDetail": {"Line": [line("10.00"), line("5.00")]},
    }
    source = sale(
        line("50.00"),
        group,
        {"DetailType": "DescriptionOnly", "Description": "thanks"},
        {"DetailType": "SubTotalLineDetail", "Amount": Decimal("65.00"), "SubTotalLineDetail": {}},
        {"DetailType": "DiscountLineDetail", "Amount": Decimal("6.50"), "DiscountLineDetail": {}},
        TotalAmt=Decimal("58.50"),
    )
    told = mapped("Invoice", source).json
    lines = sum(each.get("subTotal", 0) for each in told["lineItems"])
    assert lines - told["totalDiscount"] == told["subTotal"] == Decimal("58.50")


def test_45_prices_that_hold_the_tax_are_told_apart_from_it(mapped: Map) -> None:
    lines = [
        line("100.00", TaxInclusiveAmt=Decimal("120.00"), TaxCodeRef={"value": "5"}),
        line("50.00", TaxInclusiveAmt=Decimal("52.50"), TaxCodeRef={"value": "6"}),
    ]
    taxes = {"TotalTax": Decimal("22.50")}
    source = sale(*lines, GlobalTaxCalculation="TaxInclusive", TotalAmt=Decimal("172.50"), TxnTaxDetail=taxes)
    first, second = mapped("Invoice", source).json["lineItems"]
    assert (first["subTotal"], first["taxAmount"], first["totalAmount"]) == (100, 20, 120)
    assert (second["subTotal"], second["taxAmount"], second["totalAmount"]) == (
        50,
        Decimal("2.50"),
        Decimal("52.50"),
    )

    exclusive = sale(line("10.00", TaxInclusiveAmt=0), GlobalTaxCalculation="NotApplicable", TotalAmt=10)
    (only,) = mapped("Invoice", exclusive).json["lineItems"]
    assert (only["taxAmount"], only["totalAmount"]) == (0, 10), "a gross of nothing is none"
    american = sale(line("10.00", TaxCodeRef={"value": "NON"}), TotalAmt=10)
    assert mapped("Invoice", american).json["lineItems"][0]["taxRateRef"] == {"id": "NON"}


def test_46_a_tax_code_is_the_sum_of_the_rates_that_it_names(mapped: Map) -> None:
    details = [{"TaxRateRef": {"value": id_}, "TaxTypeApplicable": "TaxOnAmount"} for id_ in ("3", "4")]
    rates = [
        {"Id": "3", "Name": "State", "RateValue": 6},
        {"Id": "4", "Name": "City", "RateValue": Decimal("0.5")},
    ]
    source = {"Id": "2", "Name": "California", "SalesTaxRateList": {"TaxRateDetail": details}}
    told = mapped("TaxCode", source, beside={"TaxRate": rates}).json
    assert (told["id"], told["totalTaxRate"]) == ("2", Decimal("6.5"))
    assert [part["name"] for part in told["components"]] == ["State", "City"]


@slow
async def test_47_an_empty_answer_that_names_no_entity_is_an_empty_page(stand_in: Start) -> None:
    async with stand_in(records=0) as world:
        ((_, page),) = await world.pages(await world.calls(), "PurchaseOrder")
        assert b'"QueryResponse":{}' in page.raw
        assert (list(page.records), page.next) == ([], None)
        assert page.provider_time is not None, "it has a time all the same: the reading counts"


@slow
async def test_48_a_fault_with_status_200_is_a_fault(stand_in: Start) -> None:
    async with stand_in(records=5) as world:
        calls = await world.calls()
        await world.control("quirks", number=48, on=True)
        answer = await calls.get("query", params={"query": "SELECT nonsense"})
        assert answer.status_code == 200
        with pytest.raises(RequestRefused):
            await world.connector.client.page(calls, MANIFEST.resource("Invoice"), since=None, at="Invoice:0")


def test_49_a_change_is_a_moment_in_utc_on_either_side_of_summer_time(mapped: Map) -> None:
    moments = []
    for told in ("2026-03-08T01:59:59-08:00", "2026-03-08T03:00:00-07:00"):
        found = mapped("Customer", {"Id": "1", "MetaData": {"LastUpdatedTime": told}}).json
        moments.append(found["sourceModifiedDate"])
    assert moments == ["2026-03-08T09:59:59Z", "2026-03-08T10:00:00Z"]
    assert mapped("Customer", {"Id": "1", "MetaData": {"LastUpdatedTime": "noon"}}).told() == [
        ("warning", "$.MetaData.LastUpdatedTime")
    ]


def test_50_an_id_is_of_its_entity_where_a_type_has_several(mapped: Map) -> None:
    source = {"Id": "7", "TxnDate": "2026-01-15", "TotalAmt": 5, "DepositToAccountRef": {"value": "4"}}
    ids = {
        record["id"]
        for entity in ("SalesReceipt", "RefundReceipt", "Payment")
        for record in mapped("AccountTransaction", source, entity=entity).all
    }
    ids |= {mapped("DirectIncome", source, entity="SalesReceipt").json["id"]}
    assert ids == {"SalesReceipt-7", "RefundReceipt-7", "Payment-7"}


def test_51_an_exchange_rate_is_taken_as_it_is_and_missing_where_there_is_one_currency(mapped: Map) -> None:
    foreign = sale(TotalAmt=10, CurrencyRef={"value": "EUR"}, ExchangeRate=Decimal("1.1704"))
    assert mapped("Invoice", foreign).json["currencyRate"] == Decimal("1.1704")
    plain = mapped("Invoice", sale(TotalAmt=10), books=Books(base_currency="USD")).json
    assert plain["currency"] == "USD"
    assert "currencyRate" not in plain


def test_52_a_deposit_counts_payments_as_moved_and_the_rest_as_earned(mapped: Map) -> None:
    source = {
        "Id": "62",
        "TxnDate": "2026-01-15",
        "DepositToAccountRef": {"value": "35"},
        "TotalAmt": Decimal("107.50"),
        "Line": [
            {"Amount": Decimal("100.00"), "LinkedTxn": [{"TxnId": "31", "TxnType": "Payment"}]},
            line("10.00", "DepositLineDetail", AccountRef={"value": "90"}),
            line("-2.50", "DepositLineDetail", AccountRef={"value": "91"}),
        ],
    }
    moved = mapped("Transfer", source, entity="Deposit").json
    earned = mapped("DirectIncome", source, entity="Deposit").json
    posted, _ = mapped("AccountTransaction", source, entity="Deposit").all
    assert (moved["to"]["amount"], earned["totalAmount"]) == (Decimal("100.00"), Decimal("7.50"))
    assert posted["totalAmount"] == moved["to"]["amount"] + earned["totalAmount"]


@slow
async def test_53_a_throttle_told_as_403_is_waited_for_and_the_version_is_one_that_counts(
    stand_in: Start,
) -> None:
    async with stand_in(records=5) as world:
        calls = await world.calls()
        await world.control("quirks", number=53, on=True)
        await world.control("faults", provider="quickbooks", kind="http_429")
        with pytest.raises(RateLimited) as limited:
            await world.pages(calls, "Invoice")
        assert 0 < limited.value.retry_after <= 66
        assert int(MINOR_VERSION) >= 75
