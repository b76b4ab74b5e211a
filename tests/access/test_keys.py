"""API keys: how they look, how they are kept, whose one is."""

import base64
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from tests.store.conftest import Clock

from tallystick.access import Access, new_api_key
from tallystick.store import DataFolder, audit, new_key, open_stores
from tallystick.telemetry import Telemetry


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


async def test_a_key_is_known_in_every_form_that_codats_clients_send(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, Telemetry(), Clock()) as stores:
        access = Access(stores)
        one, two = await access.create_client("One"), await access.create_client("Two")
        for header in (
            basic(one.api_key),
            basic(one.api_key + ":"),
            f"Bearer {one.api_key}",
            basic(one.api_key).replace("Basic", "basic"),
        ):
            principal = await access.authenticate(header)
            assert principal is not None
            assert principal.client_id == one.id
        other = await access.authenticate(basic(two.api_key))
        assert other is not None
        assert other.client_id == two.id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + "A" * 9,
        basic("tally_nobody"),
        "Digest x",
        basic(""),
        basic("\x00"),
    ],
)
async def test_what_is_no_key_of_ours_is_nobody(tmp_path: Path, header: str) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, Telemetry(), Clock()) as stores:
        assert await Access(stores).authenticate(header) is None


async def test_a_key_is_kept_as_a_digest_only_and_never_shows(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, Telemetry(), Clock()) as stores:
        made = await Access(stores).create_client("One")
        assert made.api_key not in repr(made)
        rows = await stores.control.read(lambda c: c.execute("select * from api_keys").fetchall())
        assert made.api_key not in repr(rows)


def test_keys_are_long_random_and_known_to_secret_scanners() -> None:
    keys = {new_api_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("tally_") and len(key) >= 38 for key in keys)


async def test_a_new_client_and_its_key_are_in_the_audit_log_without_the_key(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, Telemetry(), Clock()) as stores:
        made = await Access(stores).create_client("Acme", actor="operator")
        found = [recorded.entry for recorded in await stores.control.read(audit.entries)]
    assert [(entry.actor, entry.act) for entry in found] == [
        ("operator", "client.create"),
        ("operator", "api_key.create"),
    ]
    assert (found[0].subject, found[0].detail) == (made.id, {"name": "Acme"})
    assert found[1].detail == {"clientId": made.id, "hint": made.api_key[-4:]}
    assert made.api_key not in str(found)


async def test_a_client_that_could_not_be_stored_leaves_no_entry(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, Telemetry(), Clock()) as stores:
        access = Access(stores)
        await access.create_client("One", api_key="tally_the_same_key")
        with pytest.raises(sqlite.IntegrityError):
            await access.create_client("Two", api_key="tally_the_same_key")
        assert len(await stores.control.read(audit.entries)) == 2
