"""What the data folder, its keys and its open files promise."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite
from tests.store.conftest import NOW, Clock, a_client, a_connection
from trio.testing import MockClock

from tallystick.errors import ConfigurationInvalid, StoreUnusable
from tallystick.store import (
    ClientOpened,
    DataFolder,
    StoredTokens,
    Stores,
    Vault,
    connections,
    control,
    deletions,
    grants,
    key_text,
    migrations,
    new_key,
    open_stores,
    parse_key,
)
from tallystick.store.sqlcipher import connect
from tallystick.telemetry import Telemetry


async def test_a_folder_does_not_open_with_another_key_and_says_which_one_it_wants(tmp_path: Path) -> None:
    right, wrong = new_key(), new_key()
    DataFolder.open(tmp_path / "d", right, create=True).close()
    with pytest.raises(StoreUnusable, match=f"it was made with key {Vault(right).fingerprint}"):
        DataFolder.open(tmp_path / "d", wrong)
    DataFolder.open(tmp_path / "d", right).close()


async def test_a_folder_that_another_process_holds_is_refused_with_its_pid(tmp_path: Path) -> None:
    key = new_key()
    DataFolder.open(tmp_path / "d", key, create=True).close()
    program = (
        "import sys; from pathlib import Path; from tallystick.store import DataFolder, parse_key; "
        f"f = DataFolder.open(Path({str(tmp_path / 'd')!r}), parse_key({key.hex()!r})); "
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            program,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "held"
    with pytest.raises(StoreUnusable, match=f"in use by another process .pid {holder.pid}."):
        DataFolder.open(tmp_path / "d", key)
    holder.communicate()
    DataFolder.open(tmp_path / "d", key).close()


async def test_a_folder_that_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="tallystick init"):
        DataFolder.open(tmp_path / "nothing", new_key())


async def test_the_key_is_nowhere_in_the_folder(tmp_path: Path, telemetry: Telemetry, clock: Clock) -> None:
    key = new_key()
    folder = DataFolder.open(tmp_path / "d", key, create=True)
    async with open_stores(folder, telemetry, clock) as stores:
        await a_client(stores)
    for file in (tmp_path / "d").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert key not in data
            assert key.hex().encode() not in data
            assert key_text(key).encode() not in data


async def test_files_of_the_folder_are_their_owners_alone(tmp_path: Path) -> None:
    DataFolder.open(tmp_path / "d", new_key(), create=True).close()
    assert (tmp_path / "d").stat().st_mode & 0o077 == 0
    assert (tmp_path / "d" / "keyring.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "short", "zz" * 32, "00" * 31])
async def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="32 bytes"):
        parse_key(text)


async def test_a_key_is_read_from_base64_and_from_hex() -> None:
    key = new_key()
    assert parse_key(key_text(key) + "\n") == parse_key(key.hex()) == key


async def test_what_is_sealed_opens_only_for_its_own_purpose_and_with_every_bit_right() -> None:
    vault = Vault(new_key())
    sealed = vault.seal(b"secret", "grant 1")
    assert vault.open(sealed, "grant 1") == b"secret"
    with pytest.raises(StoreUnusable):
        vault.open(sealed, "grant 2")
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(StoreUnusable):
            vault.open(bytes(broken), "grant 1")


async def test_one_clients_file_does_not_open_with_anothers_key(stores: Stores) -> None:
    one, two = await a_client(stores), await a_client(stores)
    for client in (one, two):
        async with stores.client(client):
            pass
    row = await stores.control.read(control.find_client, two)
    assert row is not None
    key = stores.folder.kek.open(row.sealed_key, f"client {two}")
    with pytest.raises(StoreUnusable):
        connect(stores.folder.client_file(one), key)


async def test_a_client_that_does_not_exist_is_a_key_error(stores: Stores) -> None:
    with pytest.raises(KeyError):
        async with stores.client("nobody"):
            pass
    assert stores.open_clients == 0


async def test_only_so_many_files_are_open_and_idle_ones_give_way(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, telemetry, clock, open_limit=2) as stores:
        clients = [await a_client(stores) for _ in range(5)]
        for client in clients * 2:
            async with stores.client(client) as store:
                await a_connection(store)
                assert stores.open_clients <= 2


async def test_who_wants_one_more_file_than_may_be_open_waits_for_one_to_be_given_back(
    tmp_path: Path, telemetry: Telemetry, clock: Clock, nursery: trio.Nursery
) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, telemetry, clock, open_limit=2) as stores:
        one, two, three = [await a_client(stores) for _ in range(3)]
        got = trio.Event()

        async def borrow() -> None:
            async with stores.client(three):
                got.set()

        async with stores.client(one):
            async with stores.client(two):
                nursery.start_soon(borrow)
                await trio.sleep(0.1)
                assert not got.is_set()
            with trio.fail_after(2):
                await got.wait()


async def test_many_who_want_the_same_file_at_once_share_one_handle(
    stores: Stores, telemetry: Telemetry
) -> None:
    opened: list[ClientOpened] = []
    telemetry.listen(ClientOpened, opened.append)
    client = await a_client(stores)

    async def borrow() -> None:
        async with stores.client(client) as store:
            await store.read(connections.all_of_client)

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(borrow)
    assert len(opened) == 1


async def test_whoever_is_cancelled_while_it_closes_an_idle_file_leaves_nothing_half_closed(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    for steps in range(12):
        folder = DataFolder.open(tmp_path / f"d{steps}", new_key(), create=True)
        with trio.fail_after(5):
            async with open_stores(folder, telemetry, clock, open_limit=2) as stores:
                one, two, three = [await a_client(stores) for _ in range(3)]
                for client in (one, two):
                    async with stores.client(client):
                        pass

                async def borrow(client: str, stores: Stores = stores) -> None:
                    async with stores.client(client):
                        await trio.sleep_forever()

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(borrow, three)
                    for _ in range(steps):
                        await trio.lowlevel.checkpoint()
                    nursery.cancel_scope.cancel()
                for client in (one, two, three):
                    async with stores.client(client):
                        pass


async def test_stores_that_are_cancelled_close_in_order(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    """A signal cancels everything; what stops may still write, and every file is closed cleanly."""
    opened: list[ClientOpened] = []
    telemetry.listen(ClientOpened, opened.append)
    key = new_key()
    client = ""
    with trio.fail_after(5):
        with trio.CancelScope() as scope:
            folder = DataFolder.open(tmp_path / "d", key, create=True)
            async with open_stores(folder, telemetry, clock) as stores:
                client = await a_client(stores)
                async with stores.client(client):
                    pass
                scope.cancel()
                await trio.sleep_forever()
        async with open_stores(DataFolder.open(tmp_path / "d", key), telemetry, clock) as stores:
            async with stores.client(client):
                pass
    assert [event.checked for event in opened] == [True, False]


def after_a_crash(path: Path, key: bytes) -> None:
    """A close in order noted a clean end: put back what a crash would have left."""
    folder = DataFolder.open(path, key)
    database = connect(path / "control.db", folder.control_key)
    database.execute("update client_files set clean_close = 0")
    database.close()
    folder.close()


async def test_after_a_crash_a_file_is_checked_and_the_directory_is_rebuilt_from_it(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    """The client's file is right where the two differ; after a clean close nothing is checked."""
    opened: list[ClientOpened] = []
    telemetry.listen(ClientOpened, opened.append)
    key = new_key()
    async with open_stores(DataFolder.open(tmp_path / "d", key, create=True), telemetry, clock) as stores:
        client = await a_client(stores)
        async with stores.client(client) as store:
            row = await a_connection(store)
    async with open_stores(DataFolder.open(tmp_path / "d", key), telemetry, clock) as stores:
        async with stores.client(client):
            pass
        assert [event.checked for event in opened] == [True, False], "the first opening makes the file"
        assert await stores.control.read(control.directory) == []
    after_a_crash(tmp_path / "d", key)
    async with open_stores(DataFolder.open(tmp_path / "d", key), telemetry, clock) as stores:
        async with stores.client(client):
            pass
        assert opened[-1].checked
        (entry,) = await stores.control.read(control.directory)
        assert entry.connection_id == row.id


async def test_what_is_held_for_a_person_is_in_a_directory_that_is_rebuilt(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    key = new_key()
    async with open_stores(DataFolder.open(tmp_path / "d", key, create=True), telemetry, clock) as stores:
        client = await a_client(stores)
        async with stores.client(client) as store:
            rows = [await a_connection(store, name) for name in ("Holding", "Calm")]
            await store.write(deletions.hold, rows[0].number, "Items", [1], live=2, now=NOW)
        for row in rows:
            await stores.control.write(control.put_in_directory, client, row)
            await stores.control.write(control.note_due, row.id, NOW)
    after_a_crash(tmp_path / "d", key)
    async with open_stores(DataFolder.open(tmp_path / "d", key), telemetry, clock) as stores:
        async with stores.client(client):
            pass
        found = {entry.connection_id: entry for entry in await stores.control.read(control.directory)}
        assert [found[row.id].held for row in rows] == [True, False]
        assert [found[row.id].next_due_at for row in rows] == [NOW, NOW]


async def a_damaged_client(stores: Stores) -> str:
    """A client whose file opens, with a page in it that has been tampered with."""
    client = await a_client(stores)
    async with stores.client(client) as store:
        await store.write(lambda c: c.execute("create table filled (a integer primary key, b text)"))
        await store.write(lambda c: c.executemany("insert into filled values (?, ?)", FILLING))
    file = stores.folder.client_file(client)
    async with stores.client(client) as store:
        await store.read(lambda c: c.execute("pragma wal_checkpoint(truncate)").fetchall())
    raw = bytearray(file.read_bytes())
    raw[-20 * 8192 + 100] ^= 1
    file.write_bytes(raw)
    return client


FILLING = [(number, "x" * 300) for number in range(4000)]


async def test_a_page_that_is_damaged_is_told_as_what_it_is_to_whoever_reads_it(
    tmp_path: Path, telemetry: Telemetry, clock: Clock
) -> None:
    folder = DataFolder.open(tmp_path / "d", new_key(), create=True)
    async with open_stores(folder, telemetry, clock, inline=True) as stores:
        client = await a_damaged_client(stores)
        async with stores.client(client) as store:
            await store.write(lambda c: c.execute("pragma cache_size = 1"))
            with pytest.raises(StoreUnusable, match="malformed"):
                await store.write(lambda c: c.execute("update filled set b = 'y'"))
            with pytest.raises(StoreUnusable, match="DatabaseCorrupt"):
                await store.read(lambda c: c.execute("select sum(length(b)) from filled").fetchall())
        async with stores.client(await a_client(stores, "Sound")) as store:
            with pytest.raises(sqlite.IntegrityError):
                await store.write(lambda c: c.execute("insert into companies values ('', null, '', '', 0)"))


async def test_a_file_that_was_found_damaged_is_not_read_through_again_for_a_while(
    tmp_path: Path, telemetry: Telemetry, clock: Clock, autojump_clock: MockClock
) -> None:
    """The check reads all of it, and every connection of its client asks for it."""
    key = new_key()
    folder = DataFolder.open(tmp_path / "d", key, create=True)
    async with open_stores(folder, telemetry, clock, inline=True) as stores:
        client = await a_damaged_client(stores)
    after_a_crash(tmp_path / "d", key)
    folder = DataFolder.open(tmp_path / "d", key)
    file = folder.client_file(client)
    async with open_stores(folder, telemetry, clock, inline=True) as stores:
        with pytest.raises(StoreUnusable, match="is damaged"):
            async with stores.client(client):
                pass
        raw = bytearray(file.read_bytes())
        raw[-20 * 8192 + 100] ^= 1
        file.write_bytes(raw)
        with pytest.raises(StoreUnusable, match="is damaged"):
            async with stores.client(client):
                pass
        await trio.sleep(31)
        async with stores.client(client) as store:
            assert await store.read(lambda c: c.execute("select count(*) from filled").fetchone()) == (4000,)


async def test_tokens_are_sealed_inside_the_encrypted_file_and_never_go_back(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        tokens = StoredTokens(version=2, access="the-access", refresh="the-refresh", expires_at=NOW, scope="")
        save = {"grant_id": "g", "provider": "xero", "now": NOW}
        await store.write(grants.save, store.vault, tokens=tokens, **save)
        assert await store.read(grants.load, store.vault, "g") == tokens
        (sealed,) = await store.read(lambda c: c.execute("select sealed from grants").fetchone())
        assert b"the-access" not in sealed
        assert "the-access" not in repr(tokens)
        renew = {"grant_id": "g", "now": NOW}
        assert not await store.write(grants.renew, store.vault, tokens=tokens, **renew), "not newer"
        newer = StoredTokens(version=3, access="newer", refresh="r", expires_at=NOW, scope="")
        assert await store.write(grants.renew, store.vault, tokens=newer, **renew)
        assert await store.read(grants.load, store.vault, "g") == newer
        assert not await store.write(grants.renew, store.vault, tokens=newer, grant_id="gone", now=NOW)


@pytest.mark.parametrize("kind", ["control", "client"])
async def test_migrations_run_from_an_empty_file_and_from_every_version_before(
    kind: migrations.Kind, tmp_path: Path
) -> None:
    numbers = [number for number, _ in migrations.scripts(kind)]
    assert numbers == list(range(1, len(numbers) + 1))
    for start in range(len(numbers) + 1):
        database = connect(tmp_path / f"{start}.db", bytes(32))
        if start:
            migrations.migrate(database, kind, to=start)
        assert migrations.migrate(database, kind) == numbers[-1]
        assert migrations.migrate(database, kind) == numbers[-1], "a second time is nothing to do"
        database.close()


async def test_a_migration_that_fails_leaves_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = migrations.scripts("control")
    broken = [*good, (len(good) + 1, "create table extra (x);\ncreate table extra (x);\n")]
    database = connect(tmp_path / "a.db", bytes(32))
    migrations.migrate(database, "control")
    monkeypatch.setattr(migrations, "scripts", lambda kind: broken)
    with pytest.raises(Exception, match="already exists"):
        migrations.migrate(database, "control")
    assert migrations.version(database) == len(good)
    assert database.execute("select count(*) from sqlite_schema where name = 'extra'").fetchone() == (0,)
    database.close()


async def test_a_file_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    database = connect(tmp_path / "a.db", bytes(32))
    database.execute("pragma user_version = 999")
    with pytest.raises(StoreUnusable, match="schema 999"):
        migrations.migrate(database, "client")
    database.close()
