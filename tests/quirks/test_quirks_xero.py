"""Xero's oddities, by their numbers in providers §5: what a connector makes of them.

Most are met at the sandbox over real HTTP, by the connector's own client and mapper; what the sandbox does
not do is told by a row or an answer as Xero writes it.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import trio
from attrs import define, field

from tallystick.config import ProviderSettings
from tallystick.connectors import Books, Consent, Issue, Page, Tokens
from tallystick.connectors.sandbox import Running, SandboxSettings, serve
from tallystick.connectors.xero import XeroConnector, xero
from tallystick.connectors.xero.manifest import JOURNALS_SCOPE, RESOURCES, SCOPES
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.errors import NeedsReauthorisation, PermissionMissing

D = Decimal
BACK = "http://127.0.0.1:1/callback"
BY_NAME = {resource.name: resource for resource in RESOURCES}
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@define(eq=False)
class Company:
    """A company of the sandbox's, as the connector reads it; `contract.Calls` for its client."""

    running: Running
    http: httpx.AsyncClient
    connector: XeroConnector
    tenants: list[str] = field(factory=list)
    tenant: str = ""
    tokens: Tokens = field(init=False)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        answer = await self.http.get(
            f"{self.connector.api_url}/{path}",
            params=dict(params or {}),
            headers={**self.connector.headers(self.tokens.access, self.tenant), **(headers or {})},
        )
        if answer.status_code not in (200, 304):
            raise self.connector.fault(answer, path)
        return answer

    async def control(self, path: str, **body: Any) -> Any:
        url = f"{self.running.url}/_control/{path}"
        answer = await (self.http.post(url, json=body) if body else self.http.get(url))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def quirk(self, number: int, *, on: bool = True) -> None:
        await self.control("quirks", number=number, on=on)

    async def change(self, entity: str, **counts: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = await self.control(
            "change", tenant=self.tenant, entity=entity, **counts
        )
        return found

    async def asked(self) -> list[dict[str, Any]]:
        """Every request for books so far."""
        log = (await self.control("requests"))["requests"]
        return [each for each in log if "/api.xro/" in each["path"]]

    async def link(self, *scopes: str) -> None:
        """Consent to all companies for these scopes, or for the connector's own."""
        auth = self.connector.auth
        consent = Consent(state="s", code_verifier="v" * 43, redirect_uri=BACK)
        url = httpx.URL(auth.authorize_url(consent))
        form = {**dict(url.params), "tenant": self.tenants, "decision": "allow"}
        if scopes:
            form["scope"] = " ".join(scopes)
        answer = await self.http.post(url.copy_with(query=None), data=form)
        back = {
            name: found[0] for name, found in parse_qs(urlsplit(answer.headers["location"]).query).items()
        }
        self.tokens = await auth.exchange(self.http, consent, back)

    async def pages(self, name: str, *, since: datetime | None = None) -> list[Page]:
        found: list[Page] = []
        while not found or found[-1].next is not None:
            at = found[-1].next if found else None
            found.append(await self.connector.client.page(self, BY_NAME[name], since=since, at=at))
        return found

    async def read(self, name: str, *, since: datetime | None = None) -> list[Any]:
        """All records of a resource; a doubt about any of them fails the test."""
        issues: list[Issue] = []
        books = Books(base_currency="GBP", today=datetime.now(UTC).date())
        found = [
            record
            for page in await self.pages(name, since=since)
            for row in page.records
            for record in self.connector.mapper.records(BY_NAME[name], row, books, issues)
        ]
        assert issues == []
        return found

    async def one(self, name: str, record_id: str) -> Any:
        return {record.id: record for record in await self.read(name)}[record_id]


@pytest.fixture
async def company(nursery: trio.Nursery) -> AsyncIterator[Company]:
    """A linked company of a small sandbox, with every scope that there is."""
    running = await nursery.start(
        partial(serve, SandboxSettings(providers=("xero",), companies=2, records=60))
    )
    async with httpx.AsyncClient(timeout=20) as http:
        state = (await http.get(f"{running.url}/_control/state")).json()
        base = f"{running.url}/xero"
        settings = ProviderSettings(
            client_id=state["apps"]["xero"]["clientId"],
            api_url=f"{base}/api.xro/2.0",
            authorize_url=f"{base}/identity/connect/authorize",
            token_url=f"{base}/connect/token",
            connections_url=f"{base}/connections",
            scopes=(*SCOPES, JOURNALS_SCOPE),
            page_size=50,
        )
        connector = xero(settings)
        assert isinstance(connector, XeroConnector)
        tenants = [each["tenant"] for each in state["companies"]]
        found = Company(running, http, connector, tenants, tenants[0])
        await found.link()
        yield found
    nursery.cancel_scope.cancel()


def mapped(name: str, **row: Any) -> tuple[list[Any], list[Issue]]:
    """What a row as Xero writes it becomes."""
    issues: list[Issue] = []
    raw = msgspec.Raw(_ENCODER.encode(row))
    return XeroMapper().records(BY_NAME[name], raw, Books(base_currency="GBP"), issues), issues


def an_invoice(**changes: Any) -> Any:
    row = {
        "InvoiceID": "i-1", "Type": "ACCREC", "Status": "AUTHORISED", "DateString": "2025-11-18T00:00:00",
        "SubTotal": D("100.00"), "TotalTax": D("20.00"), "Total": D("120.00"), "AmountDue": D("120.00"),
        **changes,
    }  # fmt: skip
    (record,), issues = mapped("Invoices", **row)
    assert issues == []
    return record


async def test_quirk_01_lines_come_since_pages_are_asked_for(company: Company) -> None:
    """Without `page` Xero leaves the lines out."""
    bare = await company.get("Invoices")
    assert all(row["LineItems"] == [] for row in bare.json()["Invoices"])
    assert all(record.lineItems for record in await company.read("Invoices"))


async def test_quirk_02_summaries_are_never_asked_for(company: Company) -> None:
    for name in ("Invoices", "Contacts", "CreditNotes"):
        await company.read(name)
    assert not any("summaryOnly" in each["query"] for each in await company.asked())


async def test_quirk_03_pages_that_are_smaller_than_asked_for_lose_nothing(company: Company) -> None:
    everything = {record.id for record in await company.read("Invoices")}
    await company.quirk(3)
    pages = await company.pages("Invoices")
    assert max(len(page.records) for page in pages) == 40
    assert {record.id for record in await company.read("Invoices")} == everything


async def test_quirk_04_manual_journals_are_asked_for_without_an_order(company: Company) -> None:
    await company.read("ManualJournals")
    assert "order" not in (await company.asked())[-1]["query"]


async def test_quirk_05_journals_go_on_behind_the_highest_number(company: Company) -> None:
    await company.quirk(6, on=False)
    pages = await company.pages("Journals")
    assert len(pages) > 2
    assert [int(page.next) for page in pages if page.next] > [100 * n for n in range(1, len(pages))], (
        "numbers have gaps: a count of rows would read some again"
    )
    entries = [r for r in await company.read("Journals") if r.DATA_TYPE == "journalEntries"]
    assert len(entries) == len({entry.id for entry in entries}) == sum(len(p.records) for p in pages)


async def test_quirk_06_a_plan_without_journals_is_no_expired_token(company: Company) -> None:
    with pytest.raises(PermissionMissing):
        await company.read("Journals")


async def test_quirk_07_a_void_is_an_entry_that_takes_back_the_first(company: Company) -> None:
    await company.quirk(6, on=False)
    await company.read("Journals")
    (payment,) = (await company.change("payments", delete=1))["deleted"]
    entries = [r for r in await company.read("Journals") if r.DATA_TYPE == "journalEntries"]
    both = [entry for entry in entries if entry.recordRef is not None and entry.recordRef.id == payment]
    assert len(both) == 2
    by_account: dict[str, Decimal] = {}
    for line in (line for entry in both for line in entry.journalLines):
        by_account[line.accountRef.id] = by_account.get(line.accountRef.id, D(0)) + line.netAmount
    assert set(by_account.values()) == {D(0)}


@pytest.mark.parametrize(
    "told",
    [
        {"UpdatedDateUTC": "/Date(1763458200000+1300)/"},
        {"UpdatedDateUTC": "/Date(1763458200000)/"},
        {"UpdatedDateUTCString": "2025-11-18T09:30:00"},
        {"UpdatedDateUTCString": "2025-11-18T09:30:00Z"},
    ],
)
def test_quirk_08_a_change_is_told_in_utc_with_and_without_a_zone(told: dict[str, str]) -> None:
    assert an_invoice(**told).sourceModifiedDate == datetime(2025, 11, 18, 9, 30, tzinfo=UTC)


async def test_quirk_09_timestamps_in_the_future_hide_no_later_change(company: Company) -> None:
    """A cursor is made of the clock that answers told, never of the newest change that was seen."""
    await company.quirk(9)
    pages = await company.pages("Invoices")
    told = [page.provider_time for page in pages if page.provider_time is not None]
    newest = max(record.sourceModifiedDate for record in await company.read("Invoices"))
    assert newest > max(told) + timedelta(days=20)
    changed = (await company.change("invoices", update=2))["updated"]
    later = {record.id for record in await company.read("Invoices", since=min(told))}
    assert set(changed) <= later


def test_quirk_10_a_day_stays_that_day_in_auckland() -> None:
    """Midnight there is noon of the day before in UTC."""
    record = an_invoice(Date="/Date(1763377200000+1300)/", DateString="2025-11-18T00:00:00")
    assert record.issueDate == "2025-11-18T00:00:00"
    assert an_invoice(Date="/Date(1763377200000+1300)/", DateString=None).issueDate == record.issueDate


async def test_quirk_11_no_date_is_no_day(company: Company) -> None:
    await company.quirk(11)
    found = [record for record in await company.read("Invoices") if record.DATA_TYPE == "invoices"]
    unpaid = [record for record in found if record.status != "Paid"]
    assert unpaid
    assert all(record.paidOnDate is None for record in unpaid)
    assert any(record.dueDate is None for record in unpaid if record.status == "Draft")


async def test_quirk_12_the_loser_of_a_race_for_a_refresh_gets_good_tokens_too(company: Company) -> None:
    first = await company.connector.auth.refresh(company.http, company.tokens)
    second = await company.connector.auth.refresh(company.http, company.tokens)
    for tokens in (first, second):
        company.tokens = tokens
        assert (await company.get("Organisation")).status_code == 200


async def test_quirk_13_a_lost_answer_to_a_refresh_costs_no_consent_for_half_an_hour(
    company: Company,
) -> None:
    old = company.tokens
    await company.connector.auth.refresh(company.http, old)  # its answer is lost
    await company.control("clock", advance=29 * 60)
    renewed = await company.connector.auth.refresh(company.http, old)
    assert renewed.refresh != old.refresh
    await company.control("clock", advance=2 * 60)
    with pytest.raises(NeedsReauthorisation):
        await company.connector.auth.refresh(company.http, old)


async def test_quirk_14_a_refresh_token_is_asked_for(company: Company) -> None:
    assert company.tokens.refresh
    await company.link("accounting.settings.read")
    assert company.tokens.refresh is None
    with pytest.raises(NeedsReauthorisation, match="without a refresh token"):
        await company.connector.auth.refresh(company.http, company.tokens)


async def test_quirk_15_a_company_that_was_disconnected_leaves_the_token_good(company: Company) -> None:
    other = company.tenants[1]
    await company.connector.auth.revoke(company.http, company.tokens, other)
    company.tenant = other
    with pytest.raises(NeedsReauthorisation, match="no longer connected"):
        await company.read("Organisations")
    company.tenant = company.tenants[0]
    assert await company.read("Organisations")


async def test_quirk_16_one_token_reads_every_company_of_its_consent(company: Company) -> None:
    offered = await company.connector.auth.tenants(company.http, company.tokens, {})
    assert {tenant.id for tenant in offered} == set(company.tenants)
    names = set()
    for tenant in company.tenants:
        company.tenant = tenant
        (record,) = await company.read("Organisations")
        names.add(record.companyName)
    assert len(names) == 2


async def test_quirk_17_archived_contacts_are_read_since_old_invoices_name_them(company: Company) -> None:
    contacts = {contact.id: contact.status for contact in await company.read("Contacts")}
    assert "Archived" in contacts.values()
    named = {
        record.customerRef.id if record.DATA_TYPE == "invoices" else record.supplierRef.id
        for record in await company.read("Invoices")
    }
    assert named <= contacts.keys()


@pytest.mark.parametrize(
    ("customer", "supplier", "types"),
    [
        (True, False, ["customers"]),
        (False, True, ["suppliers"]),
        (True, True, ["customers", "suppliers"]),
        (False, False, ["customers"]),
    ],
)
def test_quirk_18_a_contact_is_what_its_documents_made_it(
    customer: bool, supplier: bool, types: list[str]
) -> None:
    found, issues = mapped(
        "Contacts", ContactID="c-1", ContactStatus="ACTIVE", IsCustomer=customer, IsSupplier=supplier
    )
    assert issues == []
    assert [record.DATA_TYPE for record in found] == types


async def test_quirk_19_a_deleted_payment_is_told_and_opens_its_invoice_again(company: Company) -> None:
    (id_,) = (await company.change("payments", delete=1))["deleted"]
    payment = await company.one("Payments", id_)
    invoice = await company.one("Invoices", payment.lines[0].links[0].id)
    assert payment.metadata.isDeleted
    assert invoice.status in {"Submitted", "PartiallyPaid"}
    assert invoice.amountDue > 0
    assert id_ not in {allocation.payment.id for allocation in invoice.paymentAllocations}
    assert (an_invoice(Status="VOIDED").status, an_invoice(Status="VOIDED").metadata.isDeleted) == (
        "Void",
        False,
    )
    assert (an_invoice(Status="DELETED").status, an_invoice(Status="DELETED").metadata.isDeleted) == (
        "Void",
        True,
    )


@pytest.mark.parametrize(
    ("types", "amount", "net", "gross"),
    [
        ("Exclusive", "100.00", "100.00", "120.00"),
        ("Inclusive", "120.00", "100.00", "120.00"),
    ],
)
def test_quirk_20_a_line_holds_its_tax_or_does_not(types: str, amount: str, net: str, gross: str) -> None:
    line = {"Quantity": D(1), "UnitAmount": D(amount), "LineAmount": D(amount), "TaxAmount": D("20.00")}
    record = an_invoice(LineAmountTypes=types, LineItems=[line])
    assert (record.lineItems[0].subTotal, record.lineItems[0].totalAmount) == (D(net), D(gross))
    assert record.subTotal == D("100.00"), "of the document it is always net"


def test_quirk_21_a_discount_is_off_the_line_already() -> None:
    line = {"Quantity": D(2), "UnitAmount": D("50.00"), "LineAmount": D("90.00"), "TaxAmount": D(0)}
    for discount in ({"DiscountRate": D("10.00")}, {"DiscountAmount": D("10.00")}):
        (found,) = an_invoice(LineItems=[{**line, **discount}]).lineItems
        assert found.subTotal == D("90.00")
        assert {found.discountPercentage, found.discountAmount} == {*discount.values(), None}


async def test_quirk_22_prices_have_four_decimals_and_multiply_up(company: Company) -> None:
    records = await company.read("Invoices")
    assert all("unitdp=4" in each["query"] for each in await company.asked())
    lines = [line for record in records for line in record.lineItems]
    assert any(-line.unitAmount.as_tuple().exponent == 4 and line.unitAmount % D("0.01") for line in lines)


def test_quirk_23_a_rate_is_turned_round() -> None:
    """Xero's 1.25 is what one pound buys; ours is the pounds for one of it."""
    assert an_invoice(CurrencyCode="EUR", CurrencyRate=D("1.250000")).currencyRate == D("0.8")


def test_quirk_24_an_account_goes_by_its_id_before_its_code() -> None:
    line = {"Quantity": D(1), "UnitAmount": D(1), "AccountCode": "200", "AccountID": "a-200"}
    (found,) = an_invoice(LineItems=[line]).lineItems
    assert found.accountRef.id == "a-200"


async def test_quirk_25_lines_name_tax_rates_by_the_code_that_is_their_id(company: Company) -> None:
    rates = {rate.id for rate in await company.read("TaxRates")}
    named = {line.taxRateRef.id for r in await company.read("Invoices") for line in r.lineItems}
    assert {"OUTPUT2", "INPUT2"} <= named <= rates


def test_quirk_26_tracking_goes_by_the_options_id() -> None:
    told = {"TrackingCategoryID": "c-1", "TrackingOptionID": "o-1", "Name": "Region", "Option": "North"}
    (found,) = an_invoice(LineItems=[{"Quantity": D(1), "UnitAmount": D(1), "Tracking": [told]}]).lineItems
    assert [(ref.id, ref.name) for ref in found.trackingCategoryRefs] == [("o-1", "North")]


def test_quirk_27_money_on_account_is_one_payment_and_no_income() -> None:
    """It is in a list of its own and among the bank transactions; both name it by one id."""
    row = {"OverpaymentID": "o-1", "Total": D("50.00"), "DateString": "2025-11-18", "Status": "AUTHORISED"}
    payment, _ = mapped("Payments", Type="RECEIVE-OVERPAYMENT", **row)
    movement, _ = mapped(
        "BankTransactions", BankTransactionID="b-1", Type="RECEIVE-OVERPAYMENT", TotalTax=D(0), **row
    )
    assert [record.DATA_TYPE for record in payment] == ["payments"]
    assert [record.DATA_TYPE for record in movement] == ["accountTransactions", "bankTransactions"]
    assert movement[0].lines[0].recordRef.id == payment[0].id == "o-1"


def test_quirk_28_a_batch_is_the_payments_in_it() -> None:
    part = {
        "PaymentType": "ACCRECPAYMENT", "Date": "/Date(1763424000000+0000)/", "Status": "AUTHORISED",
        "BatchPaymentID": "batch", "BatchPayment": {"BatchPaymentID": "batch", "TotalAmount": "30.00"},
        "Account": {"AccountID": "a-90"},
    }  # fmt: skip
    for number, amount in ((1, "10.00"), (2, "20.00")):
        invoice = {"InvoiceID": f"i-{number}", "Type": "ACCREC"}
        row = {"PaymentID": f"p-{number}", "Amount": D(amount), "Invoice": invoice, **part}
        ((payment,), _), ((moved,), _) = mapped("Payments", **row), mapped("BankTransactions", **row)
        assert payment.totalAmount == moved.totalAmount == D(amount), "and the batch itself is not read"


async def test_quirk_29_booleans_that_are_texts_are_booleans(company: Company) -> None:
    async def states() -> dict[str, str]:
        found = await company.read("BankTransactions")
        return {record.id: record.status for record in found if record.DATA_TYPE == "accountTransactions"}

    plain = await states()
    await company.quirk(29)
    assert await states() == plain
    assert set(plain.values()) >= {"Reconciled", "Unreconciled"}


async def test_quirk_30_reports_with_blanks_and_missing_cells_come_to_the_same(company: Company) -> None:
    for name in ("ProfitAndLoss", "BalanceSheet"):
        (plain,) = await company.read(name)
        await company.quirk(30)
        (odd,) = await company.read(name)
        await company.quirk(30, on=False)
        assert len(plain.reports) >= 11
        figure = "netProfit" if name == "ProfitAndLoss" else "netAssets"
        assert [getattr(p, figure) for p in odd.reports] == [getattr(p, figure) for p in plain.reports]
        assert any(getattr(period, figure) for period in plain.reports)


async def test_quirk_31_to_35_nothing_is_asked_for_that_costs_a_call_for_each_record(
    company: Company,
) -> None:
    """Aged reports (31) want a call a contact, attachments (35) one a document; OR in `where` (32) is slow."""
    for resource in company.connector.manifest.resources:
        if resource.name != "Journals":
            await company.read(resource.name)
    asked = await company.asked()
    assert len(asked) < 40
    assert not any("Aged" in each["path"] or "Attachments" in each["path"] for each in asked)
    assert not any("where" in each["query"] for each in asked)


async def test_quirk_33_the_case_of_a_refusals_keys_changes_nothing(company: Company) -> None:
    company.tenant = "nobody"
    for _ in range(2):
        with pytest.raises(NeedsReauthorisation):
            await company.read("Organisations")
        await company.quirk(33)


async def test_quirk_34_a_missing_scope_is_told_as_such_and_closes_its_lists_only(company: Company) -> None:
    await company.link("offline_access", "accounting.settings.read")
    assert await company.read("Accounts")
    for name in ("Invoices", "BankTransactions", "ManualJournals", "ProfitAndLoss", "Payments"):
        with pytest.raises(PermissionMissing):
            await company.read(name)
