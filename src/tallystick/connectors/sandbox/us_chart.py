"""A believable American company: its chart of accounts, and sales tax that hangs on the customer's town.

A purchase bears no tax that could be claimed back: the company books what it pays.
"""

from decimal import Decimal
from typing import Final

from tallystick.connectors.sandbox.books import TaxComponent, TaxRate
from tallystick.connectors.sandbox.chart import ChartRow, Country, Town

_HOME: Final = "CA-LA"
_CHART: Final = (
    ChartRow("090", "Business checking", "bank", "NONE"),
    ChartRow("091", "Money market savings", "bank", "NONE", bank_kind="savings"),
    ChartRow("092", "Pound sterling account", "bank", "NONE", currency="GBP"),
    ChartRow("093", "Euro account", "bank", "NONE", currency="EUR"),
    ChartRow("095", "Corporate credit card", "bank", "NONE", bank_kind="credit_card"),
    ChartRow("200", "Sales", "income", _HOME),
    ChartRow("210", "Consulting", "income", "EXEMPT"),
    ChartRow("220", "Export sales", "income", "EXEMPT"),
    ChartRow("260", "Other revenue", "income", _HOME),
    ChartRow("270", "Interest income", "other_income", "NONE"),
    ChartRow("310", "Cost of goods sold", "cost_of_sales", "NONE"),
    ChartRow("320", "Direct labor", "cost_of_sales", "NONE"),
    ChartRow("400", "Advertising & marketing", "expense", "NONE"),
    ChartRow("404", "Bank service charges", "expense", "NONE"),
    ChartRow("412", "Accounting fees", "expense", "NONE"),
    ChartRow("416", "Depreciation", "depreciation", "NONE"),
    ChartRow("420", "Meals & entertainment", "expense", "NONE"),
    ChartRow("425", "Postage, freight & delivery", "expense", "NONE"),
    ChartRow("429", "General expenses", "expense", "NONE"),
    ChartRow("445", "Utilities", "expense", "NONE"),
    ChartRow("461", "Office supplies", "expense", "NONE"),
    ChartRow("463", "Software & consumables", "expense", "NONE"),
    ChartRow("469", "Rent", "expense", "NONE"),
    ChartRow("473", "Repairs & maintenance", "expense", "NONE"),
    ChartRow("477", "Salaries & wages", "expense", "NONE"),
    ChartRow("478", "Payroll taxes", "expense", "NONE"),
    ChartRow("480", "Books & training", "expense", "NONE"),
    ChartRow("489", "Telephone & internet", "expense", "NONE"),
    ChartRow("493", "Travel", "expense", "NONE"),
    ChartRow("498", "Realized currency gains", "expense", "NONE", "REALISEDCURRENCYGAIN"),
    ChartRow("610", "Accounts receivable", "current_asset", "NONE", "DEBTORS"),
    ChartRow("630", "Inventory", "current_asset", "NONE"),
    ChartRow("710", "Office equipment", "fixed_asset", "NONE"),
    ChartRow("711", "Accumulated depreciation on office equipment", "fixed_asset", "NONE"),
    ChartRow("800", "Accounts payable", "current_liability", "NONE", "CREDITORS"),
    ChartRow("814", "Wages payable", "current_liability", "NONE"),
    ChartRow("820", "Sales tax payable", "current_liability", "NONE", "GST"),
    ChartRow("825", "Payroll liabilities", "current_liability", "NONE"),
    ChartRow("850", "Accrued expenses", "current_liability", "NONE"),
    ChartRow("860", "Rounding", "current_liability", "NONE", "ROUNDING"),
    ChartRow("900", "Term loan", "long_term_liability", "NONE"),
    ChartRow("960", "Retained earnings", "equity", "NONE", "RETAINEDEARNINGS"),
    ChartRow("970", "Common stock", "equity", "NONE"),
)


def _sales_tax(code: str, name: str, agency: str, *parts: tuple[str, str]) -> TaxRate:
    components = tuple(
        TaxComponent(name=part, percent=Decimal(percent), agency=agency) for part, percent in parts
    )
    return TaxRate(
        code=code,
        name=name,
        percent=sum((part.percent for part in components), Decimal("0.0000")),
        report_code="OUTPUT",
        on_sales=True,
        on_purchases=False,
        components=components,
    )


def _no_tax(code: str, name: str, *, on_purchases: bool) -> TaxRate:
    return TaxRate(
        code=code,
        name=name,
        percent=Decimal("0.0000"),
        report_code="NONE",
        on_sales=True,
        on_purchases=on_purchases,
    )


_RATES: Final = (
    _sales_tax(
        "CA-LA",
        "Los Angeles County 9.5%",
        "California Department of Tax and Fee Administration",
        ("California state", "7.2500"),
        ("Los Angeles County", "2.2500"),
    ),
    _sales_tax(
        "NY-NYC",
        "New York City 8.875%",
        "New York State Department of Taxation and Finance",
        ("New York state", "4.0000"),
        ("New York City", "4.5000"),
        ("Metropolitan Commuter District", "0.3750"),
    ),
    _sales_tax(
        "TX-HAR",
        "Harris County 8.25%",
        "Texas Comptroller of Public Accounts",
        ("Texas state", "6.2500"),
        ("Houston and Harris County", "2.0000"),
    ),
    _sales_tax(
        "WA-KNG",
        "King County 10.35%",
        "Washington State Department of Revenue",
        ("Washington state", "6.5000"),
        ("Seattle and King County", "3.8500"),
    ),
    _no_tax("EXEMPT", "Exempt or for resale", on_purchases=False),
    _no_tax("NONE", "No tax", on_purchases=True),
)

US: Final = Country(
    code="US",
    name="United States",
    currency="USD",
    regime="sales_tax",
    chart=_CHART,
    tax_rates=_RATES,
    towns=(
        Town("Los Angeles", "90012", "CA", "CA-LA"), Town("Pasadena", "91101", "CA", "CA-LA"),
        Town("Long Beach", "90802", "CA", "CA-LA"), Town("Brooklyn", "11201", "NY", "NY-NYC"),
        Town("New York", "10007", "NY", "NY-NYC"), Town("Houston", "77002", "TX", "TX-HAR"),
        Town("Pasadena", "77506", "TX", "TX-HAR"), Town("Seattle", "98104", "WA", "WA-KNG"),
        Town("Bellevue", "98004", "WA", "WA-KNG"), Town("Portland", "97204", "OR", "EXEMPT"),
    ),
    foreign=("EUR", "EUR", "EUR", "GBP", "GBP", "GBP", "CAD", "AUD", "INR"),
    bases=("exclusive",) * 17 + ("no_tax",) * 3,
    lower_codes=("EXEMPT",),
    reverse_code="",
)  # fmt: skip
