"""A believable British company: its chart of accounts and its VAT rates."""

from decimal import Decimal
from typing import Final

from tallystick.connectors.sandbox.books import TaxComponent, TaxRate
from tallystick.connectors.sandbox.chart import ChartRow, Country, Town

_CHART: Final = (
    ChartRow("090", "Business current account", "bank", "NONE"),
    ChartRow("091", "Business savings account", "bank", "NONE", bank_kind="savings"),
    ChartRow("092", "US dollar account", "bank", "NONE", currency="USD"),
    ChartRow("093", "Euro account", "bank", "NONE", currency="EUR"),
    ChartRow("095", "Company credit card", "bank", "NONE", bank_kind="credit_card"),
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
    ChartRow("477", "Salaries", "expense", "NONE"),
    ChartRow("478", "Employer's National Insurance", "expense", "NONE"),
    ChartRow("480", "Books & training", "expense", "P0"),
    ChartRow("489", "Telephone & internet", "expense", "P20"),
    ChartRow("493", "Travel", "expense", "P0"),
    ChartRow("498", "Realised currency gains", "expense", "NONE", "REALISEDCURRENCYGAIN"),
    ChartRow("610", "Accounts receivable", "current_asset", "NONE", "DEBTORS"),
    ChartRow("630", "Stock", "current_asset", "P20"),
    ChartRow("710", "Office equipment", "fixed_asset", "P20"),
    ChartRow("711", "Less accumulated depreciation on office equipment", "fixed_asset", "NONE"),
    ChartRow("800", "Accounts payable", "current_liability", "NONE", "CREDITORS"),
    ChartRow("814", "Wages payable", "current_liability", "NONE"),
    ChartRow("820", "VAT", "current_liability", "NONE", "GST"),
    ChartRow("825", "PAYE and National Insurance", "current_liability", "NONE"),
    ChartRow("850", "Accruals", "current_liability", "NONE"),
    ChartRow("860", "Rounding", "current_liability", "NONE", "ROUNDING"),
    ChartRow("900", "Loan", "long_term_liability", "NONE"),
    ChartRow("960", "Retained earnings", "equity", "NONE", "RETAINEDEARNINGS"),
    ChartRow("970", "Owner A share capital", "equity", "NONE"),
)

_RATES: Final = (
    *(
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
    ),
    TaxRate(
        code="RC20",
        name="Reverse Charge Expenses (20%)",
        percent=Decimal("0.0000"),
        report_code="REVERSECHARGES",
        on_sales=False,
        on_purchases=True,
        components=(
            TaxComponent(name="VAT accounted for", percent=Decimal("20.0000"), agency="HMRC"),
            TaxComponent(name="VAT reclaimed", percent=Decimal("-20.0000"), agency="HMRC"),
        ),
        reverse_charge=True,
    ),
)

UK: Final = Country(
    code="GB",
    name="United Kingdom",
    currency="GBP",
    regime="vat",
    chart=_CHART,
    tax_rates=_RATES,
    towns=(
        Town("Leeds", "LS1 4AP"), Town("Bristol", "BS1 5TR"), Town("Cardiff", "CF10 1EP"),
        Town("Glasgow", "G2 1DY"), Town("Norwich", "NR2 1NR"), Town("Sheffield", "S1 2HE"),
        Town("Exeter", "EX1 1EE"), Town("York", "YO1 7HH"), Town("Belfast", "BT1 5GS"),
        Town("Truro", "TR1 2HX"), Town("Durham", "DH1 3NJ"), Town("Inverness", "IV1 1DF"),
    ),
    foreign=("EUR", "EUR", "EUR", "USD", "USD", "USD", "CHF", "AUD", "SEK", "INR"),
    bases=("exclusive",) * 15 + ("inclusive",) * 4 + ("no_tax",),
    lower_codes=("S5", "S0", "SE"),
    reverse_code="RC20",
)  # fmt: skip
