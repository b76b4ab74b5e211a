"""The doors for programs and browsers: the listeners, the API in Codat's words, the pages for linking.

A request passes the guard (framing, sizes, deadlines), then access (whose key), then its endpoint, which
reads the client's own database or asks the engine. Deliberately absent: SQL beyond the query compiler,
calls to providers, anything that outlives a request.
"""

from tallystick.http.app import build_app, metrics_app
from tallystick.http.guard import Guard
from tallystick.http.server import Listener, listen
from tallystick.monitoring import HandlerCrashed, RequestRejected, RequestServed

__all__ = [
    "Guard",
    "HandlerCrashed",
    "Listener",
    "RequestRejected",
    "RequestServed",
    "build_app",
    "listen",
    "metrics_app",
]
