"""init, clients, check, serve: an installation without the sandbox, and what goes wrong with one."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from tallystick.cli.installation import key
from tallystick.config import Settings, load
from tallystick.store import counts, open_data, utc_now
from tallystick.telemetry import Telemetry

FREE_PORTS = {"TALLYSTICK_SERVER_PORT": "0", "TALLYSTICK_SERVER_METRICS_PORT": "0"}


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick", *words],
        cwd=cwd,
        env={**os.environ, **FREE_PORTS, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    assert run("init", cwd=tmp_path).returncode == 0
    return tmp_path


def test_init_makes_a_key_outside_the_data_and_settings_that_work(tmp_path: Path) -> None:
    done = run("init", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "tallystick.key").stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "tallystick-data").rglob("*.key"))
    assert run("check", cwd=tmp_path).returncode == 0


def test_init_makes_an_operators_token_that_only_its_owner_reads_and_the_settings_name_it(
    tmp_path: Path,
) -> None:
    done = run("init", "--key-file", "keys/key", cwd=tmp_path)
    assert done.returncode == 0
    file = tmp_path / "keys" / "operator-token"
    assert file.stat().st_mode & 0o077 == 0
    token = file.read_text().strip()
    assert token.startswith("tallyop_")
    assert f'operator_token = "file:{file}"' in (tmp_path / "tallystick.toml").read_text()
    assert token not in done.stdout
    (tmp_path / "tallystick.toml").unlink()
    run("init", "--key-file", "keys/key", cwd=tmp_path)
    assert file.read_text().strip() == token, "what exists is used again"


def test_init_overwrites_nothing(installed: Path) -> None:
    key = (installed / "tallystick.key").read_text()
    again = run("init", cwd=installed)
    assert again.returncode == 2
    assert "there already" in again.stderr
    assert (installed / "tallystick.key").read_text() == key


def test_init_refuses_a_key_inside_the_data_that_it_opens(tmp_path: Path) -> None:
    done = run("init", "--data", "d", "--key-file", "d/key", cwd=tmp_path)
    assert done.returncode == 2
    assert "choose another place" in done.stderr


def test_a_client_is_made_with_its_key_shown_once(installed: Path) -> None:
    done = run("clients", "create", "--name", "Acme", "--json", cwd=installed)
    made = json.loads(done.stdout)
    assert set(made) == {"clientId", "name", "apiKey"}
    listed = json.loads(run("clients", "list", "--json", cwd=installed).stdout)["results"]
    assert [client["clientId"] for client in listed] == [made["clientId"]]
    assert made["apiKey"] not in json.dumps(listed)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda f: (f / "tallystick.toml").write_text("[server]\nprot = 1\n"), "did you mean server.port"),
        (lambda f: (f / "tallystick.toml").write_text("[server\n"), "is not TOML"),
        (lambda f: (f / "tallystick.toml").write_text("[server]\nbody_limit = 'x'\n"), "body_limit"),
        (lambda f: (f / "tallystick.toml").write_text("[server]\nbody_limit = 0\n"), "body_limit"),
        (lambda f: (f / "tallystick.key").unlink(), "tallystick.key cannot be read"),
        (lambda f: (f / "tallystick.key").write_text("not a key"), "not 32 bytes"),
        (lambda f: (f / "tallystick.key").write_text("00" * 32), "the key does not open"),
        (
            lambda f: (f / "tallystick.toml").write_text(
                (f / "tallystick.toml").read_text() + "\n[providers.xerox]\nclient_id = 'x'\n"
            ),
            "no such provider; known: xero",
        ),
    ],
    ids=[
        "unknown setting", "not TOML", "wrong type", "out of range", "key file gone", "no key", "wrong key",
        "unknown provider",
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_installation_is_one_line_and_exit_code_2(
    installed: Path, break_it: object, told: str
) -> None:
    break_it(installed)  # type: ignore[operator]
    done = run("serve", cwd=installed)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named(installed: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", cwd=installed, TALLYSTICK_SERVER_PORT=str(port))
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_can_come_from_the_environment(installed: Path) -> None:
    key = (installed / "tallystick.key").read_text().strip()
    settings = installed / "tallystick.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("key =")]
    settings.write_text("\n".join(lines))
    assert "no key" in run("check", cwd=installed).stderr
    assert run("check", cwd=installed, TALLYSTICK_KEY=key).returncode == 0


def test_check_finds_a_damaged_database(installed: Path) -> None:
    made = json.loads(run("clients", "create", "--name", "Acme", "--json", cwd=installed).stdout)
    assert run("check", "--json", cwd=installed).returncode == 0
    file = installed / "tallystick-data" / "clients" / f"{made['clientId']}.db"
    data = bytearray(file.read_bytes())
    data[8192 * 2 + 500] ^= 0xFF
    file.write_bytes(data)
    done = run("check", "--json", cwd=installed)
    assert done.returncode == 1
    assert not json.loads(done.stdout)["ok"]


def test_check_finds_a_list_that_is_counted_wrongly(installed: Path) -> None:
    made = json.loads(run("clients", "create", "--name", "Acme", "--json", cwd=installed).stdout)
    trio.run(_miscount, load(installed / "tallystick.toml", {}), made["clientId"])
    done = run("check", "--json", cwd=installed)
    assert done.returncode == 1
    assert "invoices of 7: kept 3, stored 0" in done.stdout


async def _miscount(settings: Settings, client_id: str) -> None:
    async with open_data(settings.store, key(settings), Telemetry(), utc_now) as stores:
        async with stores.client(client_id) as store:
            await store.write(counts.note_changes, 7, {"invoices": 3})


def test_every_command_has_help_with_an_example() -> None:
    from tallystick.cli import COMMANDS

    for command in COMMANDS:
        done = run(command, "--help", cwd=Path.cwd())
        assert done.returncode == 0, command
        assert f"tallystick {command}" in done.stdout
        assert "Example:" in done.stdout
