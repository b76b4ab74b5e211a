"""How a sandbox is set up. Source: design.md §6, `tallystick sandbox`."""

from pathlib import Path
from typing import Literal

from attrs import field, frozen, validators

from tallystick.connectors.providers import SLUGS

#: The providers that have a sandbox, in the order in which companies are dealt out to them.
PROVIDERS = SLUGS

Limits = Literal["real", "off"] | int


@frozen(kw_only=True)
class SandboxSettings:
    """What `tallystick sandbox` takes."""

    host: str = "127.0.0.1"
    port: int = field(default=0, validator=[validators.ge(0), validators.le(65535)])  #: 0 takes a free one
    seed: int = 1
    companies: int = field(default=6, validator=validators.ge(0))
    records: int = field(default=200, validator=validators.ge(0))  #: invoices a company
    providers: tuple[str, ...] = PROVIDERS
    latency_s: float = field(default=0.0, validator=validators.ge(0))  #: seconds before every answer
    limits: Limits = "off"  #: the provider's own, none, or calls a minute per tenant
    data: Path | None = None  #: a folder: tokens and changes outlive the process
    replay: Path | None = None  #: a folder of recorded answers: one more company a provider
