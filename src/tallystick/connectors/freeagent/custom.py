"""FreeAgent's lists by its own names: what is below `/v2`. Source: providers §2.5."""

from collections.abc import Sequence
from typing import Final

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.freeagent.client import PAGE_SIZE
from tallystick.connectors.freeagent.envelope import unreadable
from tallystick.connectors.freeagent.listings import CATEGORIES, CATEGORY_SETS, LISTINGS
from tallystick.connectors.freeagent.paging import goes_on, total_of
from tallystick.connectors.list_names import check_plain, spoken
from tallystick.connectors.unreadable import UNREADABLE, why


class _Row(msgspec.Struct):
    url: str | None = None


_ROW: Final = msgspec.json.Decoder(_Row)
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS: Final = msgspec.json.Decoder(list[msgspec.Raw])


@frozen(kw_only=True)
class FreeAgentLists:
    """`contract.Lists` for FreeAgent. A place is a page's number."""

    page_size: int = PAGE_SIZE

    def check(self, source: str) -> None:
        """See `contract.Lists.check`."""
        check_plain(source, "/invoices")

    def of(self, resource: Resource) -> Sequence[str]:
        """See `contract.Lists.of`."""
        return ["/" + name for name in dict.fromkeys(listing.at for listing in LISTINGS[resource.name])]

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        """See `contract.Lists.part`. A row's own address tells which list it is of."""
        wanted = spoken(source)
        try:
            parts = _PARTS.decode(row)
            if resource.name == CATEGORIES:
                found = next((part for name, part in parts.items() if name in CATEGORY_SETS), row)
                return found if wanted == CATEGORIES else None
            for listing in LISTINGS[resource.name]:
                if listing.single in parts:
                    return parts[listing.single] if wanted == listing.at else None
            url = _ROW.decode(row).url or ""
        except UNREADABLE:
            return None
        lists = [listing.at for listing in LISTINGS[resource.name]]
        return row if f"/{wanted}/" in url or lists == [wanted] else None

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        """See `contract.Lists.page`. A list ends by its count, else by its `Link`."""
        self.check(source)
        number, path = 1 if at is None else int(at), source.strip("/")
        params = {"page": str(number), "per_page": str(self.page_size)}
        response = await calls.get(path, params=params)
        rows = _rows(source, response.content)
        offset = (number - 1) * self.page_size
        more = goes_on(response, offset=offset, rows=len(rows), size=self.page_size)
        return Page(
            raw=response.content,
            records=rows,
            next=str(number + 1) if more else None,
            total=total_of(response),
            fingerprint=fingerprint(response.content) if rows else None,
        )


def _rows(source: str, raw: bytes) -> list[msgspec.Raw]:
    """The rows of all lists in an answer; an answer without one is a row itself. Raises: `PageUnreadable`."""
    try:
        top = _PARTS.decode(raw)
        lists = [value for value in top.values() if memoryview(value)[:1].tobytes() == b"["]
        if not lists:
            return list(top.values())
        return [row for rows in lists for row in _ROWS.decode(rows)]
    except UNREADABLE as error:
        raise unreadable(source, why(error), raw) from error
