"""`tallystick init`: a new installation, with a key of its own."""

import argparse
import os
from pathlib import Path
from typing import Final

import trio

from tallystick.access import new_operator_token
from tallystick.config import Secret, Settings, StoreSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.store import key_text, new_key, open_data, parse_key, utc_now
from tallystick.telemetry import Telemetry

HELP = "Make a new installation: key file, data folder and tallystick.toml."
EXAMPLE = "tallystick init --data /var/lib/tallystick --key-file /etc/tallystick/key"

_SETTINGS: Final = """\
# Settings of this installation. Every setting: docs/configuration.md

[server]
host = "127.0.0.1"
port = 8080
# public_url = "https://books.example.com"    # how browsers and clients reach the API
operator_token = "file:{token}"       # for `tallystick actors --token file:{token}`

[store]
data = "{data}"
key = "file:{key}"       # keep a copy of this file apart from the data: without it all is lost

# Register an app with Xero (README, "Link a real organisation"), then:
# [providers.xero]
# client_id = "…"
# client_secret = "file:/etc/tallystick/xero-secret"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--data", type=Path, default=Path("tallystick-data"), metavar="DIR")
    parser.add_argument("--key-file", type=Path, default=Path("tallystick.key"), metavar="FILE")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="the operators' token (default: operator-token beside the key)",
    )
    parser.add_argument("--config", type=Path, default=Path("tallystick.toml"), metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing; nothing that exists is overwritten. Raises: `ConfigurationInvalid`."""
    data, key_file = arguments.data.absolute(), arguments.key_file.absolute()
    token_file = (arguments.token_file or key_file.with_name("operator-token")).absolute()
    if key_file.is_relative_to(data):
        raise ConfigurationInvalid(
            message=f"the key file {key_file} would lie in the data folder that it opens; "
            "choose another place with --key-file"
        )
    if arguments.config.exists():
        raise ConfigurationInvalid(
            message=f"{arguments.config} is there already: use that installation, or give another --config"
        )
    if (data / "keyring.json").exists() and not key_file.exists():
        raise ConfigurationInvalid(message=f"{data} has been made with another key; give its --key-file")
    key = _key(key_file)
    settings = Settings(store=StoreSettings(data=data, key=Secret(f"file:{key_file}")))
    trio.run(_make, settings, key)
    if not token_file.exists():
        _write_secret(token_file, new_operator_token())
    text = _SETTINGS.format(data=data, key=key_file, token=token_file)
    arguments.config.write_text(text, encoding="utf-8")
    print(f"data folder  {data}\nkey file     {key_file}\ntoken file   {token_file}")
    print(f"settings     {arguments.config}\n")
    print("Next: tallystick clients create --name NAME, then tallystick serve")
    return 0


def _key(file: Path) -> bytes:
    """The key in the file; a new one in a new file."""
    if file.exists():
        return parse_key(file.read_text())
    key = new_key()
    _write_secret(file, key_text(key))
    return key


def _write_secret(file: Path, text: str) -> None:
    """A new file that only its owner reads. Raises: `ConfigurationInvalid`."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationInvalid(message=f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as out:
        out.write(text + "\n")


async def _make(settings: Settings, key: bytes) -> None:
    async with open_data(settings.store, key, Telemetry(), utc_now, create=True):
        pass
