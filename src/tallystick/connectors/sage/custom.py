"""Sage's lists by its own names: what is below `/v3.1`. Source: providers §2.4."""

from collections.abc import Sequence
from typing import Final

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.list_names import check_plain, spoken
from tallystick.connectors.sage.client import PAGE_SIZE
from tallystick.connectors.sage.envelope import open_envelope
from tallystick.connectors.sage.listings import ALL, COMPANY, LISTINGS
from tallystick.connectors.sage.words import list_of
from tallystick.connectors.unreadable import UNREADABLE

_SETTINGS: Final = "financial_settings"


class _Row(msgspec.Struct, rename={"path": "$path"}):
    path: str | None = None


_ROW: Final = msgspec.json.Decoder(_Row)
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


@frozen(kw_only=True)
class SageLists:
    """`contract.Lists` for Sage. A place is a page's number."""

    page_size: int = PAGE_SIZE

    def check(self, source: str) -> None:
        """See `contract.Lists.check`."""
        check_plain(source, "/sales_invoices")

    def of(self, resource: Resource) -> Sequence[str]:
        """See `contract.Lists.of`."""
        names = [listing.path for listing in LISTINGS[resource.name]]
        return ["/" + name for name in (*names, *((_SETTINGS,) if resource.name == COMPANY else ()))]

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        """See `contract.Lists.part`. A row's own path tells which list it is of."""
        wanted = spoken(source)
        try:
            if resource.name == COMPANY:
                return _of_company(_PARTS.decode(row), row, wanted)
            name = list_of(_ROW.decode(row).path)
        except UNREADABLE:
            return None
        return row if name == wanted or (not name and len(LISTINGS[resource.name]) == 1) else None

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        """See `contract.Lists.page`. A list ends by its total, else where it names no next page."""
        self.check(source)
        number = 1 if at is None else int(at)
        params = {**ALL, "page": str(number), "items_per_page": str(self.page_size)}
        response = await calls.get(source.strip("/"), params=params)
        envelope = open_envelope(source, response.content)
        size = min(envelope.size or self.page_size, self.page_size)
        before = (number - 1) * size
        past_end = envelope.total is not None and 0 < before >= envelope.total
        rows = [] if past_end else envelope.rows()
        goes_on = envelope.goes_on if envelope.total is None else before + len(rows) < envelope.total
        return Page(
            raw=response.content,
            records=rows,
            next=str(number + 1) if rows and goes_on else None,
            total=envelope.total,
            fingerprint=fingerprint(envelope.array) if rows else None,
        )


def _of_company(parts: dict[str, msgspec.Raw], row: msgspec.Raw, wanted: str) -> msgspec.Raw | None:
    """One of the two answers that are put together, or the one that came alone."""
    if COMPANY in parts or _SETTINGS in parts:
        return parts.get(wanted)
    alone = _SETTINGS if "base_currency" in parts else COMPANY
    return row if wanted == alone else None
