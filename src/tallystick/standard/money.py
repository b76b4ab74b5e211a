"""Money and rates: exact decimals, from the provider's bytes to ours."""

from decimal import Decimal
from typing import Final

#: Decimals are never made from a float; a provider's literal keeps its digits and its scale.
ZERO: Final = Decimal(0)
