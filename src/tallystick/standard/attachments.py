"""The files that belong to a record. Source: api-contract §§3, 3.1."""

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Attachment:
    """One file at a bill, customer, direct cost, direct income, invoice, purchase order or supplier.

    Listed and fetched below that record; it is no data type, and the record does not name it.
    """

    id: str
    name: str | None = None  #: of the file
    contentType: str | None = None  #: such as `image/jpeg`
    dateCreated: datetime | None = None  #: when it was added at the provider; aware UTC
    fileSize: int | None = None  #: bytes
    includeWhenSent: bool = False  #: it goes along when the document is sent to the customer
    sourceModifiedDate: datetime | None = None


@frozen(kw_only=True)
class Attachments:
    """All files of one record."""

    attachments: tuple[Attachment, ...] = ()
