"""Settings: one frozen class a room, read from `tallystick.toml` and `TALLYSTICK_*`, refused when unknown.

Secrets are given by reference (`file:/path`, `env:NAME`, `cmd:command`), never by value, and print as
hidden. Environment: `TALLYSTICK_SERVER_PORT=8080` sets `[server] port`; it wins over the file.
"""

import difflib
import os
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import cattrs
from attrs import Attribute, Factory, field, fields, frozen, has, validators
from cattrs.errors import BaseValidationError
from cattrs.v import format_exception, transform_error

from tallystick.errors import ConfigurationInvalid

ENVIRONMENT_PREFIX = "TALLYSTICK_"
_PORT = validators.and_(validators.ge(0), validators.le(65535))


@frozen
class Secret:
    """A reference to a secret. `reveal()` reads it; nothing else ever shows it."""

    reference: str

    def __str__(self) -> str:
        return "(hidden)"

    def __repr__(self) -> str:
        return "Secret((hidden))"

    def reveal(self) -> str:
        """The secret itself, without white space around it. Raises: `ConfigurationInvalid`."""
        kind, _, where = self.reference.partition(":")
        match kind:
            case "env" if where in os.environ:
                return os.environ[where].strip()
            case "env":
                raise ConfigurationInvalid(message=f"the environment has no variable {where}")
            case "file":
                try:
                    return Path(where).expanduser().read_text().strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise ConfigurationInvalid(
                        message=f"the secret's file {where} cannot be read: {_reason(error)}"
                    ) from error
            case "cmd":
                return _output_of(where)
            case _:
                raise ConfigurationInvalid(
                    message="a secret is given by reference: file:/path, env:NAME or cmd:command"
                )


def _output_of(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own configuration names the command
            shlex.split(command), check=True, capture_output=True, text=True, timeout=30
        )
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise ConfigurationInvalid(
            message=f"the secret's command {command!r} failed: {_reason(error)}"
        ) from error
    return done.stdout.strip()


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _above(other: str) -> Callable[[Any, "Attribute[float]", float], None]:
    """Above another setting of the same section."""

    def check(settings: Any, setting: "Attribute[float]", value: float) -> None:
        least = getattr(settings, other)
        if not value > least:
            raise ValueError(f"{setting.name} ({value:g}) must be above {other} ({least:g})")

    return check


@frozen(kw_only=True)
class ServerSettings:
    """The listeners."""

    host: str = "127.0.0.1"  #: address of the API and pages
    port: int = field(default=8080, validator=_PORT)  #: API and pages; 0 takes a free one
    public_url: str | None = None  #: how browsers and clients reach the API; default http://host:port
    metrics_host: str = "127.0.0.1"  #: address of the metrics: never a public one
    metrics_port: int = field(default=9464, validator=_PORT)  #: 0 takes a free one
    body_limit: int = field(default=2 * 1024 * 1024, validator=validators.gt(0))  #: bytes
    header_limit: int = field(default=16 * 1024, validator=validators.gt(0))  #: bytes, all headers
    body_deadline: float = field(default=15.0, validator=validators.gt(0))  #: seconds for all of it
    answer_deadline: float = field(default=30.0, validator=validators.gt(0))  #: seconds to answer
    calls_a_day: int = field(default=1000, validator=validators.gt(0))  #: of a client, and once more for
    #: each of its linked companies
    operator_token: Secret | None = None  #: opens `/ops` to operators; none: there is no such door


@frozen(kw_only=True)
class StoreSettings:
    """The data folder."""

    data: Path = Path("tallystick-data")  #: the folder; one process holds it
    key: Secret | None = None  #: the key-encryption key, 32 bytes in base64 or hex
    open_databases: int = field(default=64, validator=validators.ge(2))  #: client files open at once
    readers: int = field(default=2, validator=validators.ge(1))  #: reading connections a database, the
    #: second and those after it only once the others are busy; each takes a thread and up to 2 MB
    commit_pages: int = field(default=5, validator=validators.ge(1))  #: pages in one transaction
    commit_linger: float = field(default=0.25, validator=validators.ge(0))  #: seconds to wait for more


@frozen(kw_only=True)
class EngineSettings:
    """How syncs run."""

    pages_in_flight: int = field(default=24, validator=validators.ge(1))  #: of one connection; well above
    #: `store.commit_pages`, or a lone sync would wait for company that cannot come
    bytes_in_flight: int = field(default=24 * 1024 * 1024, validator=validators.gt(0))  #: of one connection
    pages_in_flight_all: int = field(default=96, validator=validators.ge(1))  #: in the whole process
    bytes_in_flight_all: int = field(default=64 * 1024 * 1024, validator=validators.gt(0))  #: in all
    syncs_at_once: int = field(default=16, validator=validators.ge(1))  #: in the whole process
    sync_deadline: float = field(
        default=110.0, validator=_above("call_deadline")
    )  #: seconds in which no try of a call ends, no row is mapped and no page is stored: then a sync is
    #: stalled; waiting for a budget does not count. Above `call_deadline`
    reconcile_days: float = field(default=7.0, validator=validators.gt(0))  #: between two readings of a whole
    #: list, which show what is gone
    believed_deletions: float = field(
        default=0.1, validator=validators.and_(validators.ge(0), validators.le(1))
    )  #: share of a list; a reading that would delete more waits for a person
    call_deadline: float = field(default=60.0, validator=validators.gt(0))  #: seconds, one provider call
    stop_deadline: float = field(default=4.0, validator=validators.gt(0))  #: seconds to stop in order
    page_limit: int = field(default=64 * 1024 * 1024, validator=validators.gt(0))  #: bytes unpacked
    shed_lag: float = field(default=0.25, validator=validators.gt(0))  #: seconds that the event loop is
    #: late; past it for 3 s new work is shed: syncs wait, and the API answers 503
    shed_rss_mb: int = field(default=280, validator=validators.gt(0))  #: MB of resident memory; past it new
    #: work is shed, so that the process stays below 300


@frozen(kw_only=True)
class LoggingSettings:
    """Log lines, on standard error. Secrets never get into them, at any level."""

    level: Literal["debug", "info", "warning", "error"] = "info"  #: the least that is written
    format: Literal["json", "console"] = "json"  #: json: a line for machines; console: for people


@frozen(kw_only=True)
class ProviderSettings:
    """One provider's app registration, and where its API is. URLs default to the provider's own."""

    client_id: str  #: the app's id at the provider
    client_secret: Secret | None = None  #: none for a PKCE app without a secret
    authorize_url: str | None = None  #: the provider's consent page
    token_url: str | None = None  #: where codes and refresh tokens are exchanged
    revoke_url: str | None = None  #: where a consent is let go
    webhook_key: Secret | None = None  #: it signs the provider's messages to us; none: they are refused
    connections_url: str | None = None  #: where the consent's tenants are listed
    api_url: str | None = None  #: the API's base URL
    scopes: tuple[str, ...] | None = None  #: None for the manifest's
    page_size: int | None = field(
        default=None, validator=validators.optional(validators.gt(0))
    )  #: None for the largest that the provider takes
    limits: Literal["real", "off"] = "real"  #: off: no pacing of our own (sandbox)
    calls_a_minute: int | None = field(
        default=None, validator=validators.optional(validators.gt(0))
    )  #: per tenant; None for the provider's own limit


@frozen(kw_only=True)
class Settings:
    """All of `tallystick.toml`."""

    environment: Literal["production", "development"] = "production"
    server: ServerSettings = Factory(ServerSettings)
    store: StoreSettings = Factory(StoreSettings)
    engine: EngineSettings = Factory(EngineSettings)
    logging: LoggingSettings = Factory(LoggingSettings)
    providers: Mapping[str, ProviderSettings] = Factory(dict)


def load(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from a file (none: `tallystick.toml` here, if there is one) and the environment.

    Raises: `ConfigurationInvalid`, with the file, the setting and the nearest known name.
    """
    found = file or Path("tallystick.toml")
    values: dict[str, Any] = {}
    if file is not None or found.exists():
        try:
            values = tomllib.loads(found.read_text())
        except OSError as error:
            raise ConfigurationInvalid(message=f"{found} cannot be read: {_reason(error)}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationInvalid(message=f"{found} is not TOML: {error}") from error
    taken = _take_environment(values, environment)
    try:
        return structure(values, source=str(found))
    except ConfigurationInvalid as error:
        blamed = next((name for path, name in taken.items() if path in str(error)), None)
        if blamed is None:
            raise
        told = str(error).removeprefix(f"{found}: ")
        raise ConfigurationInvalid(message=f"environment variable {blamed}: {told}") from error


def structure(values: Mapping[str, Any], *, source: str = "settings") -> Settings:
    """Settings from plain values. Raises: `ConfigurationInvalid`."""
    _refuse_unknown(values, Settings, "", source)
    try:
        return _converter().structure(values, Settings)
    except BaseValidationError as error:
        told = "; ".join(
            text.replace("$.", "").replace(" @ $", "")
            for text in transform_error(error, format_exception=_say)
        )
        raise ConfigurationInvalid(message=f"{source}: {told}") from error


def _say(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return f"required setting {error.args[0]} is missing"
    if isinstance(error, ValueError) and "invalid literal for int" in str(error):
        return f"expected a whole number, not {str(error).rpartition(': ')[2]}"
    if isinstance(error, ValueError) and error.args:
        return str(error.args[0])
    return format_exception(error, kind)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_structure_hook(Secret, lambda value, _: Secret(str(value)))
    converter.register_structure_hook(Path, lambda value, _: Path(str(value)).expanduser())
    return converter


def _refuse_unknown(values: Mapping[str, Any], kind: type, path: str, source: str) -> None:
    known = {f.name: f for f in fields(kind)}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {path}{near[0]}?" if near else f"; known: {', '.join(known)}"
            raise ConfigurationInvalid(message=f"{source}: unknown setting {path}{name}{hint}")
        inner = known[name].type
        if name == "providers" and isinstance(value, Mapping):
            for slug, provider in value.items():
                if isinstance(provider, Mapping):
                    _refuse_unknown(provider, ProviderSettings, f"providers.{slug}.", source)
        elif inner is not None and has(inner) and isinstance(value, Mapping):
            _refuse_unknown(value, inner, f"{path}{name}.", source)


def _take_environment(values: dict[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Put `TALLYSTICK_SECTION_NAME` into its section; names that are no section's are left alone.

    Returns the variables that were taken, by the path of their setting.
    """
    taken: dict[str, str] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        section, _, rest = name.partition("_")
        if name == "environment":
            values["environment"] = text
            taken["environment"] = variable
        elif section in {"server", "store", "engine", "logging"} and rest:
            values.setdefault(section, {})[rest] = text
            taken[f"{section}.{rest}"] = variable
    return taken
