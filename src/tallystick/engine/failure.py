"""What an error means for the datasets that it ended: which state, and which error of several."""

from typing import Final

from tallystick.errors import (
    CountMismatch,
    LargeAnswerWaited,
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
    (LargeAnswerWaited, "FetchError"),
    (StoreUnusable, "ProcessingError"),
    (PageOutOfOrder, "ProcessingError"),
)


def rejection_told(count: int, first: str | None) -> str:
    """Why a dataset whose pages were all read is not complete, in words."""
    records = "1 record" if count == 1 else f"{count} records"
    example = f" ({first})" if first else ""
    return (
        f"{records} could not be told in the standard model{example}; the others are stored. "
        "They are kept raw, and read again when they change, when the mapping does, or with the whole list."
    )


def status_of(error: TallystickError) -> DatasetStatus:
    """The state for this error; what the table does not know is our own fault."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), "InternalError")


def foremost(group: BaseExceptionGroup[TallystickError]) -> TallystickError:
    """What a group of our errors is about: a consent that is gone, a store that fails, else the first."""
    leaves: list[TallystickError] = []

    def collect(error: BaseException) -> None:
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                collect(inner)
        elif isinstance(error, TallystickError):
            leaves.append(error)

    collect(group)
    first = [e for kind in (NeedsReauthorisation, StoreUnusable) for e in leaves if isinstance(e, kind)]
    return [*first, *leaves][0]
