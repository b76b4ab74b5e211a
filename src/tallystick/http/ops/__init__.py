"""The operators' door: what every actor is doing, dead letters, and the few acts that mend them.

Behind one token of its own; without a token in the settings there is no such door. What a request may do is
`Operations`. Never in an answer: a message's content, only its class.
"""

from tallystick.http.ops.operations import Operations, SupervisedOperations
from tallystick.http.ops.routes import ops_routes

__all__ = ["Operations", "SupervisedOperations", "ops_routes"]
