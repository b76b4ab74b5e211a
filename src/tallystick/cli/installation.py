"""What the commands of an installation have in common: its settings and its key."""

import argparse
import os
from pathlib import Path
from typing import Final

from attrs import evolve

from tallystick.config import Secret, Settings, load
from tallystick.errors import ConfigurationInvalid
from tallystick.store import parse_key

KEY_VARIABLE: Final = "TALLYSTICK_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that find an installation."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: tallystick.toml here)"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder, over the settings' own")


def settings(arguments: argparse.Namespace) -> Settings:
    """The installation's settings. Raises: `ConfigurationInvalid`."""
    found = load(arguments.config)
    if arguments.data is not None:
        found = evolve(found, store=evolve(found.store, data=arguments.data))
    return found


def key(found: Settings) -> bytes:
    """The key-encryption key, from `[store] key` or the environment. Raises: `ConfigurationInvalid`."""
    secret = found.store.key
    if secret is None and KEY_VARIABLE in os.environ:
        secret = Secret(f"env:{KEY_VARIABLE}")
    if secret is None:
        raise ConfigurationInvalid(
            message=f'no key: set [store] key = "file:…" in tallystick.toml, or {KEY_VARIABLE} '
            "in the environment; `tallystick init` makes one"
        )
    return parse_key(secret.reveal())
