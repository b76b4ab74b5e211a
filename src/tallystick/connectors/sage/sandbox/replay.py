"""A company whose books are recorded answers of the provider's: its raw rows, as they came.

The folder is laid out as `<provider>/<Entity>/*.json` with an `INDEX.json` beside. Rows of lists are
gathered, one an id, the last one; an answer that is no list stands for itself. Source: design.md §6.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from attrs import define

from tallystick.connectors.sage.sandbox.lists import LISTS, SINGLE
from tallystick.connectors.sage.sandbox.rows import Row
from tallystick.connectors.sandbox.truth import Truth
from tallystick.errors import ConfigurationInvalid

T = TypeVar("T")

_OLD: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Which data type a row of a list is, where every row of it is one.
_COUNTED: Final = {
    "ledger_accounts": "chartOfAccounts",
    "bank_accounts": "bankAccounts",
    "tax_rates": "taxRates",
    "products": "items",
    "services": "items",
    "stock_items": "items",
}


@define(eq=False)
class RecordedRows:
    """See `rows.Rows`. Recorded answers never change."""

    lists: dict[str, list[Row]]
    singles: dict[str, bytes]

    def of(self, name: str) -> list[Row]:
        """See `Rows.of`."""
        return self.lists.get(name, [])

    def single(self, name: str) -> bytes | None:
        """See `Rows.single`."""
        return self.singles.get(name)

    def truth(self) -> Truth:
        """Counted by the same rules as made-up books."""
        truth = Truth()
        truth.count(["company"])
        for name, rows in self.lists.items():
            for _ in rows:
                truth.count([_COUNTED[name]] if name in _COUNTED else [])
        return truth


def recorded_rows(folder: Path) -> RecordedRows:
    """All rows of the folder's `sage` part. Raises: `ConfigurationInvalid`."""
    listed = _read(folder / "INDEX.json", list[dict[str, Any]])
    found = RecordedRows({}, {"financial_settings": b'{"$path":"/financial_settings","base_currency":null}'})
    for entry in listed:
        good = entry.get("kind") == "response" and entry.get("status") in (None, 200)
        if entry.get("provider") == "sage" and good and entry.get("file"):
            _gather(folder / str(entry["file"]), found)
    return found


def _gather(file: Path, found: RecordedRows) -> None:
    name = file.parent.name
    if name in SINGLE:
        found.singles[name] = file.read_bytes()
    if name not in LISTS:
        return
    raw = msgspec.json.decode(
        _read(file, dict[str, msgspec.Raw]).get("$items", b"[]"), type=list[msgspec.Raw]
    )
    rows = {row.id: row for row in found.lists.get(name, [])}
    for each in raw:
        fields = msgspec.json.decode(each, type=dict[str, Any])
        if isinstance(fields.get("id"), str):
            rows[fields["id"]] = Row(
                id=fields["id"],
                created_at=_OLD,
                updated_at=_OLD,
                render=lambda _view, fields=fields: fields,  # type: ignore[misc]
                recorded=bytes(each),
            )
    found.lists[name] = list(rows.values())


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationInvalid(message=f"--replay: {file} cannot be read: {error}") from error
