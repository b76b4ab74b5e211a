"""The API for programs: one module a subject, and one table of all operations (`routes.OPERATIONS`).

What an endpoint may use is `Reach`; what it is asked is a `Call`. Absent on purpose: SQL (the store's
modules and the query compiler have it) and calls to providers (the engine makes them).
"""

from tallystick.http.api.call import Call, Operation, Reach
from tallystick.http.api.endpoint import api_routes, not_found
from tallystick.http.api.routes import OPERATIONS

__all__ = ["OPERATIONS", "Call", "Operation", "Reach", "api_routes", "not_found"]
