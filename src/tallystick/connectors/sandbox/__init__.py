"""A stand-in for the accounting providers: real HTTP, made-up books, trouble on demand.

It is an independent witness: it imports no connector's mapping or wire, so that a misunderstanding
cannot hide by being on both sides. All its state is in memory and is one `World`; nothing is shared
between two sandboxes. Each provider's dialect is in that provider's own `sandbox` folder.
"""

from tallystick.connectors.sandbox.server import Running, sandbox, serve
from tallystick.connectors.sandbox.settings import PROVIDERS, SandboxSettings

__all__ = ["PROVIDERS", "Running", "SandboxSettings", "sandbox", "serve"]
