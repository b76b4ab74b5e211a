"""How a command reaches the operators' door of a running engine."""

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import field, frozen

from tallystick.cli import installation
from tallystick.config import Secret
from tallystick.errors import ConfigurationInvalid

URL_VARIABLE: Final = "TALLYSTICK_URL"
TOKEN_VARIABLE: Final = "TALLYSTICK_TOKEN"  # noqa: S105 - the name of a variable
_PATIENCE_S: Final = 10.0


class NotWell(Exception):
    """The engine does not answer, or says no; the text says which."""

    def __init__(self, told: str, status: int | None = None) -> None:
        super().__init__(told)
        self.status = status  #: of its answer; None where there was none


@frozen
class OperatorsDoor:
    """The operators' door of one running engine."""

    url: str
    token: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One request below `/ops/api/`, and its JSON object. Raises: as `read` does."""
        told: dict[str, Any] = json.loads(self.read(method, path, body))
        return told

    def read(self, method: str, path: str, body: object = None) -> bytes:
        """The answer as it came. Raises: `NotWell`, `ConfigurationInvalid` for a wrong token."""
        try:
            answer = httpx.request(
                method,
                f"{self.url}/ops/api/{path}",
                headers={"authorization": f"Bearer {self.token}"},
                json=body,
                timeout=_PATIENCE_S,
                trust_env=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
            raise NotWell(
                f"the engine at {self.url} does not answer ({type(error).__name__}): does it run?"
            ) from error
        if answer.status_code in {401, 429}:
            raise ConfigurationInvalid(
                message=f"{self.url} does not take this token: it is the one of [server] operator_token"
            )
        try:
            told = answer.json()
        except ValueError:
            told = None
        if answer.is_success and isinstance(told, dict):
            return answer.content
        reason = told.get("error") if isinstance(told, dict) else None
        status = answer.status_code
        raise NotWell(str(reason) if reason else f"{self.url} answered with HTTP {status}", status)


def url_of(told: str) -> str:
    """A base URL as people type it. Raises: `ConfigurationInvalid`."""
    if not told.startswith(("http://", "https://")):
        raise ConfigurationInvalid(message=f"{told} is no URL: it begins with http:// or https://")
    return told.rstrip("/")


def door_of_demo(folder: Path) -> OperatorsDoor:
    """The door that a demo tells other programs of. Raises: `OSError`, `ConfigurationInvalid`."""
    file = folder / "demo.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return OperatorsDoor(url_of(str(found["opsUrl"]).removesuffix("/ops")), str(found["operatorToken"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationInvalid(message=f"{file} is not what a demo of this release writes") from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that find an installation's folder, or a running engine: for what works with either."""
    installation.add_arguments(parser)
    parser.add_argument(
        "--url", metavar="URL", help=f"of a running engine, in place of a folder (default: {URL_VARIABLE})"
    )
    parser.add_argument(
        "--token",
        metavar="REFERENCE",
        help=f"its operators' token: file:/path, env:NAME or cmd:command (default: env:{TOKEN_VARIABLE})",
    )


def door_of(arguments: argparse.Namespace) -> OperatorsDoor | None:
    """The running engine that the options or the environment name; None where they name a folder.

    A demo's folder names its engine. Raises: `ConfigurationInvalid`.
    """
    url, token = arguments.url or os.environ.get(URL_VARIABLE), arguments.token
    if arguments.data is not None and not arguments.url:
        try:
            return door_of_demo(arguments.data)
        except FileNotFoundError:
            return None
        except OSError as error:
            file = arguments.data / "demo.json"
            raise ConfigurationInvalid(message=f"{file} cannot be read ({error.strerror})") from error
    if not url or (arguments.config is not None and not arguments.url):
        return None
    url = url_of(url)
    if token is None and TOKEN_VARIABLE not in os.environ:
        raise ConfigurationInvalid(
            message=f"no token for {url}: give --token file:/path or set {TOKEN_VARIABLE}"
        )
    return OperatorsDoor(url, Secret(token or f"env:{TOKEN_VARIABLE}").reveal())
