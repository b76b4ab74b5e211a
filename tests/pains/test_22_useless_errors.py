"""A sync failed, and nobody is told why or what to do.

Here each error has a stable code, a class by what to do, a sentence that says how to mend it, and stands
on its dataset and its connection.
"""

import inspect

import pytest
from tests.engine.conftest import House
from tests.pains.conftest import sync

from tallystick import errors
from tallystick.errors import ProviderUnavailable

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.TallystickError) and "code" in vars(kind)
]


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_a_recovery_and_a_way_to_mend_it(kind: type[errors.TallystickError]) -> None:
    assert "." in kind.code
    assert kind.recovery in {"retry", "skip", "stop", "ask_person"}
    assert kind.fix.endswith(".")


async def test_a_failed_dataset_says_what_failed_and_what_comes_next(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [ProviderUnavailable(platform="xero", reason="HTTP 503")]
    row = await house.linked()
    await sync(house, row, "invoices")
    found = (await house.datasets(row))["invoices"]
    assert found.error_code == ProviderUnavailable.code
    assert "HTTP 503" in (found.error_message or "")
    assert ProviderUnavailable.fix in (found.error_message or "")
    kept = await house.row(row)
    assert "HTTP 503" in (kept.reason or "")
    assert kept.proposal
