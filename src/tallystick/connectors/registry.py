"""The providers by slug: what the folders of `providers.SLUGS` give."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from tallystick.config import ProviderSettings
from tallystick.connectors.contract import Connector, Manifest
from tallystick.connectors.providers import SLUGS

_FOLDERS: Final = {slug: import_module(f"tallystick.connectors.{slug}") for slug in SLUGS}

#: How each provider's connector is made of an app's registration: the folder's function of its own name.
CONNECTORS: Final[Mapping[str, Callable[[ProviderSettings], Connector]]] = MappingProxyType(
    {slug: getattr(folder, slug) for slug, folder in _FOLDERS.items()}
)
MANIFESTS: Final[Mapping[str, Manifest]] = MappingProxyType(
    {slug: folder.MANIFEST for slug, folder in _FOLDERS.items()}
)
