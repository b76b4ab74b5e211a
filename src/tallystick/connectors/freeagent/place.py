"""Where a page lies in what a resource is read from: as a text, which outlives the process.

A resource is read list after list, and some lists once for each account at a bank. The text is JSON:
`{"list":"invoices","page":3,"size":100}` is the third page of 100 rows of the first list of its resource.
"""

import msgspec

from tallystick.connectors.freeagent.listings import LISTINGS


class BankAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account at a bank, and what rows that belong to it do not tell of it."""

    url: str  #: as FreeAgent names it
    currency: str | None = None
    code: str | None = None  #: of its account in the ledger: `750-1`


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page."""

    list: str  #: its name
    page: int = 1
    size: int  #: rows that are asked for
    before: int = 0  #: rows of the lists, and of the accounts, that were read before
    account: int = 0  #: which of the accounts the page is of
    accounts: tuple[BankAccount, ...] = ()  #: all that the list is asked for
    clients: int = 1  #: of contacts: up to which page those with sales are known
    suppliers: int = 1  #: and those with purchases

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def offset(self) -> int:
        """Rows of its list, or of its account, before the page."""
        return (self.page - 1) * self.size

    def moved(self, page: int) -> "Place":
        """Another page of the same list."""
        return msgspec.structs.replace(self, page=page)


_READ = msgspec.json.Decoder(Place)


def read(text: str, resource: str) -> Place | None:
    """The place that a text tells; None where an earlier version wrote it and nobody can tell any more."""
    try:
        found = _READ.decode(text)
    except msgspec.DecodeError:
        return None
    listing = {each.name: each for each in LISTINGS[resource]}.get(found.list)
    numbers = (found.page, found.size, found.clients, found.suppliers)
    if listing is None or min(numbers) < 1 or min(found.before, found.account) < 0:
        return None
    if listing.by_account and found.account >= len(found.accounts):
        return None
    return found
