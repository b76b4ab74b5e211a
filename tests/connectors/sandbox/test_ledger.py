from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.connectors.sandbox.amounts import line_amounts, totals
from tallystick.connectors.sandbox.books import CREDITS, POSTED, SALES, Books
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.truth import WHOLE, Counting, truth_of

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


def books(seed: int = 1, number: int = 0, records: int = 200, now: datetime = NOW) -> Books:
    return write_books(seed=seed, number=number, records=records, now=now)


def contents(found: Books) -> tuple[object, ...]:
    lists = (found.accounts, found.tax_rates, found.items, found.contacts, found.documents, found.payments)
    return (found.organisation, *(list(each.values()) for each in lists), found.allocations_of)


def test_the_same_seed_and_sizes_give_the_same_books() -> None:
    assert contents(books()) == contents(books())


def test_another_seed_or_another_company_gives_other_ids() -> None:
    ids = [set(each.documents) for each in (books(), books(seed=2), books(number=1))]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_another_day_moves_the_dates_and_nothing_else() -> None:
    """Ids, names and figures of books are the same whenever they are written."""
    today, later = books(), books(now=NOW + timedelta(days=3, hours=5))
    assert list(today.documents) == list(later.documents)
    assert list(today.payments) == list(later.payments)
    assert truth_of(today, WHOLE).as_json() == truth_of(later, WHOLE).as_json()
    moved = []
    for old, new in zip(today.documents.values(), later.documents.values(), strict=True):
        moved.append(new.issued_on - old.issued_on == timedelta(days=3))
        assert old.lines == new.lines
    assert moved.count(True) > len(moved) * 0.8, "some are of a month's last day or a 29 February"


@given(seed=st.integers(0, 10**6), number=st.integers(0, 20), records=st.integers(0, 60))
@settings(max_examples=25, deadline=None)
def test_documents_agree_with_their_lines_payments_and_allocations(
    seed: int, number: int, records: int
) -> None:
    found = books(seed, number, records)
    for document in found.documents.values():
        amounts = [
            line_amounts(
                line.quantity,
                line.unit_price,
                rate=found.tax_rates[line.tax_code].percent,
                basis=document.basis,
                discount_rate=line.discount_rate,
                discount_amount=line.discount_amount,
            )
            for line in document.lines
        ]
        assert [(each.amount, each.tax) for each in amounts] == [
            (line.amount, line.tax) for line in document.lines
        ]
        assert totals(amounts, document.basis)[:3] == (document.sub_total, document.tax, document.total)
        assert document.sub_total + document.tax == document.total >= 0
        paid = sum((payment.amount for payment in found.live_payments(document.id)), Decimal(0))
        given_ = sum((each.amount for each in found.allocations_of.get(document.id, ())), Decimal(0))
        given_ += sum((each.amount for each in found.applications_of.get(document.id, ())), Decimal(0))
        assert (document.paid, document.credited) == (paid, given_)
        assert document.due >= 0
        assert (document.status == "paid") == (document.due == 0) == (document.settled_on is not None)
        if document.status not in POSTED:
            assert not paid
            assert not given_
        contact = found.contacts[document.contact_id]
        assert contact.is_customer if document.kind in SALES else contact.is_supplier
        assert document.updated_at <= NOW
        for line in document.lines:
            assert found.accounts[line.account_id].code == line.account_code
            assert line.item_id is None or line.item_id in found.items


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_a_credit_note_is_given_only_to_its_own_contacts_documents(seed: int) -> None:
    found = books(seed)
    for allocations in found.allocations_of.values():
        for each in allocations:
            credit, document = found.documents[each.credit_id], found.documents[each.document_id]
            assert credit.kind in CREDITS
            assert (credit.contact_id, credit.currency) == (document.contact_id, document.currency)
            assert each.amount > 0


def test_books_hold_everything_that_a_mapping_has_to_know() -> None:
    found = books(records=400)
    documents = list(found.documents.values())
    assert {each.status for each in documents} == {"draft", "submitted", "authorised", "paid", "voided"}
    assert {each.basis for each in documents} == {"exclusive", "inclusive", "no_tax"}
    assert any(each.currency != "GBP" and each.rate != 1 for each in documents)
    assert any(0 < each.due < each.total for each in documents)
    assert any(each.due > 0 and each.due_on < NOW.date() for each in documents)
    assert any(len(str(each.total).replace(".", "")) == 15 for each in documents)
    lines = [line for each in documents for line in each.lines]
    assert any(line.discount_rate for line in lines)
    assert any(line.discount_amount for line in lines)
    assert any(line.unit_price.as_tuple().exponent == -4 for line in lines)
    assert {payment.kind for payment in found.payments.values()} >= {"invoice", "bill", "credit_note"}
    assert Counter(contact.status for contact in found.contacts.values())["archived"] >= 1
    kinds = {(contact.is_customer, contact.is_supplier) for contact in found.contacts.values()}
    assert kinds == {(True, False), (False, True), (True, True), (False, False)}
    names = [contact.name for contact in found.contacts.values()]
    assert len(set(names)) == len(names)
    assert not "".join(names).isascii()


def test_sizes_are_as_asked_for() -> None:
    counts = truth_of(books(records=200), WHOLE).counts
    assert (counts["invoices"], counts["bills"]) == (200, 120)
    assert (counts["creditNotes"], counts["billCreditNotes"], counts["items"]) == (10, 6, 20)
    assert counts["customers"] + counts["suppliers"] >= 50


@pytest.mark.parametrize(
    ("status", "live"), [("voided", True), ("deleted", False)], ids=["voided", "deleted"]
)
def test_the_truth_counts_voided_documents_and_leaves_deleted_ones_out(status: str, live: bool) -> None:
    found = books(records=20)
    before = truth_of(found, WHOLE)
    draft = next(each for each in found.documents.values() if each.kind == "invoice")
    found.documents[draft.id] = evolve(draft, status=status)  # type: ignore[arg-type]
    after = truth_of(found, WHOLE)
    assert after.counts["invoices"] == before.counts["invoices"] - (not live)
    assert after.deleted["invoices"] == int(not live)
    assert after.totals["invoices"] == before.totals["invoices"] - (0 if live else draft.total)


def test_a_refund_counts_against_the_payments() -> None:
    found = books(records=400)
    refunds = [each.amount for each in found.payments.values() if each.kind == "credit_note"]
    taken = [each.amount for each in found.payments.values() if each.kind == "invoice"]
    assert refunds
    only = Counting(kinds=frozenset({"payments"}))
    assert truth_of(found, only).totals["payments"] == sum(taken) - sum(refunds)
