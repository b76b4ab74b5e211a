"""Which state a dataset ends in, by the error that ended it."""

from typing import Final

from tallystick.errors import (
    CountMismatch,
    ListMoved,
    NeedsReauthorisation,
    NotSupported,
    PageOutOfOrder,
    PageUnreadable,
    PermissionMissing,
    ProviderDown,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    StoreUnusable,
    SyncStalled,
    TallystickError,
)
from tallystick.standard import DatasetStatus

#: First match wins. The words are the API's (api-contract §2); which of them fits is ours.
_STATUS: Final[tuple[tuple[type[TallystickError], DatasetStatus], ...]] = (
    (RateLimited, "RateLimitError"),
    (NeedsReauthorisation, "AuthError"),
    (PermissionMissing, "PermissionsError"),
    (NotSupported, "NotSupported"),
    (PageUnreadable, "FetchError"),
    (ProviderUnavailable, "FetchError"),
    (ProviderDown, "FetchError"),
    (RequestRefused, "FetchError"),
    (ListMoved, "FetchError"),
    (CountMismatch, "FetchError"),
    (SyncStalled, "FetchError"),
    (StoreUnusable, "ProcessingError"),
    (PageOutOfOrder, "ProcessingError"),
)


def rejection_told(count: int, first: str | None) -> str:
    """Why a dataset whose pages were all read is not complete, in words."""
    records = "1 record" if count == 1 else f"{count} records"
    example = f" ({first})" if first else ""
    return (
        f"{records} could not be told in the standard model{example}; the others are stored. "
        "They are kept raw and read again by the next sync."
    )


def status_of(error: TallystickError) -> DatasetStatus:
    """The state for this error; what the table does not know is our own fault."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), "InternalError")
