"""What every provider's folder gives, and what the engine may ask of it.

A connector knows one provider: how consent is asked and tokens are kept fresh (`Auth`), how its lists
are read (`Client`), and how its words become ours (`Mapper`). It stores nothing, owns no actor and
keeps no state between calls; the engine owns tokens, budgets, cursors and time.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal, Protocol

import httpx
import msgspec
from attrs import field, frozen

from tallystick.standard import DataType, StandardRecord


@frozen(kw_only=True)
class Resource:
    """One list of the provider's, by its own name; what the engine reads and keeps a cursor for.

    One list may give several of our data types: Xero's `Contacts` are customers and suppliers.
    """

    name: str
    data_types: tuple[DataType, ...]
    after: tuple[str, ...] = ()  #: resources that are read before this one in the same sync
    incremental: bool = True  #: False: every answer is the whole list, whatever is asked


@frozen(kw_only=True)
class Limits:
    """What the provider allows per tenant; None where it sets no such limit."""

    calls_a_minute: int | None
    calls_a_day: int | None
    calls_in_flight: int
    app_calls_a_minute: int | None = None  #: of our app, over all tenants


@frozen(kw_only=True)
class Manifest:
    """A provider as data."""

    slug: str  #: folder, CLI, metric label: `xero`
    platform_key: str  #: the API's four letters: `gbol`
    name: str  #: as people say it
    integration_id: str  #: UUID, the same in every installation
    source_id: str  #: UUID, likewise
    resources: tuple[Resource, ...]
    scopes: tuple[str, ...]
    limits: Limits
    overlap_s: float  #: seconds that an incremental read goes back before the last one began

    def resource(self, name: str) -> Resource:
        """The resource of that name. Raises: `KeyError`."""
        return {r.name: r for r in self.resources}[name]

    @property
    def data_types(self) -> tuple[DataType, ...]:
        """Every data type that the provider gives, in the order in which they are read."""
        return tuple(dict.fromkeys(t for r in self.resources for t in r.data_types))


@frozen(kw_only=True)
class Tokens:
    """What one consent is worth now. Never logged: `repr` hides both tokens."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime  #: of the access token; aware UTC
    scope: str = ""


@frozen(kw_only=True)
class Tenant:
    """A company's books at the provider, as its consent offers them."""

    id: str
    name: str


@frozen(kw_only=True)
class Consent:
    """One run of the authorisation code flow, from the redirect to the exchange."""

    state: str = field(repr=False)  #: single use
    code_verifier: str | None = field(repr=False)  #: PKCE; None where the provider offers none
    redirect_uri: str


class Auth(Protocol):
    """Consent, tokens and tenants.

    Raises: `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`; `exchange` also `LinkFailed`;
    `refresh` also `ConfigurationInvalid`, when the provider does not know our app.
    """

    pkce: ClassVar[bool]

    def authorize_url(self, consent: Consent) -> str:
        """Where the company's browser is sent."""

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        """Turn the callback's query into the first tokens."""

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens for old. The answer replaces both tokens, always.

        Raises `NeedsReauthorisation` only when the provider says that the grant is gone.
        """

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:
        """Let this tenant's consent go at the provider. Safe to repeat."""

    async def tenants(
        self, http: httpx.AsyncClient, tokens: Tokens, callback: Mapping[str, str]
    ) -> Sequence[Tenant]:
        """What this very consent gave access to."""


class Calls(Protocol):
    """How a connector reaches its provider: the engine's way of spending a token and a call.

    It takes a call from the tenant's budget, sends the request with a fresh access token, gives the
    budget what the answer's headers say, and refreshes once after an answer that means *expired*.
    """

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The provider's answer to a GET below its API's base URL, status 200 or 304 only.

        Raises the errors of the connector's fault table for every other status.
        """


@frozen(kw_only=True)
class Page:
    """One answer of the provider, whole."""

    raw: bytes = field(repr=False)  #: as it came, decompressed
    records: Sequence[msgspec.Raw] = field(repr=False)  #: cut out of it: each one's exact bytes
    next: str | None  #: where the next page is, in the connector's own words; None after the last one
    ahead: tuple[str, ...] = ()
    """Where pages after `next` are, as far as this answer already tells: they may be asked for at once.

    Only for a list whose order no update disturbs, and together with `total`, which shows it when rows
    have moved between pages meanwhile.
    """
    total: int | None = None  #: records in the whole list when this was answered, where the provider says so
    fingerprint: int | None = None  #: of its records; None for none. The same twice in a row is no progress
    provider_time: datetime | None = None  #: the provider's clock when it answered; aware UTC
    partial: bool = False
    """Something of the list is left out that may exist: what the provider does not let us read, say.

    A whole reading with such a page tells of no record that it is gone.
    """


class Client(Protocol):
    """Reads the provider's lists, an answer a call. Repeats, and what is asked ahead, are the engine's."""

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """One page of a resource, in an order that updates do not disturb.

        `since`: only what changed at or after it (aware UTC); None for everything.
        `at`: a `Page.next` or one of `Page.ahead`; None for the first page.
        There is always a first page: an answer that says *nothing has changed* (HTTP 304) is a page
        without rows, so that the dataset ends in every case.
        Raises: `PageUnreadable`; what `calls.get` raises.
        """

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """One record of a resource, read anew. `key`: as a `Notice` says it, or the provider's own id of it.

        Of a record that the provider no longer has, the page holds a row that the mapper tells as `Gone`;
        it may be the connector's own. Raises: as `page` does.
        """


@frozen(kw_only=True)
class Notice:
    """The provider's word that a record has changed. It says which one; what it is now is read at the API."""

    id: str  #: the same whenever the same is told again
    tenant: str  #: `Tenant.id`
    resource: str  #: `Resource.name`
    key: str  #: as `Client.one` takes it


class HookUnreadable(Exception):
    """A message with a good signature that is not of the form that the provider describes."""


class Hooks(Protocol):
    """The provider's messages to us: how they are known to be its own, and what they say.

    Pure. An address that a message names is never asked: the record's is made of its id.
    """

    def verify(self, body: bytes, headers: Mapping[str, str], key: str) -> bool:
        """Whether these very bytes were signed with the app's key, compared in constant time.

        `headers`: with names in lower case. Never raises: a header that is no signature is a false one.
        """

    def notices(self, body: bytes) -> Sequence[Notice]:
        """What changed, in the order told; none for a trial message, or for what we do not read.

        Raises: `HookUnreadable`.
        """


@frozen(kw_only=True)
class Gone:
    """A record that the provider says is no more: what is stored of it is marked as deleted."""

    data_type: DataType
    id: str


@frozen(kw_only=True)
class Issue:
    """A doubt about one record: the record is kept (`warning`) or left out (`rejected`)."""

    severity: Literal["warning", "rejected"]
    path: str  #: in the provider's record: `$.LineItems[2].TaxType`
    message: str  #: for the client's developer, without values of other people's data
    record_id: str | None = None
    data_type: DataType | None = None


@frozen(kw_only=True)
class Books:
    """What mapping needs to know of the company beyond the record in hand."""

    base_currency: str | None = None  #: ISO 4217
    today: date | None = None
    account_ids: Mapping[str, str] = field(factory=dict)  #: ids of the chart of accounts, by code


class Mapper(Protocol):
    """Their words into ours. Pure: no clock, no network, no state."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        """The records of a page, each as its exact bytes. Raises: `PageUnreadable`."""

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        """What one record of the provider's is in our model: none, one or several data types.

        A row that tells of a record that is no more gives a `Gone` of each that it was. All faults of the
        row are added to `issues`, each with its path; it never raises for data.
        """


class SourceUnknown(ValueError):
    """The name of a list that is none, or is not written as one; `str` says what is wrong with it."""


class Lists(Protocol):
    """The provider's lists by its own names, for what a client wants beyond the standard model.

    A name is what stands behind the API's base URL, such as `/Contacts`; its slash may be left out.
    """

    def check(self, source: str) -> None:
        """Refuse what is not the plain name of a list: nothing in it may lead elsewhere.

        Pure: that the provider has such a list is seen when it is asked. Raises: `SourceUnknown`.
        """

    def of(self, resource: Resource) -> Sequence[str]:
        """The lists that a resource is read from."""

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        """A row of a resource as the list of that name has it; None where it is a row of another list.

        The case of the name does not matter. Never raises for data.
        """

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        """One page of any list, whole: see `Client.page`. Raises: `SourceUnknown`, and as that does."""


class Connector(Protocol):
    """One provider, complete. `connectors.registry` lists them."""

    @property
    def manifest(self) -> Manifest:
        """The provider as data, as this installation uses it."""

    @property
    def auth(self) -> Auth:
        """Consent and tokens."""

    @property
    def client(self) -> Client:
        """Its lists."""

    @property
    def mapper(self) -> Mapper:
        """Its words."""

    @property
    def hooks(self) -> Hooks | None:
        """Its messages to us; None where it sends none."""

    @property
    def lists(self) -> Lists:
        """Its lists, by its own names for them."""

    @property
    def mapping_version(self) -> int:
        """Moves with every change of the mapping that changes a record."""

    @property
    def api_url(self) -> str:
        """The API's base URL, without a slash at its end; `{tenant}` in it stands for the tenant's id."""

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:
        """What every call carries: the token, and whose books are meant."""

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        """The error of our tree that an answer other than 200 or 304 means (its table: faults.py).

        An expired access token is told as `TokenExpired`, so that the caller refreshes once.
        """

    def paces(self, response: httpx.Response) -> "Pace":
        """What the answer's headers say of the limits."""


@frozen(kw_only=True)
class Pace:
    """The provider's own word on how many calls are left; None where it does not say."""

    left_this_minute: int | None = None
    left_today: int | None = None
    app_left_this_minute: int | None = None  #: to our app, over all tenants
    retry_after_s: float | None = None
    scope: str | None = None  #: the limit that was hit: minute, day, concurrent, appminute


class TokenExpired(Exception):
    """The access token is over; the grant may still be good. Only `Calls` ever sees it."""


#: Settings of one provider as `config.ProviderSettings` has them, by the connector's own choice of URLs.
Endpoints = Mapping[str, Any]
