"""The operators' door: what every actor is doing, dead letters, and the few acts that mend them.

Behind one token of its own; without a token in the settings there is no such door. What a request may do is
`Operations`. Never in an answer: a message's content, only its class. A client's data are in it only where
they are asked for: a record that is explained, samples of a remap's dry run.
"""

from tallystick.http.ops.explanation_shapes import Explained
from tallystick.http.ops.operations import Operations, SupervisedOperations
from tallystick.http.ops.remap_shapes import Remap
from tallystick.http.ops.routes import ops_routes

__all__ = ["Explained", "Operations", "Remap", "SupervisedOperations", "ops_routes"]
