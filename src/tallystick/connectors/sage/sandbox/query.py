"""What a list is asked for: which rows, in which order, which page. Source: providers.md §2.4."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from attrs import frozen

from tallystick.connectors.sage.sandbox.dialect import View
from tallystick.connectors.sage.sandbox.lists import SageList
from tallystick.connectors.sage.sandbox.rows import Row

PAGE_SIZE: Final = 20
LARGEST_PAGE: Final = 200
_SORTS: Final = ("created_at", "updated_at", "date")


class QueryInvalid(Exception):
    """A parameter that is answered with 422; it names the parameter."""


@frozen(kw_only=True)
class Asked:
    """A whole request for a list."""

    view: View
    page: int
    size: int
    changed_since: datetime | None  #: at or after it
    deleted_since: datetime | None  #: after it
    sort: str
    descending: bool
    account_id: str | None  #: of ledger entries: one account's only


def parse(of: SageList, params: Mapping[str, str]) -> Asked:
    """Read a request. What a list does not know it ignores. Raises: `QueryInvalid`."""
    sort, _, direction = params.get("sort", "").partition(":")
    if of.sorted and sort and (sort not in _SORTS or direction not in {"", "asc", "desc"}):
        raise QueryInvalid("sort")
    return Asked(
        view=view_of(of, params),
        page=_number(params, "page", 1),
        size=min(_number(params, "items_per_page", PAGE_SIZE), LARGEST_PAGE),
        changed_since=_moment(params, "updated_or_created_since") if of.changes else None,
        deleted_since=_moment(params, "deleted_since") if of.deletions else None,
        sort=sort if of.sorted else "",
        descending=direction == "desc",
        account_id=params.get("ledger_account_id"),
    )


def view_of(of: SageList, params: Mapping[str, str]) -> View:
    """How the rows of a request are written. Raises: `QueryInvalid`."""
    attributes = params.get("attributes", "")
    first, last = _day(params, "from_date"), _day(params, "to_date")
    wanted = params.get("show_balance_details") == "true"
    return View(
        whole=attributes == "all",
        names=frozenset(filter(None, attributes.split(","))),
        nested=of.nested and params.get("nested_attributes") == "all",
        allocations=params.get("show_payments_allocations") == "true",
        balances=(first, last) if wanted and first is not None and last is not None else None,
    )


def select(rows: list[Row], asked: Asked) -> list[Row]:
    """The rows that a request means. Deleted ones are told only where they are asked for."""
    if asked.deleted_since is not None:
        found = [row for row in rows if row.deleted and row.updated_at > asked.deleted_since]
    else:
        found = [row for row in rows if not row.deleted]
    if asked.changed_since is not None:  # to the second, and the second itself is in
        found = [row for row in found if row.updated_at.replace(microsecond=0) >= asked.changed_since]
    if asked.account_id is not None:
        found = [row for row in found if row.account_id in (None, asked.account_id)]
    if asked.sort == "created_at":
        found.sort(key=lambda row: (row.created_at, row.id), reverse=asked.descending)
    else:  # a row that is changed moves to the end, and others to earlier pages
        found.sort(key=lambda row: (row.updated_at, row.id), reverse=asked.descending)
    return found


def _number(params: Mapping[str, str], name: str, otherwise: int) -> int:
    text = params.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise QueryInvalid(name)
    return int(text)


def _day(params: Mapping[str, str], name: str) -> date | None:
    text = params.get(name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise QueryInvalid(name) from error


def _moment(params: Mapping[str, str], name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryInvalid(name) from error
    if found.tzinfo is None:
        raise QueryInvalid(name)
    return found.astimezone(UTC)
