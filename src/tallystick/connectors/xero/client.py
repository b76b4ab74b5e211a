"""Reads Xero's lists, page by page. Source: providers §§2.1, 2.2, 5 nos. 1-5, 17, 22."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from attrs import evolve, field, frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.http_times import http_date
from tallystick.connectors.unreadable import UNREADABLE
from tallystick.connectors.xero.envelope import Envelope, lists_of, open_envelope
from tallystick.connectors.xero.keys import check_key, tombstone
from tallystick.connectors.xero.listings import LISTINGS, Listing
from tallystick.connectors.xero.place import Place, place_of
from tallystick.connectors.xero.words import instant
from tallystick.errors import PageUnreadable, RequestRefused

#: Rows in a page: the most that Xero gives. Asking for a page is also what makes it send the lines.
PAGE_SIZE: Final = 1000
#: How many pages an answer names of those that follow it: more than are ever asked for at once.
_PAGES_TOLD: Final = 16
_ABSENT: Final = 404  #: HTTP status


def _now() -> datetime:
    return datetime.now(UTC)


class _Numbered(msgspec.Struct):
    JournalNumber: int


_NUMBER: Final = msgspec.json.Decoder(_Numbered, strict=False)


@frozen(kw_only=True)
class XeroClient:
    """`contract.Client` for Xero. A place in a list is told as `place.Place` says."""

    page_size: int = PAGE_SIZE
    now: Callable[[], datetime] = field(default=_now, repr=False)  #: aware UTC; what reports are asked for

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """See `contract.Client.page`.

        A list ends after the last page by the answer's `pagination`. Where there is none, after a page that
        is empty or shorter than the one before; a short first page proves nothing, since the size that was
        asked for may be capped. By offsets it ends with an empty answer.
        Raises: `PageUnreadable`, also when another page comes than the one that was asked for.
        """
        lists = lists_of(resource.name)
        listing = _listing(resource.name, lists[0])
        place = place_of(at, lists, first=0 if listing.paging == "offset" else 1)
        listing = _listing(resource.name, place.list)
        response = await calls.get(
            listing.path,
            params=self._params(listing, place),
            headers=_since(since) if listing.since and since is not None else {},
        )
        if response.status_code == 304:
            raw = b'{"%b":[]}' % place.list.encode()
            following = _told([], place, lists, rows=0)
            return Page(
                raw=raw,
                records=(),
                next=following[0],
                provider_time=http_date(response.headers.get("date", "")),
            )
        envelope = open_envelope(resource.name, response.content)
        records = envelope.rows()
        self._check(envelope, listing, place)
        found = _following(envelope, listing, place, records)
        following = _told(found, place, lists, rows=len(records))
        count = envelope.pagination.item_count if envelope.pagination is not None else None
        # Only with the last list is it known how many rows the whole resource has.
        is_last = place.list == lists[-1]
        told = count if listing.paging == "pages" and is_last else None
        return Page(
            raw=response.content,
            records=records,
            next=following[0],
            # In Xero's own order rows move, so that what lies ahead is only known once it is reached.
            ahead=tuple(each for each in following[1:] if each) if listing.order and is_last else (),
            total=None if told is None else place.base + told,
            fingerprint=fingerprint(envelope.array) if records else None,
            provider_time=instant(envelope.answered_at, None, "$.DateTimeUTC", Doubts([])),
        )

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """See `contract.Client.one`. Where there is but one record it is that, whatever the key.

        Of a resource that reads several lists, each is asked until one has it.
        Raises: `ValueError` for no key.
        """
        lists = lists_of(resource.name)
        if resource.name == "Organisations" or lists == ("Reports",):
            return await self.page(calls, resource, since=None, at=None)
        check_key(resource.name, key)
        for name in lists:
            listing = _listing(resource.name, name)
            try:
                response = await calls.get(f"{listing.path}/{key}", params=dict(listing.params))
            except RequestRefused as refusal:
                if refusal.status != _ABSENT:
                    raise
                continue
            return _single(resource, response.content)
        return _single(resource, tombstone(lists[0], key))

    def _params(self, listing: Listing, place: Place) -> dict[str, str]:
        asked = {**listing.params, **listing.periods(self.now().date())}
        if listing.paging == "offset":
            return {**asked, "offset": str(place.number)}
        if listing.paging == "none":
            return asked
        asked |= {"page": str(place.number), "pageSize": str(self.page_size)}
        return asked | {"order": f"{listing.order} ASC"} if listing.order else asked

    def _check(self, envelope: Envelope, listing: Listing, place: Place) -> None:
        told = envelope.pagination
        if listing.paging == "pages" and told is not None and told.page not in {None, place.number}:
            raise PageUnreadable(
                platform="xero",
                resource=envelope.resource,
                reason=f"page {told.page} came for page {place.number}",
                raw=envelope.raw,
            )


def _single(resource: Resource, raw: bytes) -> Page:
    envelope = open_envelope(resource.name, raw)
    return Page(
        raw=raw,
        records=envelope.rows(),
        next=None,
        provider_time=instant(envelope.answered_at, None, "$.DateTimeUTC", Doubts([])),
    )


def _told(following: Sequence[Place], place: Place, lists: tuple[str, ...], *, rows: int) -> list[str | None]:
    """The places after a page; after the last one of a list the first of the next."""
    if place.list == lists[-1]:
        return [each.told(lists) for each in following] or [None]
    base = place.base + rows
    if following:
        return [evolve(following[0], base=base).told(lists)]
    return [Place(list=lists[lists.index(place.list) + 1], number=1, base=base).told(lists)]


def _listing(resource: str, name: str) -> Listing:
    return LISTINGS[resource if name == "Reports" else name]


def _since(moment: datetime) -> dict[str, str]:
    """UTC without saying so: the only form that Xero takes."""
    return {"If-Modified-Since": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _following(
    envelope: Envelope, listing: Listing, place: Place, records: Sequence[msgspec.Raw]
) -> list[Place]:
    """The pages after this one in its list, as far as it tells."""
    if listing.paging == "none" or (listing.paging == "offset" and not records):
        return []
    if listing.paging == "offset":
        return [evolve(place, number=max(_number(envelope, row) for row in records))]
    if envelope.pagination is not None and envelope.pagination.page_count is not None:
        last = min(envelope.pagination.page_count, place.number + _PAGES_TOLD)
        return [evolve(place, number=number) for number in range(place.number + 1, last + 1)]
    rows = len(records)
    if rows == 0 or (place.rows_before is not None and rows < place.rows_before):
        return []
    return [evolve(place, number=place.number + 1, rows_before=rows)]


def _number(envelope: Envelope, row: msgspec.Raw) -> int:
    """Where the next offset may begin (providers §5 no. 5). Raises: `PageUnreadable`."""
    try:
        return _NUMBER.decode(row).JournalNumber
    except UNREADABLE as error:
        raise PageUnreadable(
            platform="xero", resource=envelope.resource, reason="a journal has no number", raw=envelope.raw
        ) from error
