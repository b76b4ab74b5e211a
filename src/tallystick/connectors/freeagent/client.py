"""Reads FreeAgent's lists, page by page. Source: providers §2.5."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Final

import httpx
import msgspec
from attrs import field, frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.freeagent import bank_ledger, contact_views, keys, statement_reading
from tallystick.connectors.freeagent import place as places
from tallystick.connectors.freeagent.contact_views import VIEWS
from tallystick.connectors.freeagent.envelope import bare, beside, listed, rows_of
from tallystick.connectors.freeagent.faults import ABSENT
from tallystick.connectors.freeagent.listings import (
    BALANCE_SHEET,
    CATEGORIES,
    COMPANY,
    CONTACTS,
    LISTINGS,
    PROFIT_AND_LOSS,
    Listing,
    listing_of,
)
from tallystick.connectors.freeagent.paging import goes_on, total_of
from tallystick.connectors.freeagent.place import Place
from tallystick.connectors.http_times import http_date
from tallystick.errors import ListMoved, PageUnreadable, PermissionMissing, RequestRefused

#: Rows in a page: the most that FreeAgent gives.
PAGE_SIZE: Final = 100
#: How many pages an answer names of those that follow it: more than are ever asked for at once.
_PAGES_TOLD: Final = 16
#: What comes whole in one answer.
_UNPAGED: Final = (COMPANY, CATEGORIES)
#: What is one record, or one answer of all.
_WHOLE: Final = (COMPANY, PROFIT_AND_LOSS, BALANCE_SHEET)


def _today() -> date:
    return datetime.now(UTC).date()


@frozen(kw_only=True)
class FreeAgentClient:
    """`contract.Client` for FreeAgent.

    A resource may be read from several lists, one after the other, and from some of them account by
    account. A place tells the list and the rows before it: see `place`.
    """

    page_size: int = PAGE_SIZE
    today: Callable[[], date] = field(default=_today, repr=False)

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """See `contract.Client.page`.

        A list ends by its count, else by its `Link`. What a row does not tell of itself is put beside it:
        a contact's views, and the currency and the ledger's account of a bank account.
        Raises: `PageUnreadable`; `ListMoved` for a place that nobody can tell any more.
        """
        if resource.name == PROFIT_AND_LOSS:
            return await statement_reading.profit_and_loss(calls, self.today())
        if resource.name == BALANCE_SHEET:
            return await statement_reading.balance_sheet(calls, self.today())
        if at is not None:
            found = places.read(at, resource.name)
            if found is None:
                raise ListMoved(platform="freeagent", resource=resource.name)
            return await self._read(calls, resource, found, since)
        first = LISTINGS[resource.name][0]
        begin = Place(list=first.name, size=self.page_size)
        if first.by_account:
            accounts = await bank_ledger.accounts_of(calls, self.page_size)
            begin = Place(list=first.name, size=self.page_size, accounts=accounts)
            if not accounts:
                return _nothing(first, self._after(resource, begin, 0))
        return await self._read(calls, resource, begin, since)

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """See `contract.Client.one`. `key`: the id that the record has with us.

        Raises: `ValueError` for no key.
        """
        if resource.name in _WHOLE:
            return await self.page(calls, resource, since=None, at=None)
        listing, id_ = keys.read_key(resource.name, key)
        try:
            response = await calls.get(f"{listing.at}/{id_}")
        except RequestRefused as refusal:
            if refusal.status != ABSENT:
                raise
            raw = keys.tombstone(key)
            return Page(raw=raw, records=rows_of(resource.name, raw), next=None)
        told = rows_of(resource.name, response.content)
        rows = told
        if listing.by_account:
            accounts = await bank_ledger.accounts_of(calls, self.page_size)
            rows = [_of_account(listing, bare(row, listing.single), accounts) for row in told]
        elif listing.name == CONTACTS:
            rows = [await _with_own_views(calls, bare(row, listing.single)) for row in told]
        return Page(
            raw=response.content if rows is told else listed(listing.name, rows),
            records=rows,
            next=None,
            provider_time=http_date(response.headers.get("Date", "")),
        )

    async def _read(self, calls: Calls, resource: Resource, at: Place, since: datetime | None) -> Page:
        listing = listing_of(resource.name, at.list)
        try:
            response = await calls.get(listing.at, params=self._params(listing, at, since))
        except (PermissionMissing, RequestRefused) as refusal:
            absent = isinstance(refusal, PermissionMissing) or refusal.status == ABSENT
            if not listing.optional or not absent or at.page > 1:
                raise
            return _nothing(listing, self._after(resource, at, 0), partial=True)
        return await self._page(calls, resource, listing, at, response)

    def _params(self, listing: Listing, at: Place, since: datetime | None) -> dict[str, str]:
        params = dict(listing.params)
        if listing.at not in _UNPAGED:
            params |= {"page": str(at.page), "per_page": str(at.size)}
        if listing.by_account:
            params["bank_account"] = at.accounts[at.account].url
        if since is not None and listing.changes:
            params["updated_since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return params

    async def _page(
        self, calls: Calls, resource: Resource, listing: Listing, at: Place, response: httpx.Response
    ) -> Page:
        told = rows_of(resource.name, response.content)
        unpaged = listing.at in _UNPAGED
        more = not unpaged and goes_on(response, offset=at.offset, rows=len(told), size=at.size)
        total = None if unpaged else total_of(response)
        short = total is not None and at.offset + len(told) < total and len(told) < at.size
        if short and (len(LISTINGS[resource.name]) > 1 or len(at.accounts) > 1):
            # Of a resource with one list the engine compares both; of several it has no total.
            reason = f"{at.list} has {len(told)} rows where {at.size} are, of the {total} that it tells"
            raise PageUnreadable(
                platform="freeagent", resource=resource.name, reason=reason, raw=response.content
            )
        raw, rows, following = response.content, told, at.moved(at.page + 1)
        if listing.by_account:
            rows = [_of_account(listing, row, at.accounts, at.account) for row in told]
        elif listing.name == CONTACTS:
            rows, following = await _with_views(calls, told, at)
        if rows is not told:
            raw = listed(listing.name, rows)
        ahead = [
            at.moved(page)
            for page in range(at.page + 2, at.page + _PAGES_TOLD + 1)
            if (page - 1) * at.size < (total or 0)
        ]
        return Page(
            raw=raw,
            records=rows,
            next=str(following) if more else self._after(resource, at, at.offset + len(told)),
            ahead=tuple(map(str, ahead)) if listing.sorted and more else (),
            total=None if total is None else at.before + total,
            fingerprint=fingerprint(raw) if told else None,
            provider_time=http_date(response.headers.get("Date", "")),
        )

    def _after(self, resource: Resource, at: Place, read: int) -> str | None:
        """Where the resource goes on after a list: with the next account, or the next list."""
        before = at.before + read
        if at.account + 1 < len(at.accounts):
            return str(
                Place(
                    list=at.list,
                    size=self.page_size,
                    before=before,
                    account=at.account + 1,
                    accounts=at.accounts,
                )
            )
        names = [each.name for each in LISTINGS[resource.name]]
        done = names.index(at.list)
        if done + 1 == len(names):
            return None
        return str(Place(list=names[done + 1], size=self.page_size, before=before))


async def _with_views(
    calls: Calls, rows: Sequence[msgspec.Raw], at: Place
) -> tuple[list[msgspec.Raw], Place]:
    """Contacts with their views, and where the next page of them lies."""
    begin = dict(zip(VIEWS, (at.clients, at.suppliers), strict=True))
    seen = await contact_views.views_of(calls, rows, begin, at.size)
    found = [
        beside("contact", row, views=seen.views.get(contact_views.address_of(row) or "", [])) for row in rows
    ]
    following = msgspec.structs.replace(
        at.moved(at.page + 1), clients=seen.pages["clients"], suppliers=seen.pages["suppliers"]
    )
    return found, following


async def _with_own_views(calls: Calls, row: msgspec.Raw) -> msgspec.Raw:
    url = contact_views.address_of(row)
    return beside("contact", row, views=[] if url is None else await contact_views.views_of_one(calls, url))


def _of_account(
    listing: Listing,
    row: msgspec.Raw,
    accounts: Sequence[places.BankAccount],
    of: int | None = None,
) -> msgspec.Raw:
    """A row with the accounts that it names: its own, and of a transfer the other one."""
    return beside(listing.single, row, bank_accounts=bank_ledger.named(row, accounts, of))


def _nothing(listing: Listing, following: str | None, *, partial: bool = False) -> Page:
    return Page(raw=listed(listing.name, []), records=(), next=following, partial=partial)
