"""Xero's own SDK reads every list of the made-up Xero, unmodified."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import trio
from tests.connectors.sandbox.conftest import visit
from tests.connectors.sandbox.test_xero_python import client, token_urls
from xero_python.accounting import AccountingApi
from xero_python.api_client.oauth2 import TokenApi

from tallystick.connectors.xero.manifest import JOURNALS_SCOPE, SCOPES

__all__ = ["token_urls", "visit"]  # fixtures
Visit = Callable[..., Awaitable[Any]]


async def test_the_sdk_reads_the_bank_orders_tracking_journals_and_reports(
    visit: Visit, token_urls: type[TokenApi]
) -> None:
    visitor = await visit(records=60)
    tokens = await visitor.link(scope=" ".join((*SCOPES, JOURNALS_SCOPE)))
    await visitor.control("quirks", {"number": 6, "on": False})
    base = f"{visitor.running.url}/xero"
    token_urls.refresh_token_url = f"{base}/connect/token"
    accounting = AccountingApi(client(visitor, tokens, []), base_url=f"{base}/api.xro/2.0")
    truth = (await visitor.control("state"))["companies"][0]
    tenant, counts, totals = truth["tenant"], truth["counts"], truth["totals"]

    def read() -> None:
        moved = accounting.get_bank_transactions(tenant, unitdp=4, page=1, page_size=1000).bank_transactions
        assert len(moved) == counts["bankTransactions"]
        signs = [1 if each.type.startswith("RECEIVE") else -1 for each in moved]
        sums = [sign * each.total for sign, each in zip(signs, moved, strict=True)]
        assert sum(sums) == Decimal(totals["bankTransactions"])
        spent = [each for each in moved if each.type == "SPEND"]
        assert len(spent) == counts["directCosts"]
        assert all(each.line_items for each in spent)
        transfers = accounting.get_bank_transfers(tenant, include_deleted=True).bank_transfers
        assert sum(each.amount for each in transfers) == Decimal(totals["transfers"])
        over = accounting.get_overpayments(tenant, page=1, page_size=1000).overpayments
        before = accounting.get_prepayments(tenant, page=1, page_size=1000).prepayments
        assert over
        assert before
        assert any(each.allocations for each in (*over, *before))
        assert all(
            each.total - sum(part.amount for part in each.allocations) == each.remaining_credit
            for each in (*over, *before)
        )
        orders = accounting.get_purchase_orders(tenant, page=1, page_size=1000).purchase_orders
        assert sum(each.total for each in orders) == Decimal(totals["purchaseOrders"])
        manual = accounting.get_manual_journals(tenant, page=1, page_size=1000).manual_journals
        assert all(sum(line.line_amount for line in each.journal_lines) == 0 for each in manual)
        categories = accounting.get_tracking_categories(tenant, include_archived=True).tracking_categories
        options = sum(len(each.options) for each in categories)
        assert (len(categories), len(categories) + options) == (2, counts["trackingCategories"])
        journals = accounting.get_journals(tenant, offset=0).journals
        assert len(journals) == 100
        assert all(sum(line.net_amount for line in each.journal_lines) == 0 for each in journals)
        payments = accounting.get_payments(tenant, page=1, page_size=1000).payments
        assert any(each.batch_payment and each.batch_payment.batch_payment_id for each in payments)
        for report in (
            accounting.get_report_profit_and_loss(tenant, periods=11, timeframe="MONTH"),
            accounting.get_report_balance_sheet(tenant, periods=11, timeframe="MONTH"),
            accounting.get_report_bank_summary(tenant),
        ):
            assert report.reports[0].rows

    await trio.to_thread.run_sync(read)
