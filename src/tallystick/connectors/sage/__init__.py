"""Sage Business Cloud Accounting: its consent, its lists and its words. Facts and what is assumed: README.md.

Knows no other provider and stores nothing. Other rooms take it from `connectors.registry`.
"""

from tallystick.connectors.sage.connector import SageConnector, sage
from tallystick.connectors.sage.manifest import MANIFEST

__all__ = ["MANIFEST", "SageConnector", "sage"]
