"""The rates of tax that documents are charged with. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.accounts import ValidDatatypeLinks
from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata
from tallystick.standard.supplemental import SupplementalData

TaxRateStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class TaxRateComponent:
    """One of the taxes that a rate is made of."""

    name: str | None = None
    rate: Decimal | None = None  #: per cent
    isCompound: bool


@frozen(kw_only=True)
class TaxRate:
    """One rate, or several that are charged together."""

    DATA_TYPE: ClassVar[DataType] = "taxRates"

    id: str
    name: str | None = None
    code: str | None = None
    effectiveTaxRate: Decimal | None = None  #: per cent, with components charged on components
    totalTaxRate: Decimal | None = None  #: per cent, the plain sum of the components
    components: tuple[TaxRateComponent, ...] = ()
    validDatatypeLinks: tuple[ValidDatatypeLinks, ...] | None = None
    status: TaxRateStatus
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
