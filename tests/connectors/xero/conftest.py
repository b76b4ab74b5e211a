"""Rows of invented books as Xero writes them, and what they become."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import frozen

from tallystick.connectors import Books, Issue
from tallystick.connectors.xero.manifest import RESOURCES
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.standard import encode

BY_NAME = {resource.name: resource for resource in RESOURCES}
FIXTURES = Path(__file__).parent / "fixtures"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@frozen
class Mapped:
    """What one row became."""

    records: list[Any]
    issues: list[Issue]

    @property
    def only(self) -> Any:
        """The one record."""
        (record,) = self.records
        return record

    @property
    def json(self) -> dict[str, Any]:
        """The one record as its JSON says it, numbers as Decimals."""
        told: dict[str, Any] = json.loads(encode(self.only), parse_float=Decimal, parse_int=Decimal)
        return told

    def told(self) -> list[tuple[str, str]]:
        """Severity and path of each issue."""
        return [(issue.severity, issue.path) for issue in self.issues]


@pytest.fixture
def page() -> Callable[[str], bytes]:
    """A list's invented answer."""
    return lambda resource: (FIXTURES / f"{resource}.json").read_bytes()


@pytest.fixture
def row(page: Callable[[str], bytes]) -> Callable[..., dict[str, Any]]:
    """A row of a list's invented answer, with changes; `...` takes a field out.

    The answer is a resource's, or that of one of the lists that it reads.
    """

    def made(resource: str, place: int = 0, **changes: Any) -> dict[str, Any]:
        answer = json.loads(page(resource), parse_float=Decimal)
        rows = answer.get(resource) or answer["Reports"]
        changed = {**rows[place], **changes}
        return {name: value for name, value in changed.items() if value is not ...}

    return made


@pytest.fixture
def mapped() -> Callable[..., Mapped]:
    """Map a row of a resource that is given as a mapping, as text or as bytes."""

    def made(resource: str, source: Any, books: Books | None = None) -> Mapped:
        if isinstance(source, Mapping):
            source = _ENCODER.encode(source)
        elif isinstance(source, str):
            source = source.encode()
        issues: list[Issue] = []
        records = XeroMapper().records(BY_NAME[resource], msgspec.Raw(source), books or Books(), issues)
        return Mapped(list(records), issues)

    return made
