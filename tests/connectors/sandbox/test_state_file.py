from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.connectors.sandbox import SandboxSettings
from tallystick.connectors.sandbox.world import make_world
from tallystick.errors import ConfigurationInvalid

Visit = Callable[..., Awaitable[Any]]


async def test_a_restarted_sandbox_honours_old_tokens_and_old_changes(visit: Visit, tmp_path: Path) -> None:
    first = await visit(data=tmp_path)
    tokens = await first.link()
    for entity in ("invoices", "payments", "customers"):
        await first.control(
            "change",
            {"tenant": first.tenants[0], "entity": entity, "create": 3, "update": 2, "delete": 1},
        )
    await first.control("clock", {"advance": 600})
    again = await visit(data=tmp_path)
    again.tokens = tokens
    for name in ("Invoices", "Payments", "Contacts"):
        assert await again.rows(name) == await first.rows(name)
    assert (await again.refresh(tokens["refresh_token"])).status_code == 200
    assert (await again.control("state"))["companies"] == (await first.control("state"))["companies"]
    offset = (await again.control("clock"))["offset"]
    assert offset == 600


async def test_a_revoked_grant_stays_revoked_over_a_restart(visit: Visit, tmp_path: Path) -> None:
    first = await visit(data=tmp_path)
    tokens = await first.link()
    await first.control("faults", {"provider": "xero", "kind": "revoked"})
    assert (await first.ask("Invoices")).status_code == 401
    again = await visit(data=tmp_path)
    again.tokens = tokens
    assert (await again.ask("Invoices")).status_code == 401


async def test_without_a_folder_nothing_outlives_the_process(visit: Visit) -> None:
    first = await visit()
    tokens = await first.link()
    again = await visit()
    again.tokens = tokens
    assert (await again.ask("Invoices")).status_code == 401


@pytest.mark.parametrize("words", [{"seed": 2}, {"records": 11}, {"companies": 2}])
def test_a_folder_of_another_sandbox_is_refused(tmp_path: Path, words: dict[str, int]) -> None:
    make_world(SandboxSettings(companies=1, records=10, data=tmp_path))
    with pytest.raises(ConfigurationInvalid, match=next(iter(words))):
        make_world(SandboxSettings(**{"companies": 1, "records": 10, "data": tmp_path, **words}))  # type: ignore[arg-type]


def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "sandbox-state.json"
    file.write_text("{oops")
    with pytest.raises(ConfigurationInvalid, match="cannot be read"):
        make_world(SandboxSettings(companies=1, records=1, data=tmp_path))
    assert file.read_text() == "{oops"


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    make_world(SandboxSettings(companies=1, records=1, data=tmp_path))
    assert (tmp_path / "sandbox-state.json").stat().st_mode & 0o077 == 0


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="nobody"):
        make_world(SandboxSettings(providers=("xero", "nobody")))
