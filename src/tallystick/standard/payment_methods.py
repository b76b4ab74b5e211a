"""The ways in which the company pays and is paid. Source: api-contract §3.1."""

from datetime import datetime
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata

PaymentMethodType = Literal["Unknown", "Cash", "Check", "CreditCard", "DebitCard", "BankTransfer", "Other"]
PaymentMethodStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class PaymentMethod:
    """One way to pay, as the company's accounting software lists it."""

    DATA_TYPE: ClassVar[DataType] = "paymentMethods"

    id: str
    name: str | None = None
    type: PaymentMethodType
    status: PaymentMethodStatus
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
