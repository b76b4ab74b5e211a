"""What all transactions are put together of: references, currency, lines, discounts, taxes.

Written from the provider's own documents, apart from the connector's mapping. Amounts stay `Decimal`; the
encoder writes them digit for digit. Source: providers.md §§2.3, 5 nos. 44-46, 51, 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import frozen

from tallystick.connectors.quickbooks.sandbox.dialect import BASES, TAXED, UNTAXED, exchange_rate, plain, ref
from tallystick.connectors.quickbooks.sandbox.numbering import (
    Numbering,
    customer_key,
    parts_of,
    rate_key,
    vendor_key,
)
from tallystick.connectors.sandbox.amounts import ZERO, TaxBasis, cents
from tallystick.connectors.sandbox.books import (
    Account,
    BankTransaction,
    Books,
    Document,
    Line,
    Order,
    TaxRate,
)
from tallystick.connectors.sandbox.reliefs import net

_SEVEN: Final = Decimal("0.0000001")
Lined = Document | Order | BankTransaction
#: How a line is told: of something sold, of something bought, or of money taken to the bank.
LineOf = Literal["sale", "purchase", "deposit"]


@frozen
class Parts:
    """One company's books and the numbers of their records."""

    books: Books
    numbers: Numbering
    orders_of: Mapping[str, Sequence[str]]  #: purchase orders by the bill that they led to

    @classmethod
    def of(cls, books: Books, numbers: Numbering) -> "Parts":
        """Of books as they are now."""
        found: dict[str, list[str]] = {}
        for order in books.orders.values():
            if order.kind == "purchase_order" and order.document_id and order.status != "deleted":
                found.setdefault(order.document_id, []).append(order.id)
        return cls(books, numbers, found)

    @property
    def american(self) -> bool:
        """Whether sales tax is kept: lines are taxed or not, and the document says with what."""
        return self.books.organisation.tax_regime == "sales_tax"

    def number(self, id_: str) -> str:
        """A transaction's id."""
        return self.numbers.of("Txn", id_)

    def account(self, id_: str) -> dict[str, Any]:
        """A reference to an account."""
        return self._account(self.books.accounts[id_])

    def control(self, system: str) -> dict[str, Any]:
        """A reference to an account that the provider keeps for something."""
        return self._account(self.books.system_account(system))

    def _account(self, source: Account) -> dict[str, Any]:
        return ref(self.numbers.of("Account", source.id), source.name)

    def customer(self, contact_id: str, **more: str) -> dict[str, Any]:
        """A reference to a contact as a customer."""
        number = self.numbers.of("Name", customer_key(contact_id))
        return ref(number, self.books.contacts[contact_id].name, **more)

    def vendor(self, contact_id: str, **more: str) -> dict[str, Any]:
        """A reference to a contact as a vendor."""
        return ref(
            self.numbers.of("Name", vendor_key(contact_id)), self.books.contacts[contact_id].name, **more
        )

    def employee(self, employee_id: str) -> dict[str, Any]:
        """A reference to an employee."""
        found = self.books.employees[employee_id]
        name = f"{found.first_name} {found.last_name}"
        return ref(self.numbers.of("Name", employee_id), name, type="Employee")

    def method(self, method_id: str | None) -> dict[str, Any]:
        """How it was paid, as a field; none where nobody says."""
        if method_id is None:
            return {}
        name = self.books.payment_methods[method_id].name
        return {"PaymentMethodRef": ref(self.numbers.of("Method", method_id), name)}

    def currency(self, currency: str, rate: Decimal) -> dict[str, Any]:
        """Currency and rate, as fields."""
        return {"CurrencyRef": ref(currency), "ExchangeRate": exchange_rate(rate)}

    def class_of(self, options: Iterable[str]) -> dict[str, Any]:
        """The class that a line is counted towards, as a field."""
        return self._tracked(options, "Class", "ClassRef")

    def department_of(self, options: Iterable[str]) -> dict[str, Any]:
        """The department (QuickBooks calls it a location) of a whole transaction, as a field."""
        return self._tracked(options, "Department", "DepartmentRef")

    def _tracked(
        self, options: Iterable[str], entity: Literal["Class", "Department"], name: str
    ) -> dict[str, Any]:
        for option in options:
            number = self.numbers.given.get((entity, option))
            if number is not None:
                return {name: ref(number, self.books.tracking_options[option].name)}
        return {}

    def tax_code(self, code: str) -> dict[str, Any]:
        """What a line says of its tax."""
        if self.american:
            return ref(TAXED if self.books.tax_rates[code].percent else UNTAXED)
        return ref(self.numbers.of("TaxCode", code))

    def body(self, source: Lined, kind: LineOf, *, void: bool = False) -> dict[str, Any]:
        """Lines, taxes and totals of a transaction, as fields."""
        lines = [
            self._line(source.basis, line, place, kind, void) for place, line in enumerate(source.lines, 1)
        ]
        if kind == "sale":
            lines += _sums(source, lines, void)
        told: dict[str, Any] = {"Line": lines, "TotalAmt": ZERO if void else source.total}
        if source.lines:
            told |= self.department_of(source.lines[0].tracking)
        if self.american:
            if kind != "purchase":
                told["TxnTaxDetail"] = self._sales_tax(source, void)
        else:
            told["GlobalTaxCalculation"] = BASES[source.basis]
            if source.basis != "no_tax":
                told["TxnTaxDetail"] = self._taxes(source, void)
        return told

    def _line(self, basis: TaxBasis, line: Line, place: int, kind: LineOf, void: bool) -> dict[str, Any]:
        """An amount is always net; where prices hold the tax, the gross is told beside it (quirk 45)."""
        inclusive = basis == "inclusive"
        # What was taken off the lines of a sale stands below them in one: see `_sums`.
        amount = net(line, basis) if inclusive or kind != "sale" else line.amount + line.discount
        word, detail = self._detail(line, kind)
        if "Qty" in detail and inclusive:
            detail["UnitPrice"] = (
                (amount / line.quantity).quantize(_SEVEN) if line.quantity else line.unit_price
            )
        if inclusive:
            detail["TaxInclusiveAmt"] = ZERO if void else line.amount
        return {
            "Id": str(place),
            "LineNum": place,
            "Description": line.description,
            "Amount": ZERO if void else amount,
            "DetailType": word,
            word: detail,
        }

    def _detail(self, line: Line, kind: LineOf) -> tuple[str, dict[str, Any]]:
        detail = {"TaxCodeRef": self.tax_code(line.tax_code), **self.class_of(line.tracking)}
        account = self.account(line.account_id)
        if kind == "deposit":
            return "DepositLineDetail", {**detail, "AccountRef": account, "TaxApplicableOn": "Sales"}
        priced: dict[str, Any] = {"Qty": plain(line.quantity), "UnitPrice": line.unit_price}
        if line.item_id:
            item = self.books.items.get(line.item_id)
            number = self.numbers.of("Item", line.item_id)
            priced["ItemRef"] = ref(number, item.name if item is not None else line.description)
        if kind == "sale":
            return "SalesItemLineDetail", {**detail, **priced, "ItemAccountRef": account}
        detail["BillableStatus"] = "NotBillable"
        if line.item_id:
            return "ItemBasedExpenseLineDetail", {**detail, **priced, "ItemAccountRef": account}
        return "AccountBasedExpenseLineDetail", {**detail, "AccountRef": account}

    def _taxes(self, source: Lined, void: bool) -> dict[str, Any]:
        parts = [
            self._tax_line(rate, place, amount, base, void)
            for rate, tax, base in self._by_code(source)
            for place, amount in enumerate(_shares(rate, tax, base))
        ]
        return {"TotalTax": ZERO if void else source.tax, "TaxLine": parts}

    def _sales_tax(self, source: Lined, void: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"TotalTax": ZERO if void else source.tax}
        for rate, tax, base in self._by_code(source):
            if rate.percent:
                told["TxnTaxCodeRef"] = ref(self.numbers.of("TaxCode", rate.code))
                told["TaxLine"] = [
                    self._tax_line(rate, place, amount, base, void)
                    for place, amount in enumerate(_shares(rate, tax, base))
                ]
        return told

    def _by_code(self, source: Lined) -> list[tuple[TaxRate, Decimal, Decimal]]:
        """Tax and net amount of each of a transaction's tax codes."""
        found: dict[str, list[Decimal]] = {}
        for line in source.lines:
            sums = found.setdefault(line.tax_code, [ZERO, ZERO])
            sums[0] += line.tax
            sums[1] += net(line, source.basis)
        return [(self.books.tax_rates[code], tax, base) for code, (tax, base) in found.items()]

    def _tax_line(
        self, rate: TaxRate, place: int, amount: Decimal, base: Decimal, void: bool
    ) -> dict[str, Any]:
        return {
            "Amount": ZERO if void else amount,
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": ref(self.numbers.of("TaxRate", rate_key(rate, place))),
                "PercentBased": True,
                "TaxPercent": plain(parts_of(rate)[place].percent),
                "NetAmountTaxable": ZERO if void else base,
            },
        }


def _shares(rate: TaxRate, tax: Decimal, base: Decimal) -> list[Decimal]:
    """What each part of a rate comes to: rounded, and the last is what is left."""
    found = [cents(base * part.percent / 100) for part in parts_of(rate)[:-1]]
    return [*found, tax - sum(found, ZERO)]


def _sums(source: Lined, lines: Iterable[dict[str, Any]], void: bool) -> list[dict[str, Any]]:
    """What stands among the lines and is none: their sum, and what was taken off it (quirk 44)."""
    whole = sum((line["Amount"] for line in lines), ZERO)
    found: list[dict[str, Any]] = [
        {"Amount": whole, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    ]
    if source.discount and source.basis != "inclusive" and not void:
        found.append(
            {
                "Amount": source.discount,
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": {"PercentBased": False},
            }
        )
    return found
