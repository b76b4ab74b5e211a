"""The company itself, as its accounting software describes it. Source: api-contract §3.1."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, Literal

from attrs import frozen

from tallystick.standard.contacts import Address, Phone
from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.supplemental import SupplementalData

WebLinkType = Literal["Website", "Social", "Unknown"]

_PRESENT: Final = Metadata()


@frozen(kw_only=True)
class WebLink:
    """An address on the web."""

    type: WebLinkType | None = None
    url: str | None = None


@frozen(kw_only=True)
class CompanyInfo:
    """A company's particulars: one record a connection, hence without an id and never deleted."""

    DATA_TYPE: ClassVar[DataType] = "company"

    companyName: str | None = None
    accountingPlatformRef: str | None = None  #: the company's id at the provider
    companyLegalName: str | None = None
    addresses: tuple[Address, ...] = ()
    phoneNumbers: tuple[Phone, ...] = ()
    webLinks: tuple[WebLink, ...] = ()
    ledgerLockDate: CalendarDate | None = None  #: the last day that nobody can post to any more
    registrationNumber: str | None = None
    taxNumber: str | None = None
    financialYearStartDate: CalendarDate | None = None
    baseCurrency: str | None = None
    sourceUrls: Mapping[str, str] | None = None
    createdDate: datetime | None = None
    supplementalData: SupplementalData | None = None

    @property
    def id(self) -> str | None:
        """None: there is one."""
        return None

    @property
    def sourceModifiedDate(self) -> datetime | None:  # noqa: N802 - the API's own spelling
        """None: providers do not tell."""
        return None

    @property
    def metadata(self) -> Metadata:
        """Never deleted."""
        return _PRESENT
