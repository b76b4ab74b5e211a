"""Where a provider's stand-in answers, in the words of `config.ProviderSettings`."""

import importlib
from typing import TypedDict, cast


class Endpoints(TypedDict):
    """A provider's URLs; in a provider's `sandbox` folder, as `ENDPOINTS`, the paths below the sandbox's own.

    Source: design, paths of the sandbox.
    """

    authorize_url: str
    token_url: str
    revoke_url: str
    connections_url: str
    api_url: str


def endpoints_of(slug: str, url: str) -> Endpoints:
    """A provider's URLs at the sandbox that answers at `url`. Raises: `ModuleNotFoundError`."""
    paths: Endpoints = importlib.import_module(f"tallystick.connectors.{slug}.sandbox").ENDPOINTS
    return cast(Endpoints, {name: f"{url}{path}" for name, path in paths.items()})
