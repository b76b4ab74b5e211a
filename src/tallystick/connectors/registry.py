"""The providers that there are, by slug. Adding one is adding its folder and two lines here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tallystick.config import ProviderSettings
from tallystick.connectors import quickbooks, sage, xero
from tallystick.connectors.contract import Connector, Manifest

#: How each provider's connector is made of an app's registration.
CONNECTORS: Final[Mapping[str, Callable[[ProviderSettings], Connector]]] = MappingProxyType(
    {"xero": xero.xero, "quickbooks": quickbooks.quickbooks, "sage": sage.sage}
)
MANIFESTS: Final[Mapping[str, Manifest]] = MappingProxyType(
    {"xero": xero.MANIFEST, "quickbooks": quickbooks.MANIFEST, "sage": sage.MANIFEST}
)
