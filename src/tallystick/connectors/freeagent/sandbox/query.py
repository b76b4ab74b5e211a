"""What a list is asked for: which rows, in which order, which page. Source: providers.md §2.5."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from attrs import frozen

from tallystick.connectors.freeagent.sandbox.lists import FreeAgentList
from tallystick.connectors.freeagent.sandbox.rows import Row

PAGE_SIZE: Final = 25
LARGEST_PAGE: Final = 100
_SORTS: Final = ("created_at", "updated_at", "name")


class QueryInvalid(Exception):
    """A parameter that is answered with 400; it says which and why."""


@frozen(kw_only=True)
class Asked:
    """A whole request for a list."""

    page: int
    size: int
    nested: bool
    changed_since: datetime | None  #: at or after it
    sort: str
    descending: bool
    view: str
    account_id: int | None
    contact_id: int | None


def parse(of: FreeAgentList, params: Mapping[str, str]) -> Asked:
    """Read a request. What a list does not know it ignores. Raises: `QueryInvalid`."""
    told = params.get("sort", "") if of.sorted else ""
    sort = told.removeprefix("-") or ("name" if of.by_name else "created_at")
    if sort not in _SORTS:
        raise QueryInvalid("sort is not an order of this list")
    account = _number_at(params, "bank_account")
    if of.by_account and account is None:
        raise QueryInvalid("bank_account is missing")
    return Asked(
        page=_number(params, "page", 1),
        size=min(_number(params, "per_page", PAGE_SIZE), LARGEST_PAGE),
        nested=bool(of.nested) and params.get(of.nested) == "true",
        changed_since=_moment(params, "updated_since") if of.changes else None,
        sort=sort,
        descending=told.startswith("-"),
        view=params.get("view", "active") if of.views else "",
        account_id=account if of.by_account else None,
        contact_id=_number_at(params, "contact"),
    )


def select(rows: list[Row], asked: Asked) -> list[Row]:
    """The rows that a request means."""
    found = list(rows)
    if asked.view:
        found = [row for row in found if asked.view in row.views]
    if asked.account_id is not None:
        found = [row for row in found if row.account_id == asked.account_id]
    if asked.contact_id is not None:
        found = [row for row in found if row.contact_id == asked.contact_id]
    if asked.changed_since is not None:
        found = [row for row in found if row.updated_at >= asked.changed_since]
    orders = {
        "created_at": lambda row: (row.made_at, row.id),
        "updated_at": lambda row: (row.updated_at, row.id),
        "name": lambda row: (row.name.casefold(), row.id),
    }
    found.sort(key=orders[asked.sort], reverse=asked.descending)
    return found


def day(params: Mapping[str, str], name: str) -> date | None:
    """A day that a report is asked for. Raises: `QueryInvalid`."""
    text = params.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryInvalid(f"{name} is no date") from error


def _number(params: Mapping[str, str], name: str, otherwise: int) -> int:
    text = params.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise QueryInvalid(f"{name} is no number above zero")
    return int(text)


def _number_at(params: Mapping[str, str], name: str) -> int | None:
    """The number at the end of an address."""
    text = params.get(name, "").rpartition("/")[2]
    return int(text) if text.isdecimal() else None


def _moment(params: Mapping[str, str], name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryInvalid(f"{name} is no moment") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
