"""Tells rows about the accounts at banks that they name, which Sage itself leaves out of them.

Other payments and transfers name no currency: theirs is the bank account's. Ledger entries know the ledger's
account only. What is known of the bank account is put before a row's own fields, which stay as they came:
`{"$banks":{"65ce…":"USD"},"id":…}`. So a row can be mapped again later, without asking anybody.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls
from tallystick.connectors.sage.envelope import open_envelope
from tallystick.connectors.sage.listings import ALL, BANK_LEDGER, OTHER_PAYMENTS, TRANSFERS
from tallystick.connectors.unreadable import UNREADABLE

#: Resources whose rows are told about.
TOLD_ABOUT: Final = frozenset({OTHER_PAYMENTS, TRANSFERS, BANK_LEDGER})
_LIST: Final = "bank_accounts"


@frozen(kw_only=True)
class Bank:
    """An account at a bank, its account in the ledger, and its currency, as far as Sage tells them."""

    id: str
    ledger_id: str | None = None
    currency: str | None = None


async def banks(calls: Calls, page_size: int) -> tuple[Bank, ...]:
    """All accounts at banks. Cost: a call for each page of them. Raises: what `calls.get` raises."""
    found: dict[str, Bank] = {}
    page, read, total = 1, 0, 1
    while read < total:
        params = {**ALL, "page": str(page), "items_per_page": str(page_size)}
        envelope = open_envelope(_LIST, (await calls.get(_LIST, params=params)).content)
        rows = envelope.rows()
        for row in rows:
            bank = _bank(row)
            if bank is not None:
                found[bank.id] = bank
        page, read, total = page + 1, read + len(rows), envelope.total or 0
        if not rows:
            break
    return tuple(found.values())


def told_about(rows: Sequence[msgspec.Raw], known: Sequence[Bank]) -> list[msgspec.Raw]:
    """The rows, each with what is known of the bank accounts that it names."""
    by_name = {bank.id: bank for bank in known} | {bank.ledger_id: bank for bank in known if bank.ledger_id}
    return [_with(row, by_name) for row in rows]


def listed(rows: Sequence[msgspec.Raw]) -> bytes:
    """A page of rows that are not as they came."""
    return b'{"$items":[%b]}' % b",".join(map(bytes, rows))


class _Ref(msgspec.Struct):
    id: str | None = None


class _Row(msgspec.Struct):
    id: str
    ledger_account: _Ref | None = None
    currency: _Ref | None = None


class _Naming(msgspec.Struct):
    bank_account: _Ref | None = None
    from_bank_account: _Ref | None = None
    to_bank_account: _Ref | None = None
    ledger_account: _Ref | None = None


_ROW: Final = msgspec.json.Decoder(_Row)
_NAMING: Final = msgspec.json.Decoder(_Naming)


def _bank(row: msgspec.Raw) -> Bank | None:
    """A row that cannot be read is told of where bank accounts are mapped."""
    try:
        told = _ROW.decode(row)
    except UNREADABLE:
        return None
    return Bank(
        id=told.id,
        ledger_id=(told.ledger_account.id or None) if told.ledger_account else None,
        currency=(told.currency.id or None) if told.currency else None,
    )


def _with(row: msgspec.Raw, known: dict[str, Bank]) -> msgspec.Raw:
    try:
        naming = _NAMING.decode(row)
    except UNREADABLE:
        return row  # the mapping tells what is wrong with it
    refs = (naming.bank_account, naming.from_bank_account, naming.to_bank_account, naming.ledger_account)
    found = {known[ref.id].id: known[ref.id].currency for ref in refs if ref and ref.id and ref.id in known}
    own = bytes(row).lstrip()
    if not found or own[:1] != b"{":
        return row
    rest = own[1:].lstrip()
    joint = b"" if rest[:1] == b"}" else b","
    return msgspec.Raw(b'{"$banks":%b%b%b' % (msgspec.json.encode(found), joint, rest))
