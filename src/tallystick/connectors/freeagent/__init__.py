"""FreeAgent: its consent, its lists and its words. Facts and what is assumed: README.md.

Knows no other provider and stores nothing. Other rooms take it from `connectors.registry`.
"""

from tallystick.connectors.freeagent.connector import FreeAgentConnector, freeagent
from tallystick.connectors.freeagent.manifest import MANIFEST

__all__ = ["MANIFEST", "FreeAgentConnector", "freeagent"]
