"""What was asked of the sandbox, and how it was answered."""

from collections import Counter, deque
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

#: Older requests are forgotten; the counts go on.
KEPT: Final = 10_000


@frozen(kw_only=True)
class Asked:
    """One request. No header and no body is kept: they hold tokens."""

    time: datetime
    provider: str
    method: str
    path: str
    query: str
    tenant: str | None
    status: int  #: 0 where the connection was closed without a whole answer
    fault: str | None  #: the fault that hit it


@define
class RequestLog:
    """Requests in the order of their answers, and how many there were of each resource."""

    asked: deque[Asked] = field(factory=lambda: deque(maxlen=KEPT))
    counts: dict[str, Counter[str]] = field(factory=dict)

    def add(self, asked: Asked, resource: str) -> None:
        """Keep a request; `resource` is the provider's word in lower case."""
        self.asked.append(asked)
        self.counts.setdefault(asked.provider, Counter())[resource] += 1
