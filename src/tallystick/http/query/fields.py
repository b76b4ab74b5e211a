"""What can be asked of which resource: properties by name, where each is kept, and what sorts.

A record's properties are those of its class in the standard model: some have columns, the others are read
from the JSON that the store keeps.
"""

import types
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import field, frozen

from tallystick.http.query.syntax import unresolved
from tallystick.standard import RECORD_CLASSES, CalendarDate, DataType, spelt

Kind = Literal["text", "number", "flag", "instant", "day"]


@frozen
class Field:
    """One property: its kind and the SQL that gives its value."""

    kind: Kind
    sql: str
    any_of: str | None = None  #: the value is one of several: an `exists (…)` with `{}` for the test


@frozen
class Resource:
    """Something that is listed: its name in refusals, its properties, and what it is ordered by."""

    name: str
    fields: Mapping[str, Field]
    order: Mapping[str, str]  #: property to column
    tags: str | None = None  #: `tags.` and a key: the column that holds them as a JSON object
    bare_tags: bool = field(default=False)  #: a property is itself a key

    def resolve(self, name: str) -> Field:
        """A property by its name, letter case ignored. Raises: `Problem` 400."""
        key = name if self.bare_tags else name.removeprefix("tags.")
        if self.tags is not None and (self.bare_tags or name.startswith("tags.")):
            return Field("text", f"{self.tags} ->> '$.\"{key}\"'")
        found = self.fields.get(name) or _by_lower(self).get(name.lower())
        if found is None:
            raise unresolved(name, self.name)
        return found


COMPANIES: Final = Resource(
    "Company",
    {
        "id": Field("text", "id"),
        "name": Field("text", "name"),
        "description": Field("text", "description"),
        "created": Field("instant", "created_at"),
        "lastSync": Field(
            "instant", "(select max(c.last_sync_at) from connections c where c.company_id = companies.id)"
        ),
        "dataConnections.status": Field(
            "text",
            "c.status",
            "exists (select 1 from connections c where c.company_id = companies.id and {})",
        ),
    },
    {"id": "id", "name": "name collate nocase", "created": "created_at"},
    tags="tags",
)
#: The `tags` parameter of the list of companies: `region=uk` for `tags.region=uk`.
TAGS: Final = Resource("Tags", {}, {}, tags="tags", bare_tags=True)
DATASETS: Final = Resource(
    "PullOperation",
    {
        "id": Field("text", "id"),
        "connectionId": Field("text", "connection_id"),
        "companyId": Field("text", "company_id"),
        "dataType": Field("text", "data_type"),
        "status": Field("text", "status"),
        "requested": Field("instant", "requested_at"),
        "completed": Field("instant", "completed_at"),
        "errorMessage": Field("text", "error_message"),
    },
    {
        "requested": "requested_at",
        "completed": "completed_at",
        "dataType": "data_type",
        "status": "status",
        "id": "id",
    },
)

_COLUMNS: Final = {
    "id": Field("text", "id"),
    "modifiedDate": Field("instant", "modified_at"),
    "sourceModifiedDate": Field("instant", "source_modified_at"),
    "status": Field("text", "status"),
    "metadata.isDeleted": Field("flag", "deleted"),
}
_ORDER: Final = {
    "id": "id",
    "modifiedDate": "modified_at",
    "sourceModifiedDate": "source_modified_at",
    "status": "status",
}


@cache
def records_of(data_type: DataType) -> Resource:
    """The records of a data type. Raises: `KeyError` for one without a class."""
    kind = RECORD_CLASSES[data_type]
    scalars = _scalars(kind)
    has = {"id", "modifiedDate", *scalars}
    columns = {name: column for name, column in _COLUMNS.items() if name in has}
    order = {name: column for name, column in _ORDER.items() if name in has}
    return Resource(kind.__name__, {**_from_body(scalars), **columns}, order)


def _from_body(scalars: Mapping[str, Kind]) -> dict[str, Field]:
    # A number keeps its digits only as JSON text (`->`); `->>` would make a double of it.
    return {
        name: Field(kind, f"body {'->' if kind == 'number' else '->>'} '$.{name}'")
        for name, kind in scalars.items()
    }


def _scalars(kind: type[Any], prefix: str = "") -> dict[str, Kind]:
    """The single values of a class and of the classes within it, by dotted name; no arrays."""
    found: dict[str, Kind] = {}
    hints = get_type_hints(kind)
    for attribute in attrs.fields(kind):
        hint = _without_none(hints[attribute.name])
        name = prefix + spelt(attribute.name)
        scalar = _kind_of(hint)
        if scalar is not None:
            found[name] = scalar
        elif attrs.has(hint):
            found |= _scalars(hint, f"{name}.")
    return found


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [part for part in get_args(hint) if part is not type(None)]
        return rest[0] if len(rest) == 1 else hint
    return hint


def _kind_of(hint: Any) -> Kind | None:
    if hint is CalendarDate:
        return "day"
    if isinstance(hint, NewType):
        hint = hint.__supertype__
    if hint is str or get_origin(hint) is Literal:
        return "text"
    if hint is bool:
        return "flag"
    if hint in (Decimal, int):
        return "number"
    return "instant" if hint is datetime else None


@cache
def _lower_names(names: tuple[str, ...]) -> Mapping[str, str]:
    return {name.lower(): name for name in names}


def _by_lower(resource: Resource) -> Mapping[str, Field]:
    names = _lower_names(tuple(resource.fields))
    return {lower: resource.fields[name] for lower, name in names.items()}
