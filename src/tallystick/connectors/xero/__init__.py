"""Xero: its consent, its lists and its words. Facts and what is assumed: README.md beside this.

Knows no other provider and stores nothing. Other rooms take it from `connectors.registry`.
"""

from tallystick.connectors.xero.connector import XeroConnector, xero
from tallystick.connectors.xero.manifest import MANIFEST

__all__ = ["MANIFEST", "XeroConnector", "xero"]
