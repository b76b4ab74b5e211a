"""What all records of the standard model have in common."""

from datetime import datetime
from typing import ClassVar, Protocol

from attrs import frozen

from tallystick.standard.data_types import DataType


@frozen(kw_only=True)
class Metadata:
    """What we know of the record beside its content."""

    isDeleted: bool = False  #: gone at the provider; the record itself stays readable


class StandardRecord(Protocol):
    """One thing of a company's books in our form: an invoice, a customer, an account.

    `modifiedDate` is no field here: the store adds it, since it tells when our copy last changed.
    """

    DATA_TYPE: ClassVar[DataType]

    @property
    def id(self) -> str | None:
        """The provider's own id; None only where a company has one such record (`company`)."""

    @property
    def sourceModifiedDate(self) -> datetime | None:  # noqa: N802 - the API's own spelling
        """When the provider last changed it; aware UTC."""

    @property
    def metadata(self) -> Metadata:
        """Deleted or not."""
