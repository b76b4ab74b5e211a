"""Rows of what moves money, of what sets credits against documents, of journals and of the ledger.

Source: providers.md §§2.4, 6; Sage's description of version 3.1.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tallystick.connectors.sage.sandbox.dialect import (
    ALLOCATION_TYPES,
    ON_ACCOUNT_TYPES,
    PAYMENT_TYPES,
    View,
    account_text,
    bank_ref,
    batch_id,
    category_refs,
    contact_ref,
    currency_ref,
    document_ref,
    method_ref,
    moment,
    money,
    on_account_id,
    on_account_ref,
    ref,
    sage_id,
    tax_id,
)
from tallystick.connectors.sage.sandbox.postings import Posted
from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import (
    SALES,
    Allocation,
    Application,
    BankTransaction,
    Books,
    JournalLine,
    Line,
    ManualJournal,
    OnAccount,
    Payment,
    Side,
    Transfer,
)
from tallystick.connectors.sandbox.reliefs import net


def _head(
    path: str, id_: str, text: str, kind: str, *, at: datetime, made: str, deleted: bool
) -> dict[str, Any]:
    return {
        "id": id_,
        "displayed_as": text,
        "$path": f"/{path}/{id_}",
        "created_at": made,
        "updated_at": moment(at),
        "transaction": ref("transactions", id_, text),
        "transaction_type": ref("transaction_types", kind, kind.replace("_", " ").title()),
        "deleted_at": moment(at) if deleted else None,
    }


def _entered(on: date) -> str:
    """A moment that never moves, whatever is changed."""
    return f"{on.isoformat()}T00:00:00Z"


def payment(sources: Sequence[Payment], books: Books, _view: View) -> dict[str, Any]:
    """A row of `contact_payments`: of one payment, or of all that were paid in one sum."""
    first = sources[0]
    paid, bank = books.documents[first.document_id], books.accounts[first.account_id]
    batch = books.batches[first.batch_id] if first.batch_id else None
    reference = batch.reference if batch is not None else first.reference
    id_, total = batch_id(first), sum((each.amount for each in sources), ZERO)
    return {
        **_head(
            "contact_payments",
            id_,
            reference or "Payment",
            PAYMENT_TYPES[first.kind],
            at=max(each.updated_at for each in sources),
            made=_entered(first.paid_on),
            deleted=all(each.status == "deleted" for each in sources),
        ),
        "payment_method": method_ref(first.method_id, books),
        "contact": contact_ref(paid.contact_id, books),
        "bank_account": bank_ref(bank),
        "date": first.paid_on.isoformat(),
        "net_amount": money(total),
        "tax_amount": money(ZERO),
        "total_amount": money(total),
        "currency": currency_ref(paid.currency),
        "exchange_rate": money(first.rate),
        "base_currency_total_amount": money(cents(total / first.rate)),
        "reference": reference,
        "allocated_artefacts": [
            {
                "id": f"{sage_id(each.id)[:30]}0a",
                "artefact": document_ref(books.documents[each.document_id]),
                "amount": money(each.amount),
                "discount": money(ZERO),
            }
            for each in sources
        ],
        "tax_rate": None,
        "payment_on_account": None,
        "editable": True,
    }


def on_account(source: OnAccount, books: Books, _view: View) -> dict[str, Any]:
    """A row of `contact_payments` that was set against nothing when it was entered."""
    id_, amount = sage_id(source.id), money(source.amount)
    worth = money(cents(source.amount / source.rate))
    contact, currency = contact_ref(source.contact_id, books), currency_ref(source.currency)
    status = "PAID" if not source.left else "PART_PAID" if source.applied else "UNPAID"
    return {
        **_head(
            "contact_payments",
            id_,
            source.reference or "Payment",
            ON_ACCOUNT_TYPES[source.side],
            at=source.updated_at,
            made=moment(source.created_at),
            deleted=source.status == "voided",
        ),
        "payment_method": method_ref(source.method_id, books),
        "contact": contact,
        "bank_account": bank_ref(books.accounts[source.account_id]),
        "date": source.paid_on.isoformat(),
        "net_amount": amount,
        "tax_amount": money(ZERO),
        "total_amount": amount,
        "currency": currency,
        "exchange_rate": money(source.rate),
        "base_currency_total_amount": worth,
        "reference": source.reference,
        "allocated_artefacts": [],
        "tax_rate": None,
        "payment_on_account": {
            "id": on_account_id(source.id),
            "displayed_as": source.reference or "Payment on Account",
            "$path": f"/payments_on_account/{on_account_id(source.id)}",
            "created_at": moment(source.created_at),
            "updated_at": moment(source.updated_at),
            "contact_name": books.contacts[source.contact_id].name,
            "contact_reference": "",
            "contact": contact,
            "date": source.paid_on.isoformat(),
            "reference": source.reference,
            "net_amount": amount,
            "tax_amount": money(ZERO),
            "total_amount": amount,
            "outstanding_amount": money(source.left),
            "currency": currency,
            "exchange_rate": money(source.rate),
            "base_currency_total_amount": worth,
            "status": ref("artefact_statuses", status, status.replace("_", " ").title()),
        },
        "editable": True,
    }


def allocation(source: Allocation | Application, books: Books, _view: View) -> dict[str, Any]:
    """A row of `contact_allocations`: what is settled has a plus, what is used up a minus."""
    settled = books.documents[source.document_id]
    if isinstance(source, Allocation):
        used = document_ref(books.documents[source.credit_id])
    else:
        paid = books.on_account[source.on_account_id]
        used = on_account_ref(paid.id, paid.reference)
    side: Side = "sales" if settled.kind in SALES else "purchases"
    id_ = sage_id(source.id)
    return {
        **_head(
            "contact_allocations",
            id_,
            "Allocation",
            ALLOCATION_TYPES[side],
            at=datetime.combine(source.made_on, time(), UTC),
            made=_entered(source.made_on),
            deleted=False,
        ),
        "date": source.made_on.isoformat(),
        "contact": contact_ref(settled.contact_id, books),
        "allocated_artefacts": [
            {"id": f"{id_[:30]}0b", "artefact": document_ref(settled), "amount": money(source.amount)},
            {"id": f"{id_[:30]}0c", "artefact": used, "amount": money(-source.amount)},
        ],
    }


def other_payment(source: BankTransaction, books: Books, _view: View) -> dict[str, Any]:
    """A row of `other_payments`: without a currency; its lines have no quantity, item or discount."""
    kind = "OTHER_PAYMENT" if source.kind == "spend" else "OTHER_RECEIPT"
    reference = source.reference or source.number
    return {
        **_head(
            "other_payments",
            sage_id(source.id),
            reference or "Payment",
            kind,
            at=source.updated_at,
            made=moment(source.created_at),
            deleted=source.status == "deleted",
        ),
        "payment_method": method_ref(source.method_id, books),
        "contact": contact_ref(source.contact_id, books) if source.contact_id else None,
        "bank_account": bank_ref(books.accounts[source.account_id]),
        "tax_address_region": None,
        "date": source.made_on.isoformat(),
        "net_amount": money(source.sub_total),
        "tax_amount": money(source.tax),
        "total_amount": money(source.total),
        "reference": reference,
        "payment_lines": [_payment_line(line, source, books) for line in source.lines],
        "editable": True,
        "deletable": True,
        "withholding_tax_rate": None,
        "withholding_tax_amount": None,
    }


def _payment_line(line: Line, of: BankTransaction, books: Books) -> dict[str, Any]:
    account, rate = books.accounts[line.account_id], books.tax_rates[line.tax_code]
    amount = net(line, of.basis)
    return {
        "id": sage_id(line.id),
        "displayed_as": line.description,
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "details": line.description,
        "tax_rate": ref("tax_rates", tax_id(rate.code), rate.name),
        "net_amount": money(amount),
        "tax_amount": money(line.tax),
        "total_amount": money(amount + line.tax),
        "analysis_type_categories": category_refs(line.tracking, books),
        "is_purchase_for_resale": False,
        "trade_of_asset": False,
    }


def transfer(source: Transfer, books: Books, _view: View) -> dict[str, Any]:
    """A row of `bank_transfers`: one amount, of the account that it left."""
    return {
        **_head(
            "bank_transfers",
            sage_id(source.id),
            source.reference or "Bank Transfer",
            "BANK_TRANSFER",
            at=source.updated_at,
            made=moment(source.created_at),
            deleted=source.status == "deleted",
        ),
        "from_bank_account": bank_ref(books.accounts[source.from_account_id]),
        "to_bank_account": bank_ref(books.accounts[source.to_account_id]),
        "date": source.made_on.isoformat(),
        "reference": source.reference,
        "amount": money(source.from_amount),
        "description": source.reference,
    }


def journal(source: ManualJournal, books: Books, _view: View) -> dict[str, Any]:
    """A row of `journals`, or of `opening_balance_journals`, which are not counted by anything."""
    path = "opening_balance_journals" if source.opening else "journals"
    kind = "OPENING_BALANCE_JOURNAL" if source.opening else "JOURNAL"
    row = {
        **_head(
            path,
            sage_id(source.id),
            source.number,
            kind,
            at=source.updated_at,
            made=moment(source.created_at),
            deleted=source.status in {"voided", "deleted"},
        ),
        "date": source.posted_on.isoformat(),
        "reference": source.number if not source.opening else source.narration,
        "journal_lines": [_journal_line(line, source, books) for line in source.lines],
    }
    if not source.opening:
        total = sum((line.amount for line in source.lines if line.amount > 0), ZERO)
        row |= {"description": source.narration, "total": money(total), "journal_code": None}
    return row


def _journal_line(line: JournalLine, of: ManualJournal, books: Books) -> dict[str, Any]:
    account = books.accounts[line.account_id]
    row: dict[str, Any] = {
        "id": sage_id(line.id),
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "details": line.description,
        **_sides(line.amount),
    }
    if not of.opening:
        row["analysis_type_categories"] = category_refs(line.tracking, books)
        row |= {"include_on_tax_return": False, "cleared": False, "bank_reconciled": False}
    return row


def _sides(amount: Decimal) -> dict[str, str]:
    return {"debit": money(max(ZERO, amount)), "credit": money(max(ZERO, -amount))}


def ledger_entry(source: Posted, books: Books, _view: View) -> dict[str, Any]:
    """A row of `ledger_entries`."""
    account, reference = books.accounts[source.account_id], source.reference
    return {
        "id": source.id,
        "displayed_as": reference,
        "$path": f"/ledger_entries/{source.id}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "date": source.posted_on.isoformat(),
        **_sides(source.amount),
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "transaction": {
            **ref("transactions", source.transaction_id, reference),
            "reference": reference,
            "transaction_type": ref("transaction_types", source.kind, source.kind),
            "origin": source.origin,
        },
        "contact": contact_ref(source.contact_id, books) if source.contact_id else None,
        "deleted": source.deleted,
        "tax_rate": None,
        "description": source.description,
        "journal_code": None,
    }
