"""What happens to a provider's notices of change, told once each."""

from typing import Literal

from attrs import frozen

DropReason = Literal[
    "duplicate",  # told before
    "list_read",  # too many of one resource: its changes are read in their place
    "not_read",  # of a resource that the app's consent does not open
    "unknown_tenant",
    "not_linked",
    "parked",
    "busy",  # the connection's mailbox is full
    "throttled",
    "unavailable",  # the provider, or the client's file
    "failed",
]


@frozen(kw_only=True)
class NoticesReceived:
    """A message with a good signature named so many records; 0 for a trial message."""

    platform: str
    notices: int


@frozen(kw_only=True)
class NoticesDropped:
    """Notices that lead to no reading of their records. The schedule reads what has changed all the same."""

    platform: str
    reason: DropReason
    notices: int
    connection_id: str | None = None


@frozen(kw_only=True)
class RecordsRefreshed:
    """Records that a provider had told of were read anew, and what is stored of them is on the disk."""

    platform: str
    client_id: str
    connection_id: str
    asked: int  #: records that were asked for
    changed: int  #: records of ours that are new or have changed; of those, now deleted ones included
    failed: int  #: records that could not be read: their lists are read soon
    waited_s: float  #: from the first notice of any of them to the disk
