"""What a connection's actor is told by others; its own tasks' reports are in `reports.py`."""

from attrs import frozen

from tallystick.connectors import Notice
from tallystick.standard import DataType

_NOTICE_BYTES = 400  #: about what one holds on to


@frozen(kw_only=True)
class Sync:
    """Ask for these data types to be refreshed. Answer: their datasets, queued and durable.

    Raises to the asker: `NotLinked`, `NotSupported`, `AlreadySyncing`.
    Safe to repeat: yes; a cursor moves in the transaction that stores its page.
    """

    data_types: tuple[DataType, ...]
    reason: str


@frozen(kw_only=True)
class Due:
    """Go on with datasets that a stop or a crash left unfinished; where there are none, refresh what is due.

    Ignored while the file is looked into already, or a sync runs, whose end plans anew. Safe to repeat: yes.
    """


@frozen(kw_only=True)
class Linked:
    """Consent was given and its tokens are stored. What runs goes on with them; `wanted` is read too.

    Answer: the new datasets, queued and durable; None where nothing more is wanted. Safe to repeat: yes.
    Raises to the asker: `StoreUnusable`; what is wanted is due all the same.
    """

    grant_id: str | None
    wanted: tuple[DataType, ...] = ()


@frozen(kw_only=True)
class RecordsChanged:
    """The provider has told that these records changed: read them anew, once nothing else is read.

    Ignored where that cannot be done now: the schedule reads what has changed. Safe to repeat: yes; a notice
    that was told before is known by its id, and after a crash the record is read once more.
    """

    notices: tuple[Notice, ...]

    @property
    def size_bytes(self) -> int:
        """What a mailbox counts."""
        return _NOTICE_BYTES * len(self.notices)


@frozen(kw_only=True)
class Deauthorise:
    """The provider no longer honours the consent. Safe to repeat: yes.

    Ignored when the connection has been given another consent since.
    """

    reason: str
    grant_id: str | None


@frozen(kw_only=True)
class Unlink:
    """Stop what runs and let the link go; its data stays. Answer: the row as it is then.

    Raises to the asker: `NotLinked`.
    """


@frozen(kw_only=True)
class Remove:
    """Stop what runs and let the link go: its rows are to be deleted. Answer: once that is on the disk.

    Raises to the asker: `StoreUnusable`; then the link stands. Safe to repeat: yes.
    """
