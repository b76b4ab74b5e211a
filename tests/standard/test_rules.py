"""What the rules of the standard model find, and what they let pass."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standard.conftest import any_of

from tallystick.standard import (
    RECORD_CLASSES,
    Account,
    AccountRef,
    AccountTransaction,
    AccountTransactionLine,
    AllocatedPayment,
    Allocation,
    BalanceSheet,
    BalanceSheetPeriod,
    CalendarDate,
    CreditNote,
    CreditNoteLineItem,
    CustomerRef,
    DataType,
    Invoice,
    InvoiceLineItem,
    ItemReceipt,
    ItemReceiptLineItem,
    JournalEntry,
    JournalLine,
    Metadata,
    Payment,
    PaymentAllocation,
    PaymentLine,
    PaymentLineLink,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    TaxRate,
    TaxRateComponent,
    Transfer,
    TransferAccount,
    TransferAccountRef,
    WithholdingTax,
    encode,
    written,
)
from tallystick.standard.rules import RULE_IDS, RULES, doubtful, numbers, references
from tallystick.standard.rules.currencies import UNITS

HERE = Metadata()
DAY = CalendarDate("2026-01-10T00:00:00")
BEFORE = CalendarDate("2026-01-09T00:00:00")


def money(text: str) -> Decimal:
    return Decimal(text)


def a_line(**changes: Any) -> InvoiceLineItem:
    told = {
        "quantity": money("3"),
        "unitAmount": money("10.00"),
        "subTotal": money("30.00"),
        "taxAmount": money("6.00"),
        "totalAmount": money("36.00"),
    }
    return InvoiceLineItem(**{**told, **changes})


def an_invoice(**changes: Any) -> Invoice:
    told: dict[str, Any] = {
        "id": "i",
        "issueDate": DAY,
        "currency": "GBP",
        "lineItems": (a_line(), a_line()),
        "subTotal": money("60.00"),
        "totalTaxAmount": money("12.00"),
        "totalAmount": money("72.00"),
        "amountDue": money("72.00"),
        "status": "Submitted",
        "metadata": HERE,
    }
    return Invoice(**{**told, **changes})


def allocated(amount: str, currency: str | None = "GBP") -> PaymentAllocation:
    return PaymentAllocation(
        allocation=Allocation(totalAmount=money(amount), currency=currency), payment=AllocatedPayment()
    )


def ids(record: Any) -> list[str]:
    return [finding.rule_id for finding in doubtful(record)]


def test_a_document_that_adds_up_is_not_doubted() -> None:
    assert ids(an_invoice()) == []
    assert ids(an_invoice(lineItems=())) == [], "a list that gives no lines"
    paid = an_invoice(amountDue=money("22.00"), paymentAllocations=(allocated("-50.00"),))
    assert ids(paid) == []
    held = an_invoice(
        amountDue=money("62.00"), withholdingTax=(WithholdingTax(name="CIS", amount=money("10")),)
    )
    assert ids(held) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("010", {"totalAmount": money("73.00"), "amountDue": money("73.00")}),
        ("020", {"lineItems": (a_line(),), "totalTaxAmount": money("6.00"), "totalAmount": money("66.00")}),
        ("030", {"lineItems": (a_line(taxAmount=money("9.00")), a_line())}),
        ("040", {"lineItems": (a_line(quantity=money("4")), a_line())}),
        ("040", {"lineItems": (a_line(quantity=money("4"), unitAmount=money("10")), a_line())}),
        ("050", {"amountDue": money("80.00")}),
        ("050", {"amountDue": money("70.00"), "paymentAllocations": (allocated("-50.00"),)}),
        ("060", {"currency": None}),
        ("060", {"currency": "XXX"}),
        ("070", {"currency": "GBX"}),
        ("080", {"dueDate": BEFORE}),
        ("080", {"paidOnDate": BEFORE}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_rule_of_a_document_finds_what_it_is_about(rule: str, changes: dict[str, Any]) -> None:
    found = ids(an_invoice(**changes))
    assert f"accounting-invoice-{rule}" in found
    assert set(found) <= RULE_IDS


@pytest.mark.parametrize("make", [lambda r: r, lambda r: written.as_written(r)], ids=["attrs", "struct"])
def test_a_record_of_a_mapping_is_doubted_like_one_of_attrs(make: Callable[[Any], Any]) -> None:
    assert ids(make(an_invoice(totalAmount=money("73.00")))) == ["accounting-invoice-010"]
    assert ids(make(an_invoice())) == []


def test_what_rounding_explains_is_not_doubted() -> None:
    third = a_line(
        quantity=money("3"), unitAmount=money("3.3333"), subTotal=money("10.00"), taxAmount=money("2")
    )
    assert ids(an_invoice(lineItems=(third,), subTotal=money("10.00"), totalTaxAmount=money("2.00"),
                          totalAmount=money("12.00"), amountDue=money("12.00"))) == []  # fmt: skip
    lines = tuple(a_line(taxAmount=money("6.005")) for _ in range(4))
    assert ids(an_invoice(lineItems=lines, subTotal=money("120.00"), totalTaxAmount=money("24.00"),
                          totalAmount=money("144.00"), amountDue=money("144.00"))) == []  # fmt: skip
    yen = an_invoice(currency="JPY", totalAmount=money("72.6"), amountDue=money("72.6"))
    assert ids(yen) == [], "half a unit of a currency without hundredths"
    assert ids(an_invoice(totalAmount=money("72.6"), amountDue=money("72.6"))) == ["accounting-invoice-010"]


def test_a_discount_and_lines_that_hold_their_tax_are_understood() -> None:
    by_amount = a_line(quantity=money("4"), discountAmount=money("10.00"))
    by_share = a_line(quantity=money("4"), discountPercentage=money("25"))
    with_tax = a_line(unitAmount=money("12.00"))
    for line in (by_amount, by_share, with_tax):
        assert ids(an_invoice(lineItems=(line, a_line()))) == []
    whole = an_invoice(
        totalDiscount=money("5.00"),
        subTotal=money("55.00"),
        totalAmount=money("67.00"),
        amountDue=money("67.00"),
    )
    assert ids(whole) == [], "what was taken off the whole document"


def test_nothing_is_said_of_deleted_and_void_documents() -> None:
    wrong = {"totalAmount": money("1000")}
    assert ids(an_invoice(**wrong, metadata=Metadata(isDeleted=True))) == []
    assert ids(an_invoice(**wrong, status="Void")) == []


def test_a_finding_names_figures_and_their_difference_and_no_text_of_the_books() -> None:
    secret = "Amber & Sons"
    line = a_line(quantity=money("4"), description=secret)
    record = an_invoice(
        lineItems=(line, a_line()), totalAmount=money("75.5"), note=secret, invoiceNumber=secret,
        customerRef=CustomerRef(id="c", companyName=secret), currency=secret,
    )  # fmt: skip
    found = doubtful(record)
    assert len(found) == 3
    assert all(secret not in finding.message + finding.path for finding in found)
    assert {f.path: f.message for f in found}["$.totalAmount"] == (
        "subTotal and totalTaxAmount are not totalAmount: they differ by 3.5"
    )
    assert found[0].path == "$.lineItems[0]"


def test_a_huge_difference_is_not_written_out() -> None:
    huge = Decimal((0, (1,), 400_000))
    (found,) = doubtful(an_invoice(totalAmount=huge, amountDue=huge))
    assert len(found.message) < 120


def test_credit_notes_tell_what_is_left_of_them() -> None:
    def a_credit(left: str, *used: str) -> CreditNote:
        return CreditNote(
            id="c", totalAmount=money("72.00"), totalDiscount=money("0"), subTotal=money("60.00"),
            totalTaxAmount=money("12.00"), discountPercentage=money("0"), remainingCredit=money(left),
            status="Submitted", currency="GBP", issueDate=DAY, metadata=HERE,
            lineItems=(CreditNoteLineItem(quantity=money("6"), unitAmount=money("10"), subTotal=money("60"),
                                          taxAmount=money("12")),),
            paymentAllocations=tuple(map(allocated, used)),
        )  # fmt: skip

    assert ids(a_credit("72.00")) == []
    assert ids(a_credit("52.00", "20.00")) == []
    assert ids(a_credit("72.00", "20.00")) == ["accounting-credit-note-050"]


def test_a_receipt_of_items_knows_no_tax() -> None:
    line = ItemReceiptLineItem(quantity=money("2"), unitAmount=money("5"), subTotal=money("10"))
    receipt = ItemReceipt(
        id="r", status="Received", currency="USD", lineItems=(line,), subTotal=money("10"), metadata=HERE
    )
    assert ids(receipt) == []
    wrong = ItemReceipt(
        id="r", status="Received", currency="USD", lineItems=(line,), subTotal=money("11"), metadata=HERE
    )
    assert ids(wrong) == ["accounting-item-receipt-020"]


def a_payment(total: str, *lines: PaymentLine) -> Payment:
    return Payment(id="p", totalAmount=money(total), currency="GBP", date=DAY, lines=lines, metadata=HERE)


def a_part(amount: str, kind: Any, linked: str) -> PaymentLine:
    return PaymentLine(
        amount=money(amount), links=(PaymentLineLink(type=kind, id="x", amount=money(linked)),)
    )


def test_a_payment_s_lines_and_links_come_to_its_total_with_the_contract_s_signs() -> None:
    assert ids(a_payment("46.00", a_part("46.00", "Invoice", "-46.00"))) == []
    assert ids(a_payment("46.00")) == []
    assert ids(a_payment("-20.00", a_part("-20.00", "CreditNote", "20.00"))) == [], "a refund"
    assert ids(a_payment("47.00", a_part("46.00", "Invoice", "-46.00"))) == ["accounting-payment-010"]
    assert ids(a_payment("46.00", a_part("46.00", "Invoice", "-40.00"))) == ["accounting-payment-020"]
    assert "accounting-payment-030" in ids(a_payment("46.00", a_part("46.00", "Invoice", "46.00")))


def an_entry(*amounts: str, currency: str | None = "GBP") -> JournalEntry:
    lines = tuple(JournalLine(netAmount=money(amount), currency=currency) for amount in amounts)
    return JournalEntry(id="e", postedOn=DAY, journalLines=lines, metadata=HERE)


def test_an_entry_s_debits_are_its_credits() -> None:
    assert ids(an_entry("10.00", "-4.00", "-6.00")) == []
    assert ids(an_entry("10.00", "-4.00")) == ["accounting-journal-entry-010"]
    assert ids(an_entry("10.00", "-10.00", currency="ZZZ")) == ["accounting-journal-entry-070"] * 2


def test_lists_of_the_ledger_say_what_they_are() -> None:
    account = Account(id="a", type="Unknown", status="Active", metadata=HERE)
    assert ids(account) == ["accounting-account-010", "accounting-account-020"]
    posting = AccountTransaction(
        id="t", status="Unknown", currency="GBP", totalAmount=money("5"),
        lines=(AccountTransactionLine(amount=money("4")),), metadata=HERE,
    )  # fmt: skip
    assert ids(posting) == ["accounting-account-transaction-010"]
    rate = TaxRate(id="r", totalTaxRate=money("20"), status="Active", metadata=HERE,
                   components=(TaxRateComponent(rate=money("15"), isCompound=False),))  # fmt: skip
    assert ids(rate) == ["accounting-tax-rate-010"]

    def moved(left: str, arrived: str, to: str = "b") -> Transfer:
        ends = [
            TransferAccount(accountRef=TransferAccountRef(id=i), currency="GBP", amount=money(amount))
            for i, amount in (("a", left), (to, arrived))
        ]
        return Transfer(id="m", from_=ends[0], to=ends[1], status="Unknown", metadata=HERE)

    assert ids(moved("5", "5")) == []
    assert ids(moved("5", "6")) == ["accounting-transfer-010"]
    assert ids(moved("5", "5", to="a")) == ["accounting-transfer-020"]


def rows(*values: str, total: str | None = None) -> ReportLine:
    items = tuple(ReportLine(value=money(value)) for value in values)
    return ReportLine(
        value=money(total) if total else sum((i.value for i in items), start=money("0")), items=items
    )


def test_statements_follow_from_their_sections() -> None:
    def sheet(net: str, equity: str, assets: ReportLine) -> BalanceSheet:
        period = BalanceSheetPeriod(
            assets=assets, liabilities=rows("30"), netAssets=money(net), equity=rows(equity)
        )
        return BalanceSheet(currency="GBP", reports=(period,))

    assert ids(sheet("70", "70", rows("60", "40"))) == []
    assert ids(sheet("71", "71", rows("60", "40"))) == ["accounting-balance-sheet-010"]
    assert ids(sheet("70", "71", rows("60", "40"))) == ["accounting-balance-sheet-020"]
    assert ids(sheet("70", "70", rows("60", "30", total="100"))) == ["accounting-balance-sheet-050"]

    def results(**changes: Any) -> ProfitAndLoss:
        told: dict[str, Any] = {
            "income": rows("100"), "costOfSales": rows("40"), "grossProfit": money("60"),
            "expenses": rows("25"), "netOperatingProfit": money("35"), "otherIncome": rows("5"),
            "netOtherIncome": money("5"), "netProfit": money("40"),
        }  # fmt: skip
        period = ProfitAndLossPeriod(**{**told, **changes})
        return ProfitAndLoss(currency="GBP", reportBasis="Accrual", reports=(period,))

    assert ids(results()) == []
    assert ids(results(netProfit=money("41"))) == ["accounting-profit-and-loss-040"]
    assert ids(results(grossProfit=money("61"), netOperatingProfit=money("36"), netProfit=money("41"))) == [
        "accounting-profit-and-loss-010"
    ]


@pytest.mark.parametrize("data_type", sorted(RECORD_CLASSES))
def test_no_rule_ever_raises_and_no_finding_is_outside_the_table(data_type: DataType) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        record = data.draw(any_of(RECORD_CLASSES[data_type]))
        before = encode(record)
        assert {finding.rule_id for finding in doubtful(record)} <= RULE_IDS
        assert len(list(references.named_by(record))) >= 0
        numbers.number_of(record)
        assert encode(record) == before

    holds()


def test_every_rule_has_an_id_of_its_own_for_each_type_and_says_what_holds() -> None:
    told = [rule.id_for(data_type) for rule in RULES for data_type in rule.types]
    assert len(told) == len(set(told)) == len(RULE_IDS)
    assert all(rule.holds.endswith(".") for rule in RULES)
    assert "accounting-invoice-010" in RULE_IDS
    assert "accounting-bill-credit-note-020" in RULE_IDS
    assert "accounting-profit-and-loss-040" in RULE_IDS


def test_a_document_names_its_contact_and_what_is_on_its_lines() -> None:
    line = a_line(accountRef=AccountRef(id="200"))
    record = an_invoice(customerRef=CustomerRef(id="c"), lineItems=(line, line))
    assert list(references.named_by(record)) == [
        ("customers", "c"), ("chartOfAccounts", "200"), ("chartOfAccounts", "200"),
    ]  # fmt: skip


def test_a_number_counts_with_its_contact_and_not_in_a_void_document() -> None:
    record = an_invoice(invoiceNumber="INV-1", customerRef=CustomerRef(id="c"))
    assert numbers.number_of(record) == ("INV-1", "c")
    assert numbers.number_of(an_invoice(invoiceNumber="INV-1")) is None
    void = an_invoice(invoiceNumber="INV-1", customerRef=CustomerRef(id="c"), status="Void")
    assert numbers.number_of(void) is None


def test_currencies_are_counted_in_units_of_their_own() -> None:
    assert UNITS["GBP"] == money("0.01")
    assert UNITS["JPY"] == 1
    assert UNITS["KWD"] == money("0.001")
    assert "XXX" not in UNITS
