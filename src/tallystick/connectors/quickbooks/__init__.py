"""QuickBooks Online: its consent, its lists and its words. Facts and what is assumed: README.md beside this.

Knows no other provider and stores nothing. Other rooms take it from `connectors.registry`.
"""

from tallystick.connectors.quickbooks.connector import QuickBooksConnector, quickbooks
from tallystick.connectors.quickbooks.manifest import MANIFEST

__all__ = ["MANIFEST", "QuickBooksConnector", "quickbooks"]
