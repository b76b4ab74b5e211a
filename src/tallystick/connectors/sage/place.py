"""Where a page lies in what a resource is read from: as a text, which outlives the process.

A resource is read list after list; read by its changes, each list once more for what was deleted from it.
`sales_invoices:400:200:0` is the third page of 200 of a list that is the first of its resource;
`-sales_credit_notes:0:200:1311` the first of what was deleted of another, after 1311 rows of the lists
before. The entries of bank accounts add the ledger's account with the bank's own, and those that are still
to come: `ledger_entries:0:200:56:ad2a…~65ce…+fec6…~0ffb…`.
"""

from attrs import evolve, frozen

from tallystick.connectors.sage.listings import BANK_LEDGER, LISTINGS


@frozen(kw_only=True)
class Place:
    """One page."""

    list: str  #: its path
    deleted: bool = False  #: of what was deleted from it
    offset: int = 0  #: rows of the list before the page
    size: int  #: rows that are asked for; the offset is a multiple of it
    before: int = 0  #: rows of the lists that were read before
    accounts: tuple[str, ...] = ()  #: ledger accounts: of which the entries are, and of which they are next

    @property
    def page(self) -> int:
        """The page's number, from 1."""
        return self.offset // self.size + 1

    def __str__(self) -> str:
        text = f"{'-' if self.deleted else ''}{self.list}:{self.offset}:{self.size}:{self.before}"
        return f"{text}:{'+'.join(self.accounts)}" if self.accounts else text

    def moved(self, offset: int, size: int) -> "Place":
        """Another page of the same list."""
        return evolve(self, offset=offset, size=size)

    def smaller(self) -> "Place":
        """The first part of the same rows. Only of a place that asks for more than one."""
        divisor = next((each for each in (4, 5, 3, 2) if self.size % each == 0), self.size)
        return evolve(self, size=self.size // divisor)


def read(text: str, resource: str) -> Place | None:
    """The place that a text tells; None where an earlier version wrote it and nobody can tell any more."""
    name, *told = text.removeprefix("-").split(":")
    if name not in {listing.path for listing in LISTINGS[resource]} or len(told) not in (3, 4):
        return None
    if not all(number.isdecimal() for number in told[:3]):
        return None
    offset, size, before = map(int, told[:3])
    if size == 0 or offset % size:
        return None
    accounts = tuple(told[3].split("+")) if len(told) == 4 else ()
    if bool(accounts) != (resource == BANK_LEDGER):
        return None
    return Place(
        list=name,
        deleted=text.startswith("-"),
        offset=offset,
        size=size,
        before=before,
        accounts=accounts,
    )
