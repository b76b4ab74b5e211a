"""What a country gives its companies' books: the chart of accounts, tax rates, towns; and exchange rates."""

from decimal import Decimal
from typing import Final, Literal, NamedTuple

from attrs import frozen

from tallystick.connectors.sandbox.amounts import TaxBasis
from tallystick.connectors.sandbox.books import AccountKind, BankKind, TaxRate, TaxRegime


class ChartRow(NamedTuple):
    """An account before it has an id."""

    code: str
    name: str
    kind: AccountKind
    tax_code: str
    system: str = ""
    currency: str = ""  #: of a bank account that is not in the base currency
    bank_kind: BankKind = "current"


class Town(NamedTuple):
    """Where people live; `tax_code` is what is charged on sales to them, where that hangs on the place."""

    name: str
    postcode: str
    region: str = ""
    tax_code: str = ""


@frozen(kw_only=True)
class Country:
    """All that is different where the books are kept. Account codes mean the same in every chart."""

    code: Literal["GB", "US"]  #: ISO 3166 alpha-2
    name: str
    currency: str
    regime: TaxRegime
    chart: tuple[ChartRow, ...]
    tax_rates: tuple[TaxRate, ...]
    towns: tuple[Town, ...]
    foreign: tuple[str, ...]  #: currencies of customers and suppliers abroad
    bases: tuple[TaxBasis, ...]  #: as often as each is met
    lower_codes: tuple[str, ...]  #: now and then instead of a sale's usual tax code
    reverse_code: str  #: of purchases abroad, where a rate is for them


#: Lines of a sale or a purchase take one of these accounts when no item says otherwise.
SALES_CODES: Final = ("200", "200", "210", "220", "260")
PURCHASE_CODES: Final = (
    "310", "310", "400", "404", "412", "425", "429", "445", "461", "463", "469", "473", "480", "489", "493",
)  # fmt: skip
#: What employees pay for the company.
EXPENSE_CODES: Final = ("420", "461", "493", "493")
CURRENT, SAVINGS, CARD = "090", "091", "095"
#: What was written off of the fixed assets stands here; no money moves by it.
WRITTEN_OFF: Final = "711"

#: Units of each currency for one pound.
PER_POUND: Final = {
    "GBP": Decimal(1),
    "EUR": Decimal("1.168342"),
    "USD": Decimal("1.271905"),
    "CAD": Decimal("1.738219"),
    "CHF": Decimal("1.118764"),
    "AUD": Decimal("1.951227"),
    "SEK": Decimal("13.402118"),
    "INR": Decimal("106.274531"),
    "IDR": Decimal("20391.463115"),
}
