"""Whom the company sells to and buys from. Source: api-contract §3.1."""

from datetime import datetime
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata
from tallystick.standard.supplemental import SupplementalData

AddressType = Literal["Unknown", "Billing", "Delivery"]
PhoneType = Literal["Primary", "Landline", "Mobile", "Fax", "Unknown"]
CustomerStatus = Literal["Unknown", "Active", "Archived"]
SupplierStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class Address:
    """A place, in as many parts as the provider tells apart."""

    type: AddressType
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    postalCode: str | None = None


@frozen(kw_only=True)
class Phone:
    """A telephone number as the provider writes it."""

    number: str | None = None
    type: PhoneType


@frozen(kw_only=True)
class Contact:
    """A person at a customer's."""

    name: str | None = None
    email: str | None = None
    phone: tuple[Phone, ...] = ()
    address: Address | None = None
    status: CustomerStatus
    modifiedDate: datetime | None = None


@frozen(kw_only=True)
class Customer:
    """Somebody who buys from the company."""

    DATA_TYPE: ClassVar[DataType] = "customers"

    id: str
    customerName: str | None = None
    contactName: str | None = None
    emailAddress: str | None = None
    defaultCurrency: str | None = None
    phone: str | None = None
    addresses: tuple[Address, ...] = ()
    contacts: tuple[Contact, ...] = ()
    registrationNumber: str | None = None
    taxNumber: str | None = None
    status: CustomerStatus
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class Supplier:
    """Somebody whom the company buys from."""

    DATA_TYPE: ClassVar[DataType] = "suppliers"

    id: str
    supplierName: str | None = None
    contactName: str | None = None
    emailAddress: str | None = None
    defaultCurrency: str | None = None
    phone: str | None = None
    addresses: tuple[Address, ...] = ()
    registrationNumber: str | None = None
    taxNumber: str | None = None
    status: SupplierStatus
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
