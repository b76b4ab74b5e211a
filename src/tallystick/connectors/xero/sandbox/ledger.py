"""What was posted to each account of made-up books, day by day: what reports are made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import trio
from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, AccountKind, Books
from tallystick.connectors.xero.sandbox.postings import postings

#: Long books let others have a turn after so many postings.
_TURN: Final = 500


@frozen(kw_only=True)
class Ledger:
    """Debits and credits, both positive, by account and day."""

    accounts: Sequence[Account]  #: by their code
    days: Mapping[str, Mapping[date, tuple[Decimal, Decimal]]]

    @classmethod
    async def of(cls, books: Books | None) -> "Ledger":
        """Of books as they are now; an empty one for none. Reads every record."""
        days: dict[str, dict[date, tuple[Decimal, Decimal]]] = {}
        for place, posting in enumerate(postings(books) if books is not None else ()):
            if place % _TURN == _TURN - 1:
                await trio.lowlevel.checkpoint()
            for account_id, amount in posting.amounts:
                each = days.setdefault(account_id, {})
                debit, credit = each.get(posting.day, (ZERO, ZERO))
                each[posting.day] = (debit + max(amount, ZERO), credit + max(-amount, ZERO))
        accounts = list(books.accounts.values()) if books is not None else []
        return cls(accounts=sorted(accounts, key=lambda account: account.code), days=days)

    def debits_and_credits(self, account: Account, begin: date, end: date) -> tuple[Decimal, Decimal]:
        """Between two days, both included."""
        found = [both for day, both in self.days.get(account.id, {}).items() if begin <= day <= end]
        return sum((debit for debit, _ in found), ZERO), sum((credit for _, credit in found), ZERO)

    def moved(self, account: Account, begin: date, end: date) -> Decimal:
        """Debits less credits between two days, both included."""
        debits, credits_ = self.debits_and_credits(account, begin, end)
        return debits - credits_

    def of_kinds(self, *kinds: AccountKind) -> list[Account]:
        """The accounts of some kinds."""
        return [account for account in self.accounts if account.kind in kinds]
