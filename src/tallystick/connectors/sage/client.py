"""Reads Sage's lists, page by page. Source: providers §§2.1, 2.4, 5 nos. 54-56."""

import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import httpx
import msgspec
from attrs import field, frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.sage import place as places
from tallystick.connectors.sage.envelope import EMPTY, UNREADABLE, Envelope, open_envelope, unreadable
from tallystick.connectors.sage.faults import ABSENT, TOO_HEAVY, http_date
from tallystick.connectors.sage.listings import (
    ALL,
    BANK_LEDGER,
    BY_AGE,
    COMPANY,
    LISTINGS,
    Listing,
    listing_of,
)
from tallystick.connectors.sage.place import Place
from tallystick.errors import ListMoved, PermissionMissing, ProviderUnavailable, RequestRefused

#: Rows in a page: the most that Sage gives.
PAGE_SIZE: Final = 200
#: How many pages an answer names of those that follow it: more than are ever asked for at once.
_PAGES_TOLD: Final = 16
#: Before any books began: balances are asked for from here.
_BEGINNING: Final = "1970-01-01"
_BANKS: Final = "bank_accounts"


def _today() -> date:
    return datetime.now(UTC).date()


@frozen(kw_only=True)
class SageClient:
    """`contract.Client` for Sage.

    A resource may be read from several lists, one after the other; by its changes, each once more for what
    was deleted. A place tells the list and the rows before it: see `place`.
    """

    page_size: int = PAGE_SIZE
    today: Callable[[], date] = field(default=_today, repr=False)

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """See `contract.Client.page`.

        A list ends by its total: its `$next` may be empty before that, and a page past its end is the last
        one again. A page that Sage cannot make in time is asked for in parts, and so are those after it.
        Raises: `PageUnreadable`, also when another page comes than the one that was asked for; `ListMoved`
        for a place that nobody can tell any more.
        """
        if resource.name == COMPANY:
            return await self._company(calls)
        if at is not None:
            found = places.read(at, resource.name)
            if found is None:
                raise ListMoved(platform="sage", resource=resource.name)
            return await self._read(calls, resource, found, since)
        first = LISTINGS[resource.name][0].path
        accounts: tuple[str, ...] = ()
        if resource.name == BANK_LEDGER:
            accounts = await self._bank_ledgers(calls)
            if not accounts:
                return Page(raw=EMPTY, records=(), next=None)
        return await self._read(
            calls, resource, Place(list=first, size=self.page_size, accounts=accounts), since
        )

    async def _read(self, calls: Calls, resource: Resource, at: Place, since: datetime | None) -> Page:
        listing = listing_of(resource.name, at.list)
        try:
            at, response = await self._ask(calls, listing, at, since)
        except (PermissionMissing, RequestRefused) as refusal:
            absent = isinstance(refusal, PermissionMissing) or refusal.status in ABSENT
            if not listing.optional or not absent or at.offset:
                raise
            return Page(raw=EMPTY, records=(), next=self._after(resource, at, 0, since), total=at.before)
        envelope = open_envelope(resource.name, response.content)
        return self._page(resource, listing, at, envelope, response, since)

    async def _ask(
        self, calls: Calls, listing: Listing, at: Place, since: datetime | None
    ) -> tuple[Place, httpx.Response]:
        """The answer, and where it begins and how large it is: a page that is too heavy shrinks."""
        while True:
            try:
                return at, await calls.get(listing.path, params=self._params(listing, at, since))
            except RequestRefused as refusal:
                if refusal.status not in TOO_HEAVY:
                    raise
                if at.size == 1:
                    reason = f"HTTP {refusal.status} for a single record"
                    raise ProviderUnavailable(platform="sage", reason=reason) from refusal
                at = at.smaller()

    def _params(self, listing: Listing, at: Place, since: datetime | None) -> dict[str, str]:
        params = {**listing.params, "page": str(at.page), "items_per_page": str(at.size)}
        if listing.sorted:
            params["sort"] = BY_AGE
        if at.accounts:
            params["ledger_account_id"] = at.accounts[0]
        if "show_balance_details" in params:
            params |= {"from_date": _BEGINNING, "to_date": self.today().isoformat()}
        if since is not None and listing.changes:
            # With its offset: a moment without one is read in whose zone nobody knows.
            moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
            params["deleted_since" if at.deleted else "updated_or_created_since"] = moment
        return params

    def _page(
        self,
        resource: Resource,
        listing: Listing,
        at: Place,
        envelope: Envelope,
        response: httpx.Response,
        since: datetime | None,
    ) -> Page:
        total = envelope.total
        past_end = total is not None and at.offset >= total and at.offset > 0
        if not past_end and envelope.page not in (None, at.page):
            reason = f"page {envelope.page} came for page {at.page}"
            raise unreadable(resource.name, reason, response.content)
        records = () if past_end else envelope.rows()
        size = at.size
        if envelope.size is not None and 0 < envelope.size < size:
            size = envelope.size  # it gives less than was asked for, from the first page on
        read = at.offset + len(records)
        goes_on = envelope.goes_on if total is None else read < total
        following = [
            at.moved(offset, size)
            for offset in range(at.offset + size, at.offset + size * (_PAGES_TOLD + 1), size)
            if offset < (total or 0)
        ]
        within = goes_on and bool(records)
        next_ = str(at.moved(at.offset + size, size)) if within else self._after(resource, at, read, since)
        return Page(
            raw=EMPTY if past_end else response.content,
            records=records,
            next=next_,
            ahead=tuple(map(str, following[1:])) if listing.sorted and within else (),
            total=None if total is None else at.before + total,
            fingerprint=_fingerprint(envelope.array) if records else None,
            provider_time=http_date(response.headers.get("Date", "")),
        )

    def _after(self, resource: Resource, at: Place, read: int, since: datetime | None) -> str | None:
        """Where the resource goes on after a list: the next account's, the next list, what was deleted."""
        before = at.before + read
        if len(at.accounts) > 1:
            return str(Place(list=at.list, size=self.page_size, before=before, accounts=at.accounts[1:]))
        steps = [(each.path, False) for each in LISTINGS[resource.name]]
        if since is not None:
            steps += [(each.path, True) for each in LISTINGS[resource.name] if each.deletions]
        done = steps.index((at.list, at.deleted)) if (at.list, at.deleted) in steps else len(steps)
        if done + 1 >= len(steps):
            return None
        path, deleted = steps[done + 1]
        return str(Place(list=path, deleted=deleted, size=self.page_size, before=before))

    async def _company(self, calls: Calls) -> Page:
        """The business and its financial settings, which are one record of ours, as one page.

        Both answers stand in it as they came, each under its name.
        """
        settings = await calls.get("financial_settings")
        parts = [(b"financial_settings", settings.content)]
        try:
            business = await calls.get("business")
        except (PermissionMissing, RequestRefused) as refusal:
            if isinstance(refusal, RequestRefused) and refusal.status not in ABSENT:
                raise
        else:
            parts.insert(0, (b"business", business.content))
        for name, content in parts:
            _refuse_broken(content, name.decode())
        row = b"{" + b",".join(b'"%b":%b' % part for part in parts) + b"}"
        raw = b'{"$items":[%b]}' % row
        envelope = open_envelope(COMPANY, raw)
        return Page(
            raw=raw,
            records=envelope.rows(),
            next=None,
            fingerprint=_fingerprint(envelope.array),
            provider_time=http_date(settings.headers.get("Date", "")),
        )

    async def _bank_ledgers(self, calls: Calls) -> tuple[str, ...]:
        """The ledger accounts of all accounts at banks."""
        found: dict[str, None] = {}
        page, read, total = 1, 0, 1
        while read < total:
            params = {**ALL, "page": str(page), "items_per_page": str(self.page_size)}
            response = await calls.get(_BANKS, params=params)
            envelope = open_envelope(_BANKS, response.content)
            rows = envelope.rows()
            for row in rows:
                ledger = _ledger_of(row)
                if ledger is not None:
                    found[ledger] = None
            page, read, total = page + 1, read + len(rows), envelope.total or 0
            if not rows:
                break
        return tuple(found)


class _Ledger(msgspec.Struct):
    id: str


class _Bank(msgspec.Struct):
    ledger_account: _Ledger | None = None


_BANK: Final = msgspec.json.Decoder(_Bank)
_ANY_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _ledger_of(row: msgspec.Raw) -> str | None:
    """A row that cannot be read is told of where bank accounts are mapped."""
    try:
        ledger = _BANK.decode(row).ledger_account
    except UNREADABLE:
        return None
    return ledger.id if ledger is not None and ledger.id and not set(":+") & set(ledger.id) else None


def _refuse_broken(content: bytes, resource: str) -> None:
    """Raises: `PageUnreadable` for what is no whole JSON object, before it is put among others."""
    try:
        _ANY_OBJECT.decode(content)
    except UNREADABLE as error:
        html = content.lstrip()[:1] == b"<"
        reason = "it is an HTML page, not JSON" if html else "it is no whole JSON object"
        raise unreadable(resource, reason, content) from error


def _fingerprint(array: memoryview) -> int:
    """Length and checksum: by it two pages in a row are the same or not, at hardly any cost."""
    return len(array) << 32 | zlib.crc32(array)
