"""The accounts at the bank, with what their rows do not tell: each one's account in the ledger.

A movement at the bank names an account by its address alone, and tells neither its currency nor where it
is posted. Source: providers §2.5.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tallystick.connectors.contract import Calls
from tallystick.connectors.freeagent.envelope import rows_of, unreadable
from tallystick.connectors.freeagent.listings import CATEGORIES, CATEGORY_SETS
from tallystick.connectors.freeagent.paging import goes_on
from tallystick.connectors.freeagent.place import BankAccount
from tallystick.connectors.unreadable import UNREADABLE, why

_BANKS: Final = "bank_accounts"


class _Bank(msgspec.Struct):
    url: str
    currency: Any = None


class _Category(msgspec.Struct):
    nominal_code: Any = None
    bank_account: Any = None


class _Movement(msgspec.Struct):
    bank_account: str | None = None
    linked_transfer_account: str | None = None
    transfer_bank_account: str | None = None


_BANK: Final = msgspec.json.Decoder(_Bank)
_CATEGORY: Final = msgspec.json.Decoder(dict[str, _Category])
_MOVEMENT: Final = msgspec.json.Decoder(_Movement)


async def accounts_of(calls: Calls, size: int) -> tuple[BankAccount, ...]:
    """All accounts at the bank, in FreeAgent's order. Cost: a call, and one for each page of them.

    Raises: `PageUnreadable` for an account without an address: what is on it would pass for deleted.
    """
    codes = await _codes(calls)
    found: dict[str, BankAccount] = {}
    page = 1
    while True:
        response = await calls.get(_BANKS, params={"page": str(page), "per_page": str(size)})
        rows = rows_of(_BANKS, response.content)
        banks = [bank for bank in (_bank(row, response.content) for row in rows) if bank.url not in found]
        for bank in banks:
            currency = bank.currency if isinstance(bank.currency, str) else None
            found[bank.url] = BankAccount(url=bank.url, currency=currency or None, code=codes.get(bank.url))
        if not banks or not goes_on(response, offset=(page - 1) * size, rows=len(rows), size=size):
            return tuple(found.values())
        page += 1


async def _codes(calls: Calls) -> dict[str, str]:
    """The nominal code of each bank account, by its address."""
    response = await calls.get(CATEGORIES, params={"sub_accounts": "true"})
    found = {}
    for row in rows_of(CATEGORIES, response.content):
        try:
            told = _CATEGORY.decode(row)
        except UNREADABLE:
            continue  # it is told of where categories are mapped
        for name in CATEGORY_SETS:
            category = told.get(name)
            if category is not None and isinstance(category.bank_account, str):
                found[category.bank_account] = str(category.nominal_code)
    return found


def named(row: msgspec.Raw, accounts: Sequence[BankAccount], of: int | None) -> dict[str, BankAccount]:
    """The accounts that a movement names, by what it is to it; `of`: which list it came from, if any."""
    try:
        told = _MOVEMENT.decode(row)
    except UNREADABLE:
        told = _Movement()
    known = {each.url: each for each in accounts}
    own = accounts[of] if of is not None else known.get(told.bank_account or "")
    other = known.get(told.linked_transfer_account or told.transfer_bank_account or "")
    found = {"own": own, "other": other}
    return {name: account for name, account in found.items() if account is not None}


def _bank(row: msgspec.Raw, raw: bytes) -> _Bank:
    try:
        return _BANK.decode(row)
    except UNREADABLE as error:
        raise unreadable(_BANKS, f"an account has no address ({why(error)})", raw) from error
