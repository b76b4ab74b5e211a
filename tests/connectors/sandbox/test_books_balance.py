"""Whatever is in the books and whatever is changed in them, the ledger balances and agrees with the lists."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.aging import aged
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import CREDITS, POSTED, SALES, Books
from tallystick.connectors.sandbox.change import ENTITIES, change
from tallystick.connectors.sandbox.ledger import (
    Ledger,
    balance_of,
    bank_balance,
    entries,
    trial_balance,
    write_books,
)
from tallystick.connectors.sandbox.statements import balance_sheet, cash_flow, profit_and_loss, total
from tallystick.connectors.sandbox.truth import COUNTED, DOCUMENT_TYPES, SUMMED, WHOLE, truth_of

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
TODAY = NOW.date()
CENT = Decimal("0.01")
NONE = Decimal("0.00")
D = Decimal


def books(seed: int = 1, number: int = 0, records: int = 120, now: datetime = NOW) -> Books:
    return write_books(seed=seed, number=number, records=records, now=now)


def some_days(found: Books) -> list[date]:
    """The day of the opening balances, some between, and the last."""
    opened_on = found.organisation.opened_on
    assert opened_on is not None
    return [opened_on, *(TODAY - timedelta(days=days) for days in (500, 333, 90, 31, 1, 0))]


def settled_by(found: Books, document_id: str, on: date) -> Decimal:
    """What was taken off a document by then, in its own currency."""
    paid = sum((each.amount for each in found.live_payments(document_id) if each.paid_on <= on), NONE)
    given_ = (*found.allocations_of.get(document_id, ()), *found.applications_of.get(document_id, ()))
    return paid + sum((each.amount for each in given_ if each.made_on <= on), NONE)


def owed(found: Books, *, sales: bool, on: date, base_only: bool) -> tuple[Decimal, int]:
    """What documents and money on account say is owed, in the base currency, and of how many records."""
    base, sum_, count = found.organisation.base_currency, NONE, 0
    for document in found.documents.values():
        if (document.kind in SALES) != sales or document.status not in POSTED or document.issued_on > on:
            continue
        if base_only and document.currency != base:
            continue
        left = document.total - settled_by(found, document.id, on)
        sum_ += (-1 if document.kind in CREDITS else 1) * left / document.rate
        count += len(document.lines) + 1
    for source in found.on_account.values():
        if (source.side == "sales") != sales or source.status == "voided" or source.paid_on > on:
            continue
        if base_only and source.currency != base:
            continue
        used = (each.amount for each in found.applications_of.get(source.id, ()) if each.made_on <= on)
        sum_ -= (source.amount - sum(used, NONE)) / source.rate
        count += 1
    return sum_, count


def only_base(found: Books, account_id: str, on: date) -> Decimal:
    """What stands on an account by records in the base currency."""
    base = found.organisation.base_currency
    return sum(
        (
            posting.amount
            for entry in entries(found)
            for posting in entry.postings
            if entry.currency == base and posting.account_id == account_id and entry.posted_on <= on
        ),
        NONE,
    )


def assert_in_balance(found: Books) -> None:
    """All that has to hold of any books at any day."""
    ledger = Ledger.of(found)
    for entry in entries(found):
        assert sum((posting.amount for posting in entry.postings), NONE) == 0, entry
        assert all(posting.account_id in found.accounts for posting in entry.postings)
        assert all(option in found.tracking_options for p in entry.postings for option in p.tracking)
        assert entry.contact_id is None or entry.contact_id in found.contacts
    for on in some_days(found):
        standing = {account.id: ledger.balance(account.id, on) for account in ledger.accounts}
        assert sum(standing.values(), NONE) == 0
        for system, side, sales, sign in (
            ("DEBTORS", "sales", True, 1),
            ("CREDITORS", "purchases", False, -1),
        ):
            control = found.system_account(system).id
            sum_, count = owed(found, sales=sales, on=on, base_only=False)
            assert abs(sign * standing[control] - sum_) <= CENT * count / 2
            exact, _ = owed(found, sales=sales, on=on, base_only=True)
            assert sign * only_base(found, control, on) == exact
            rows = aged(found, side, on)  # type: ignore[arg-type]
            assert sum((row.total for row in rows), NONE) == sign * standing[control]
    assert_bank_agrees(found, ledger)
    assert_tax_agrees(found, ledger)
    assert_statements_agree(found)


def assert_bank_agrees(found: Books, ledger: Ledger) -> None:
    base = found.organisation.base_currency
    for account in ledger.of_kinds("bank"):
        if account.currency == base:  # in another currency the ledger keeps what it was worth each day
            assert ledger.balance(account.id, TODAY) == bank_balance(found, account.id, TODAY)


def assert_tax_agrees(found: Books, ledger: Ledger) -> None:
    """The tax account holds the tax of documents and bank transactions, each in the base currency."""
    sum_ = NONE
    for document in found.documents.values():
        if document.status in POSTED:
            sign = 1 if document.kind in {"invoice", "bill_credit_note"} else -1
            sum_ += sign * round(document.tax / document.rate, 6)
    for each in found.bank_transactions.values():
        if each.status == "authorised":
            sum_ += (1 if each.kind == "receive" else -1) * round(each.tax / each.rate, 6)
    count = len(found.documents) + len(found.bank_transactions)
    assert abs(-ledger.balance(found.system_account("GST").id, TODAY) - sum_) <= CENT * count / 2


def assert_statements_agree(found: Books) -> None:
    for on in some_days(found):
        sheet = balance_sheet(found, on)
        assert sheet.net_assets == sheet.total_equity
    first, last = TODAY - timedelta(days=200), TODAY - timedelta(days=20)
    before, after = balance_sheet(found, first - timedelta(days=1)), balance_sheet(found, last)
    result, flow = profit_and_loss(found, first, last), cash_flow(found, first, last)
    assert after.net_assets - before.net_assets == result.net_profit == flow.net_profit
    assert flow.opening == total(before.bank)
    assert flow.closing == total(after.bank)
    assert flow.closing - flow.opening == flow.change


@given(seed=st.integers(0, 10**6), number=st.integers(0, 12), records=st.sampled_from([0, 1, 7, 40, 90]))
@settings(max_examples=12, deadline=None)
def test_new_books_are_in_balance_at_every_date(seed: int, number: int, records: int) -> None:
    assert_in_balance(books(seed, number, records))


@given(seed=st.integers(0, 10**6), number=st.sampled_from([0, 1, 6, 7]))
@settings(max_examples=8, deadline=None)
def test_books_stay_in_balance_whatever_is_changed_in_them(seed: int, number: int) -> None:
    found, rng = books(seed, number, 40), random.Random(seed)
    for _ in range(25):
        keeper = Bookkeeper(found, rng, NOW)
        entity = rng.choice(ENTITIES)
        create = 0 if entity == "company" else rng.randrange(3)
        delete = 0 if entity == "company" else rng.randrange(4)
        change(keeper, entity, create=create, update=rng.randrange(3), delete=delete)
    assert_in_balance(found)


@pytest.mark.parametrize("entity", [name for name in ENTITIES if name != "company"])
@pytest.mark.parametrize("number", [0, 1], ids=["British", "American"])
def test_what_is_changed_is_counted(entity: str, number: int) -> None:
    found = books(number=number, records=200)
    before = truth_of(found, WHOLE)
    changed = change(Bookkeeper(found, random.Random(3), NOW), entity, create=4, update=2, delete=2)
    after = truth_of(found, WHOLE)
    assert [len(changed.created), len(changed.updated), len(changed.deleted)] == [4, 2, 2]
    touched = {*changed.created, *changed.updated, *changed.deleted}
    assert len(touched) == 8
    grown = after.counts[entity] - before.counts[entity]
    gone = after.deleted[entity] - before.deleted[entity]
    assert grown - (0 if gone else 2) >= 0, "four came, and two went or were put away"
    if entity not in {"customers", "suppliers", "trackingCategories"}:
        assert gone == 2


def test_an_act_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ChangeRefused, match="purchaseOrders"):
        change(Bookkeeper(books(), random.Random(1), NOW), "cheques", create=1, update=0, delete=0)


@pytest.mark.parametrize("number", [0, 1], ids=["British", "American"])
def test_the_same_seed_gives_the_same_ledger(number: int) -> None:
    once, again = books(number=number), books(number=number)
    assert list(entries(once)) == list(entries(again))
    assert truth_of(once, WHOLE) == truth_of(again, WHOLE)
    assert once.transfers == again.transfers
    assert once.orders == again.orders


def test_one_balance_is_what_the_trial_balance_has() -> None:
    found = books()
    standing = trial_balance(found, TODAY)
    for account in (found.system_account("DEBTORS"), found.system_account("GST")):
        assert balance_of(found, account, TODAY) == standing[account.id] != 0


@pytest.mark.parametrize(
    "day", ["2027-01-01", "2028-02-29", "2028-03-01", "2028-02-28", "2100-06-30", "2026-12-31"]
)
def test_books_can_be_written_on_any_day(day: str) -> None:
    now = datetime.fromisoformat(f"{day}T00:00:01+00:00")
    found = books(records=60, now=now)
    last = now.date()
    assert sum(trial_balance(found, last).values(), NONE) == 0
    assert max(entry.posted_on for entry in entries(found)) <= last
    assert {each.issued_on.month for each in found.documents.values() if each.issued_on.day == 29} >= {2}
    records = (
        *found.documents.values(), *found.orders.values(), *found.bank_transactions.values(),
        *found.transfers.values(), *found.manual_journals.values(), *found.on_account.values(),
    )  # fmt: skip
    assert all(each.created_at <= each.updated_at <= now for each in records)


def test_nothing_is_dated_before_the_opening_balances() -> None:
    found = books()
    opened_on = found.organisation.opened_on
    assert opened_on is not None
    assert min(entry.posted_on for entry in entries(found)) == opened_on
    assert min(order.issued_on for order in found.orders.values()) > opened_on


@pytest.mark.parametrize("records", [40, 400])
@pytest.mark.parametrize("number", [0, 1], ids=["British", "American"])
def test_books_hold_all_that_goes_past_documents(number: int, records: int) -> None:
    found = books(number=number, records=records)
    transactions = list(found.bank_transactions.values())
    assert {(each.kind, each.purpose) for each in transactions} >= {
        ("spend", "plain"), ("spend", "expense"), ("receive", "cash_sale"),
    }  # fmt: skip
    accounts = found.accounts
    currencies = {
        (accounts[each.from_account_id].currency, accounts[each.to_account_id].currency)
        for each in found.transfers.values()
    }
    assert len(currencies) > 1
    assert {each.status for each in found.orders.values()} >= {"billed", "authorised", "draft"}
    assert {each.kind for each in found.orders.values()} == {"purchase_order", "sales_order"}
    journals = list(found.manual_journals.values())
    assert [each.opening for each in journals].count(True) == 1
    assert "voided" in {each.status for each in journals}
    assert {len(each.lines) for each in journals if not each.opening} >= {2, 4}
    assert {each.side for each in found.on_account.values()} == {"sales", "purchases"}
    assert {each.kind for each in found.on_account.values()} == {"overpayment", "prepayment"}
    assert any(0 < each.applied < each.amount for each in found.on_account.values())
    assert any(accounts[each.account_id].bank_kind == "credit_card" for each in transactions)
    assert {option.status for option in found.tracking_options.values()} == {"active", "archived"}


@pytest.mark.parametrize("number", [0, 1], ids=["British", "American"])
def test_many_records_have_every_oddity(number: int) -> None:
    found = books(number=number, records=600)
    documents = list(found.documents.values())
    lines = [line for each in documents for line in each.lines]
    base = found.organisation.base_currency
    assert any(line.amount < 0 for line in lines)
    assert any(line.amount == 0 for line in lines)
    assert any(line.account_code == "860" and abs(line.amount) < D("0.05") for line in lines)
    assert any(each.total == 0 and each.status == "paid" for each in documents)
    assert any(len(line.tracking) == 2 for line in lines)
    assert all(len({*line.tracking}) == len(line.tracking) for line in lines)
    assert {each.issued_on for each in documents} >= {date(2024, 2, 29)}
    ends = [each for each in documents if (each.issued_on + timedelta(days=1)).day == 1]
    assert len(ends) > len(documents) // 20
    assert {"EUR", "USD" if base == "GBP" else "GBP"} <= {each.currency for each in documents}
    exchange = found.system_account("REALISEDCURRENCYGAIN").id
    moved = [p.amount for e in entries(found) for p in e.postings if p.account_id == exchange]
    assert min(moved) < 0 < max(moved)
    kinds = [entry.kind for entry in entries(found)]
    assert "settlement" in kinds
    assert found.batches
    for batch in found.batches.values():
        parts = [found.payments[id_] for id_ in batch.payment_ids]
        assert len(parts) > 1
        assert {(each.account_id, each.paid_on, each.rate, each.batch_id) for each in parts} == {
            (batch.account_id, batch.paid_on, batch.rate, batch.id)
        }
        assert {found.documents[each.document_id].contact_id for each in parts} == {batch.contact_id}
    archived = {each.id for each in found.contacts.values() if each.status == "archived"}
    assert archived & {each.contact_id for each in documents}
    notes = [each for each in documents if each.kind in CREDITS]
    assert any(each.credited and each.paid and each.due for each in notes), "given, refunded, and left"


def test_british_books_bear_vat_and_american_ones_sales_tax_of_the_customers_town() -> None:
    british, american = books(records=400), books(number=1, records=400)
    taxes = {line.tax_code for each in british.documents.values() for line in each.lines}
    assert taxes >= {"S20", "P20", "S5", "P5", "S0", "P0", "SE", "PE", "RC20", "NONE"}
    assert american.organisation.base_currency == "USD"
    for document in american.documents.values():
        codes = {line.tax_code for line in document.lines if line.tax}
        if document.kind not in SALES:
            assert document.tax == 0
        elif codes:
            town = american.contacts[document.contact_id]
            assert {code[:2] for code in codes} <= {town.region, "CA"}
    for rate in (*british.tax_rates.values(), *american.tax_rates.values()):
        if rate.components:
            assert sum((part.percent for part in rate.components), D(0)) == rate.percent


def test_a_reverse_charge_is_owed_and_claimed_back_at_once() -> None:
    found = books(records=400)
    tax = found.system_account("GST").id
    charged = [
        [p.amount for p in entry.postings if p.description == "Reverse charge" and p.account_id == tax]
        for entry in entries(found)
        if entry.kind == "bill"
    ]
    assert any(charged)
    assert all(sum(each) == 0 for each in charged)


def test_a_company_deletes_nothing_before_the_seventh_is_new() -> None:
    for number in range(6):
        assert not any(truth_of(books(number=number, records=60), WHOLE).deleted.values())
    gone = truth_of(books(number=6, records=60), WHOLE).deleted
    for data_type in ("invoices", "bills", "payments", "billPayments", "directCosts", "transfers"):
        assert gone[data_type] > 0, data_type
    assert min(gone["journalEntries"], gone["purchaseOrders"]) > 0


def test_a_sum_for_several_documents_is_one_payment_where_the_provider_has_it_so() -> None:
    found = books(records=400)
    apart, together = truth_of(found, WHOLE), truth_of(found, evolve(WHOLE, batches_as_one=True))
    parts = {side: [b for b in found.batches.values() if b.side == side] for side in ("sales", "purchases")}
    for data_type, side in (("payments", "sales"), ("billPayments", "purchases")):
        more = sum(len(batch.payment_ids) - 1 for batch in parts[side])
        assert apart.counts[data_type] - together.counts[data_type] == more > 0
    assert apart.totals == together.totals


def test_a_provider_counts_what_it_shows() -> None:
    found = books(records=100)
    hidden = evolve(WHOLE, left_out=frozenset({("payments", "bankTransactions")}), refunds="directCosts")
    whole, shown = truth_of(found, WHOLE), truth_of(found, hidden)
    assert whole.counts["bankTransactions"] - shown.counts["bankTransactions"] == len(found.payments)
    assert whole.counts["accountTransactions"] == shown.counts["accountTransactions"]
    refunds = [each for each in found.bank_transactions.values() if each.purpose == "refund"]
    assert shown.counts["directCosts"] - whole.counts["directCosts"] == len(refunds) > 0
    fewer = evolve(WHOLE, data_types=COUNTED, summed=SUMMED)
    assert "transfers" not in truth_of(found, fewer).counts
    posted = truth_of(found, evolve(WHOLE, drafts=False)).counts
    drafts = [each for each in found.documents.values() if each.status in {"draft", "submitted"}]
    assert sum(whole.counts[name] - posted[name] for name in DOCUMENT_TYPES.values()) == len(drafts) > 0
