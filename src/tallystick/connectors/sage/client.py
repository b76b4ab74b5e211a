"""Reads Sage's lists, page by page. Source: providers §§2.1, 2.4, 5 nos. 54-56."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import httpx
from attrs import evolve, field, frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.http_times import http_date
from tallystick.connectors.sage import place as places
from tallystick.connectors.sage import statement_reading
from tallystick.connectors.sage.asking import ask
from tallystick.connectors.sage.banks import TOLD_ABOUT, Bank, banks, listed, told_about
from tallystick.connectors.sage.envelope import EMPTY, Envelope, open_envelope, refuse_broken, unreadable
from tallystick.connectors.sage.faults import ABSENT
from tallystick.connectors.sage.keys import check_key, tombstone
from tallystick.connectors.sage.listings import (
    BANK_LEDGER,
    BY_AGE,
    COMPANY,
    LISTINGS,
    STATEMENTS,
    Listing,
    listing_of,
)
from tallystick.connectors.sage.place import Place
from tallystick.errors import ListMoved, PermissionMissing, RequestRefused

#: Rows in a page: the most that Sage gives.
PAGE_SIZE: Final = 200
#: How many pages an answer names of those that follow it: more than are ever asked for at once.
_PAGES_TOLD: Final = 16
_BEGINNING: Final = statement_reading.BEGINNING.isoformat()
_NOT_FOUND: Final = 404  #: HTTP status


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
        Raises: `PageUnreadable`, also when another page comes than the one that was asked for, and when one
        of several lists ends before its total; `ListMoved` for a place that nobody can tell any more.
        """
        if resource.name == COMPANY:
            return await self._company(calls)
        if resource.name == STATEMENTS:
            return await statement_reading.statements(calls, self.today(), self.page_size)
        if at is not None:
            found = places.read(at, resource.name)
            if found is None:
                raise ListMoved(platform="sage", resource=resource.name)
            return await self._read(calls, resource, found, since)
        first = LISTINGS[resource.name][0].path
        accounts: tuple[str, ...] = ()
        if resource.name == BANK_LEDGER:
            accounts = _ledgers(await banks(calls, self.page_size))
            if not accounts:
                return Page(raw=EMPTY, records=(), next=None)
        return await self._read(
            calls, resource, Place(list=first, size=self.page_size, accounts=accounts), since
        )

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """See `contract.Client.one`. Of a resource that reads several lists, each is asked until one has it.

        Raises: `ValueError` for no key.
        """
        if resource.name == COMPANY:
            return await self._company(calls)
        if resource.name == STATEMENTS:
            return await statement_reading.statements(calls, self.today(), self.page_size)
        check_key(resource.name, key)
        for listing in LISTINGS[resource.name]:
            params = dict(listing.params)
            if "show_balance_details" in params:
                params |= {"from_date": _BEGINNING, "to_date": self.today().isoformat()}
            try:
                response = await calls.get(f"{listing.path}/{key}", params=params)
            except RequestRefused as refusal:
                if refusal.status != _NOT_FOUND:
                    raise
                continue
            page = _single(resource, response.content, response.headers.get("Date", ""))
            return await self._told_about(calls, resource, page)
        return _single(resource, tombstone(key), "")

    async def _read(self, calls: Calls, resource: Resource, at: Place, since: datetime | None) -> Page:
        listing = listing_of(resource.name, at.list)
        try:
            at, response = await ask(
                calls, listing.path, lambda place: self._params(listing, place, since), at
            )
        except (PermissionMissing, RequestRefused) as refusal:
            absent = isinstance(refusal, PermissionMissing) or refusal.status in ABSENT
            if not listing.optional or not absent or at.offset:
                raise
            following = self._after(resource, at, 0, since)
            return Page(raw=EMPTY, records=(), next=following, total=at.before, partial=True)
        envelope = open_envelope(resource.name, response.content)
        page = self._page(resource, listing, at, envelope, response, since)
        return await self._told_about(calls, resource, page, _known(at))

    async def _told_about(
        self, calls: Calls, resource: Resource, page: Page, known: tuple[Bank, ...] = ()
    ) -> Page:
        """The page, its rows told about the accounts at banks that they name, where that is needed."""
        if resource.name not in TOLD_ABOUT or not page.records:
            return page
        rows = told_about(page.records, known or await banks(calls, self.page_size))
        return evolve(page, records=rows, raw=listed(rows))

    def _params(self, listing: Listing, at: Place, since: datetime | None) -> dict[str, str]:
        params = {**listing.params, "page": str(at.page), "items_per_page": str(at.size)}
        if listing.sorted:
            params["sort"] = BY_AGE
        if at.accounts:
            params["ledger_account_id"] = at.accounts[0].partition("~")[0]
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
        short = total is not None and read < total and len(records) < size
        if short and self._is_of_several(resource, at, since):
            # Of a resource with one list the engine compares both; of several it has no total.
            reason = f"{at.list} has {len(records)} rows where {size} are, of the {total} that it tells"
            raise unreadable(resource.name, reason, response.content)
        next_ = str(at.moved(at.offset + size, size)) if within else self._after(resource, at, read, since)
        return Page(
            raw=EMPTY if past_end else response.content,
            records=records,
            next=next_,
            ahead=tuple(map(str, following[1:])) if listing.sorted and within else (),
            total=None if total is None else at.before + total,
            fingerprint=fingerprint(envelope.array) if records else None,
            provider_time=http_date(response.headers.get("Date", "")),
        )

    @staticmethod
    def _is_of_several(resource: Resource, at: Place, since: datetime | None) -> bool:
        """Whether the list is one of several that are read one after the other."""
        return len(LISTINGS[resource.name]) > 1 or bool(at.accounts) or since is not None

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
        refused = False
        try:
            business = await calls.get("business")
        except (PermissionMissing, RequestRefused) as refusal:
            if isinstance(refusal, RequestRefused) and refusal.status not in ABSENT:
                raise
            refused = True
        else:
            parts.insert(0, (b"business", business.content))
        for name, content in parts:
            refuse_broken(content, name.decode())
        row = b"{" + b",".join(b'"%b":%b' % part for part in parts) + b"}"
        raw = b'{"$items":[%b]}' % row
        envelope = open_envelope(COMPANY, raw)
        return Page(
            raw=raw,
            records=envelope.rows(),
            next=None,
            fingerprint=fingerprint(envelope.array),
            provider_time=http_date(settings.headers.get("Date", "")),
            partial=refused,
        )


def _single(resource: Resource, raw: bytes, date: str) -> Page:
    rows = open_envelope(resource.name, raw).rows()
    return Page(raw=raw, records=rows, next=None, provider_time=http_date(date))


def _ledgers(known: tuple[Bank, ...]) -> tuple[str, ...]:
    """The ledger accounts of accounts at banks, as a place says them: each with its bank account."""
    named = {bank.ledger_id: f"{bank.ledger_id}~{bank.id}" for bank in known if bank.ledger_id}
    return tuple(text for text in named.values() if not set(":+") & set(text) and text.count("~") == 1)


def _known(at: Place) -> tuple[Bank, ...]:
    """The bank account that a place is about, where it says so: only ledger entries' do."""
    if not at.accounts:
        return ()
    ledger, _, bank = at.accounts[0].partition("~")
    return (Bank(id=bank, ledger_id=ledger),) if bank else ()
