"""A believable UK chart of accounts, its VAT rates and what a pound was worth."""

from decimal import Decimal
from typing import Final, NamedTuple

from tallystick.connectors.sandbox.books import AccountKind, TaxRate


class ChartRow(NamedTuple):
    """An account before it has an id."""

    code: str
    name: str
    kind: AccountKind
    tax_code: str
    system: str = ""
    currency: str = ""  #: of a bank account that is not in the base currency


CHART: Final = (
    ChartRow("090", "Business current account", "bank", "NONE"),
    ChartRow("091", "Business savings account", "bank", "NONE"),
    ChartRow("092", "US dollar account", "bank", "NONE", currency="USD"),
    ChartRow("200", "Sales", "income", "S20"),
    ChartRow("210", "Consultancy", "income", "S20"),
    ChartRow("220", "Export sales", "income", "S0"),
    ChartRow("260", "Other revenue", "income", "S20"),
    ChartRow("270", "Interest income", "other_income", "NONE"),
    ChartRow("310", "Cost of goods sold", "cost_of_sales", "P20"),
    ChartRow("320", "Direct wages", "cost_of_sales", "NONE"),
    ChartRow("400", "Advertising & marketing", "expense", "P20"),
    ChartRow("404", "Bank fees", "expense", "PE"),
    ChartRow("412", "Accountancy", "expense", "P20"),
    ChartRow("416", "Depreciation", "depreciation", "NONE"),
    ChartRow("420", "Entertainment 100 % business", "expense", "NONE"),
    ChartRow("425", "Postage, freight & courier", "expense", "P20"),
    ChartRow("429", "General expenses", "expense", "P20"),
    ChartRow("445", "Light, power, heating", "expense", "P5"),
    ChartRow("461", "Printing & stationery", "expense", "P20"),
    ChartRow("463", "IT software and consumables", "expense", "P20"),
    ChartRow("469", "Rent", "expense", "PE"),
    ChartRow("473", "Repairs & maintenance", "expense", "P20"),
    ChartRow("480", "Books & training", "expense", "P0"),
    ChartRow("489", "Telephone & internet", "expense", "P20"),
    ChartRow("493", "Travel", "expense", "P0"),
    ChartRow("610", "Accounts receivable", "current_asset", "NONE", "DEBTORS"),
    ChartRow("630", "Stock", "current_asset", "NONE"),
    ChartRow("710", "Office equipment", "fixed_asset", "P20"),
    ChartRow("711", "Less accumulated depreciation on office equipment", "fixed_asset", "NONE"),
    ChartRow("800", "Accounts payable", "current_liability", "NONE", "CREDITORS"),
    ChartRow("820", "VAT", "current_liability", "NONE", "GST"),
    ChartRow("860", "Rounding", "current_liability", "NONE", "ROUNDING"),
    ChartRow("900", "Loan", "long_term_liability", "NONE"),
    ChartRow("960", "Retained earnings", "equity", "NONE", "RETAINEDEARNINGS"),
    ChartRow("970", "Owner A share capital", "equity", "NONE"),
)

TAX_RATES: Final = tuple(
    TaxRate(
        code=code,
        name=name,
        percent=Decimal(percent),
        report_code="OUTPUT" if code[0] == "S" else "INPUT" if code[0] == "P" else "NONE",
        on_sales=code[0] != "P",
        on_purchases=code[0] != "S",
    )
    for code, name, percent in (
        ("S20", "20% (VAT on Income)", "20.0000"),
        ("P20", "20% (VAT on Expenses)", "20.0000"),
        ("S5", "5% (VAT on Income)", "5.0000"),
        ("P5", "5% (VAT on Expenses)", "5.0000"),
        ("S0", "Zero Rated Income", "0.0000"),
        ("P0", "Zero Rated Expenses", "0.0000"),
        ("SE", "Exempt Income", "0.0000"),
        ("PE", "Exempt Expenses", "0.0000"),
        ("NONE", "No VAT", "0.0000"),
    )
)

#: Lines of a sale or a purchase take one of these accounts when no item says otherwise.
SALES_CODES: Final = ("200", "200", "210", "220", "260")
PURCHASE_CODES: Final = (
    "310", "310", "400", "404", "412", "425", "429", "445", "461", "463", "469", "473", "480", "489", "493",
)  # fmt: skip

#: Units of each currency for one pound.
PER_POUND: Final = {
    "GBP": Decimal(1),
    "EUR": Decimal("1.168342"),
    "USD": Decimal("1.271905"),
    "CHF": Decimal("1.118764"),
    "AUD": Decimal("1.951227"),
    "SEK": Decimal("13.402118"),
    "INR": Decimal("106.274531"),
    "IDR": Decimal("20391.463115"),
}
FOREIGN: Final = ("EUR", "EUR", "USD", "USD", "CHF", "AUD", "SEK", "INR")
