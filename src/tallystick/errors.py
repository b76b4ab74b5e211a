"""The closed tree of errors: what went wrong, who can mend it, and how.

Every error has a stable `code` (public: docs/errors.md lists them all), a `recovery` that tells the
engine what to do next, and a `fix`: one sentence for the person who reads it. Error texts never hold
tokens, secrets or bodies of provider answers.
"""

from typing import ClassVar, Literal

from attrs import define, field

Recovery = Literal["retry", "skip", "stop", "ask_person"]
#: Kinds of trouble with a provider: a closed set, by which it is counted.
FaultClass = Literal[
    "transient",
    "throttled",
    "needs_reauthorisation",
    "permission_missing",
    "not_supported",
    "provider_bug",
    "our_bug",
]


@define(kw_only=True)
class TallystickError(Exception):
    """Root of the tree. Raise a leaf, catch a branch."""

    code: ClassVar[str]  #: public and stable
    recovery: ClassVar[Recovery]
    fix: ClassVar[str]
    fault: ClassVar[FaultClass | None] = None  #: None where it is no trouble with a provider


# --- retry: the same act may work later, nobody has to do anything ---------------------------------


@define(kw_only=True)
class Retry(TallystickError):
    """Nothing is wrong with the link or the data; the act can be tried again."""

    recovery = "retry"


@define(kw_only=True)
class RateLimited(Retry):
    """The provider refused the call for now (HTTP 429), or our own budget for the tenant is spent."""

    code = "provider.rate_limited"
    fault = "throttled"
    fix = "Ask again after that time: short limits are waited for, a long one ends the dataset."
    platform: str
    scope: str  #: which limit: minute, day, concurrent, appminute or unknown
    retry_after: float  #: seconds

    def __str__(self) -> str:
        return f"{self.platform} asks us to wait {self.retry_after:g} s ({self.scope} limit)"


@define(kw_only=True)
class ProviderUnavailable(Retry):
    """No usable answer: a network fault, a deadline passed, or HTTP 5xx."""

    code = "provider.unavailable"
    fault = "transient"
    fix = "None needed at first. If it lasts, look at the provider's status page."
    platform: str
    reason: str  #: in words, without URL or body

    def __str__(self) -> str:
        return f"{self.platform} did not answer properly: {self.reason}"


@define(kw_only=True)
class ProviderDown(Retry):
    """The provider fails for many tenants at once: it is left alone for a while, so the call was not made."""

    code = "provider.circuit_open"
    fault = "transient"
    fix = "None needed: calls go out again by themselves. If it lasts, look at the provider's status page."
    platform: str
    retry_after: float  #: seconds

    def __str__(self) -> str:
        return f"{self.platform} is down: no call is made to it for {self.retry_after:.0f} s"


@define(kw_only=True)
class AlreadySyncing(Retry):
    """A dataset of this type is still in progress for this connection."""

    code = "sync.already_in_progress"
    fix = "Wait until the running sync has ended, then ask again."
    data_type: str
    dataset_id: str

    def __str__(self) -> str:
        return f"{self.data_type} is still being synced as {self.dataset_id}"


@define(kw_only=True)
class PageOutOfOrder(Retry):
    """The page before this one was not stored, or another sync moved the cursor: nothing is skipped."""

    code = "sync.page_out_of_order"
    fix = "None needed: the next sync goes on from the last page that was stored."
    resource: str

    def __str__(self) -> str:
        return f"the page of {self.resource} before this one was not stored"


@define(kw_only=True)
class ActorUnavailable(Retry):
    """The actor did not take or answer the message before its deadline, or it has stopped."""

    code = "actor.unavailable"
    fix = "Try again. If it lasts, the metrics tell of mailboxes, restarts and parked actors."
    actor: str
    reason: str

    def __str__(self) -> str:
        return f"{self.actor} {self.reason}"


@define(kw_only=True)
class ListMoved(Retry):
    """A list lost rows while its reading was interrupted: others may have moved to earlier pages."""

    code = "provider.list_moved"
    fault = "transient"
    fix = "Nothing to do: the list is read from its beginning again."
    platform: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource} at {self.platform} changed while its reading was interrupted"


@define(kw_only=True)
class CountMismatch(Retry):
    """The provider says that a list has more rows than its pages gave."""

    code = "provider.count_mismatch"
    fault = "provider_bug"
    fix = "Nothing to do: it is read again. Should both counts come again, what was read is taken as it is."
    platform: str
    resource: str
    read: int
    told: int

    def __str__(self) -> str:
        return f"{self.platform} says that {self.resource} has {self.told} rows, its pages gave {self.read}"


@define(kw_only=True)
class SyncStalled(Retry):
    """A sync did not get on: no answer and no stored page for its deadline."""

    code = "sync.stalled"
    fault = "transient"
    fix = "It is tried again by itself. If it lasts, the platform hangs or the disk does."
    platform: str
    seconds: float

    def __str__(self) -> str:
        return f"no answer of {self.platform} and no stored page for {self.seconds:g} s: the sync was stopped"


@define(kw_only=True)
class LargeAnswerWaited(Retry):
    """A large answer did not get the process's one place for such: others had it for too long."""

    code = "sync.large_answer_waited"
    fault = "transient"
    fix = "None needed: it is asked for again. If it lasts, the disk is slow or many lists are very large."
    platform: str
    seconds: float

    def __str__(self) -> str:
        return f"a large answer of {self.platform} waited {self.seconds:g} s for others to be stored"


# --- skip: one record cannot be used, the rest can -------------------------------------------------


@define(kw_only=True)
class Skip(TallystickError):
    """One record is left out with its reason; its raw bytes stay."""

    recovery = "skip"


@define(kw_only=True)
class RecordRejected(Skip):
    """A record of the provider's that cannot be told in the standard model."""

    code = "mapping.record_rejected"
    fault = "provider_bug"
    fix = "Read the issue's path and message; the raw record is kept for a better mapping."
    path: str  #: such as `$.LineItems[2].TaxType`
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


# --- stop: this connection or dataset cannot go on as it is ----------------------------------------


@define(kw_only=True)
class Stop(TallystickError):
    """The dataset ends in error; what was stored before stays and the cursor does not move."""

    recovery = "stop"


@define(kw_only=True)
class PageUnreadable(Stop):
    """The provider's answer is not what it promises: not JSON, cut short, or without its list."""

    code = "provider.page_unreadable"
    fault = "provider_bug"
    fix = "The page is kept raw for its author. The next sync goes on from the last good page."
    platform: str
    resource: str
    reason: str
    raw: bytes = field(default=b"", repr=False)  #: what came of it, to be kept

    def __str__(self) -> str:
        return f"{self.platform} sent a page of {self.resource} that cannot be read: {self.reason}"


@define(kw_only=True)
class SyncCrashed(Stop):
    """Our own code failed in this sync, and again when it was taken up."""

    code = "sync.crashed"
    fault = "our_bug"
    fix = "What was read before is stored. This is a bug on our side: report it."

    def __str__(self) -> str:
        return "the sync crashed twice"


@define(kw_only=True)
class RequestRefused(Stop):
    """The provider says that the request itself is wrong (HTTP 4xx that nothing else explains)."""

    code = "provider.request_refused"
    fault = "our_bug"
    fix = "This is a bug on our side or a change on theirs: report it with the platform's status."
    platform: str
    resource: str
    status: int

    def __str__(self) -> str:
        return f"{self.platform} refused the request for {self.resource} with HTTP {self.status}"


@define(kw_only=True)
class PermissionMissing(Stop):
    """The consent does not cover this data type, or the provider's plan lacks it."""

    code = "provider.permission_missing"
    fault = "permission_missing"
    fix = "Link again with the missing permission, or leave the data type out."
    platform: str
    resource: str

    def __str__(self) -> str:
        return f"the consent given at {self.platform} does not cover {self.resource}"


@define(kw_only=True)
class NotSupported(Stop):
    """The provider has no such data type."""

    code = "provider.not_supported"
    fault = "not_supported"
    fix = "Leave the data type out for this platform; GET /integrations lists what it has."
    platform: str
    data_type: str

    def __str__(self) -> str:
        return f"Datatype [{self.data_type}] not supported by platform(s) [{self.platform}]"


# --- ask a person: somebody has to decide or to act ------------------------------------------------


@define(kw_only=True)
class AskPerson(TallystickError):
    """Only a person can mend it."""

    recovery = "ask_person"


@define(kw_only=True)
class NeedsReauthorisation(AskPerson):
    """The provider no longer honours the consent: revoked, expired, or its tokens are gone."""

    code = "connection.needs_reauthorisation"
    fault = "needs_reauthorisation"
    fix = "Send the company to the connection's linkUrl: it gives its consent again."
    platform: str
    reason: str

    def __str__(self) -> str:
        return f"{self.platform} no longer accepts the consent: {self.reason}"


@define(kw_only=True)
class LinkFailed(AskPerson):
    """The consent did not end in a link."""

    code = "connection.link_failed"
    fix = "Open the connection's linkUrl again and finish the provider's consent page."
    reason: str

    def __str__(self) -> str:
        return self.reason


@define(kw_only=True)
class NotLinked(AskPerson):
    """The act needs a linked connection and this one is not."""

    code = "connection.not_linked"
    fix = "Send the company to the connection's linkUrl first."
    status: str

    def __str__(self) -> str:
        return f"the connection is {self.status}, not Linked"


@define(kw_only=True)
class ConnectionParked(AskPerson):
    """The connection crashed more often than is borne and waits for the operators."""

    code = "connection.parked"
    fix = "This is a bug on our side. Operators see why and let it go on: tallystick actors --resume ID."
    reason: str

    def __str__(self) -> str:
        return f"the connection is parked: {self.reason}"


@define(kw_only=True)
class ConfigurationInvalid(AskPerson):
    """A setting, a file or a command line that cannot be used. The command ends with exit code 2."""

    code = "configuration.invalid"
    fix = "Mend what the message names, then run the command again."
    message: str

    def __str__(self) -> str:
        return self.message


@define(kw_only=True)
class SyncSettingsInvalid(AskPerson):
    """Sync settings that cannot be meant; none of them was stored."""

    code = "sync_settings.invalid"
    fix = "Mend every field that the message names, then send the settings again."
    faults: tuple[tuple[str, str], ...]  #: field, such as `settings[2].syncSchedule`, and what is wrong

    def __str__(self) -> str:
        return "; ".join(f"{field} {fault}" for field, fault in self.faults)


@define(kw_only=True)
class StoreUnusable(AskPerson):
    """The data folder cannot be opened: wrong key, in use by another process, or damaged."""

    code = "store.unusable"
    fix = "Mend what the message names. The data in the folder has not been touched."
    message: str

    def __str__(self) -> str:
        return self.message
