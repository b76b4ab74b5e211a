"""The demo's data folder: made once, used again by the next run with the same settings."""

import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from attrs import asdict, define, field, frozen

from tallystick.access import Access, NewClient, new_api_key, new_operator_token
from tallystick.cli.demo.sandbox import StandIn
from tallystick.config import ProviderSettings, Secret, ServerSettings, Settings, StoreSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.store import key_text, new_key, parse_key

_PLENTY: Final = 1_000_000  #: calls a day: whoever tries things out is never turned away


@frozen(kw_only=True)
class DemoSettings:
    """What makes the books; a folder keeps them, since its links are to these books."""

    companies: int
    records: int
    seed: int
    limits: str  #: off, real, or calls a minute


@define(eq=False, kw_only=True)
class DemoFolder:
    """DIR: `demo.json` and what the demo needs to go on where it stopped."""

    path: Path
    settings: DemoSettings
    key: bytes = field(repr=False)
    operator_token: Secret

    @classmethod
    def open(cls, path: Path, settings: DemoSettings) -> Self:
        """Make the folder, or check that it holds a demo of the same books.

        Raises: `ConfigurationInvalid`.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = path / "settings.json"
            wanted = asdict(settings)
            if kept.exists():
                _same(json.loads(kept.read_text()), wanted, path)
            _write(kept, json.dumps(wanted))
            key_file = path / "key"  # beside the data: this is a demo, and says so in its README line
            if not key_file.exists():
                _write(key_file, key_text(new_key()) + "\n")
            token_file = path / "operator-token"
            if not token_file.exists():
                _write(token_file, new_operator_token() + "\n")
            return cls(
                path=path,
                settings=settings,
                key=parse_key(key_file.read_text()),
                operator_token=Secret(f"file:{token_file}"),
            )
        except (OSError, ValueError) as error:
            raise ConfigurationInvalid(message=f"--data {path} cannot be used: {error}") from error

    def engine_settings(self, stand_in: StandIn, port: int) -> Settings:
        """Settings of an engine that links to the sandbox."""
        providers = {}
        for slug, app in stand_in.apps.items():
            secret = self.path / f"{slug}-secret"
            _write(secret, app["clientSecret"] + "\n")
            limits = self.settings.limits
            providers[slug] = ProviderSettings(
                client_id=app["clientId"],
                client_secret=Secret(f"file:{secret}"),
                limits="real" if limits == "real" else "off",
                calls_a_minute=int(limits) if limits.isdigit() else None,
                **stand_in.endpoints(slug),
            )
        return Settings(
            environment="development",
            server=ServerSettings(
                port=free_port(port),
                metrics_port=free_port(9464),
                calls_a_day=_PLENTY,
                operator_token=self.operator_token,
            ),
            store=StoreSettings(data=self.path / "data"),
            providers=providers,
        )

    async def client(self, access: Access, api_key: str | None) -> NewClient:
        """The demo's client: the one of the last run, or a new one."""
        kept = self.path / "client.json"
        if kept.exists():
            found = json.loads(kept.read_text())
            if api_key in {None, found["apiKey"]}:
                return NewClient(id=found["id"], name=found["name"], api_key=found["apiKey"])
            raise ConfigurationInvalid(
                message=f"{self.path} has another API key: leave --api-key out, or use another --data"
            )
        made = await access.create_client("Demo client", api_key=api_key or new_api_key())
        _write(kept, json.dumps({"id": made.id, "name": made.name, "apiKey": made.api_key}))
        return made

    def write_result(self, found: Mapping[str, Any]) -> None:
        """Write demo.json whole or not at all: other programs wait for it."""
        _write(self.path / "demo.json", json.dumps(dict(found), indent=1) + "\n")


def free_port(wanted: int) -> int:
    """The port, or 0 (any free one) when it is taken."""
    if not 0 <= wanted <= 65535:
        raise ConfigurationInvalid(message=f"--port {wanted}: must be 0 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            print(f"port {wanted} is taken: using a free one", file=sys.stderr)
            return 0
    return wanted


def _same(kept: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    for name in ("companies", "records", "seed"):
        if kept.get(name) != wanted[name]:
            raise ConfigurationInvalid(
                message=f"{path} holds a demo made with --{name} {kept.get(name)}, not {wanted[name]}: "
                "give another --data, or delete the folder"
            )


def _write(file: Path, text: str) -> None:
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    fresh.rename(file)
