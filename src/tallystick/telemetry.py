"""The one door to monitoring: rooms emit events and offer samples; monitoring listens.

An event is a frozen attrs class that says what happened, once, per page, batch or request, never per
record. A sample is a state that is read when somebody looks (a queue's depth, a file's size).
Nothing here knows Prometheus, logs or any room.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from attrs import define, field

E = TypeVar("E")
#: Moments at which a simulation may kill, fail or hold the engine. Each names what has just happened.
FaultPoint = Literal[
    "grant.refreshing",  # the next thing is the request for new tokens
    "grant.answered",  # new tokens are here, and nowhere on the disk
    "grant.stored",  # they are on the disk, and nobody has them yet
    "link.exchanged",  # the first tokens of a consent are here, and nowhere on the disk
    "link.stored",  # they are on the disk, and the directory does not know of it
    "directory.noted",  # a connection is due, and its datasets are not stored
    "dataset.queued",  # they are stored, and nothing has been read
    "page.fetched",
    "page.mapped",
    "page.submitted",  # in line for the writer
    "page.committed",  # on the disk, and nobody has been told
    "sync.ended",  # every dataset has ended, and the directory still says due
    "commit.begun",  # a transaction is open, and nothing is in it
    "commit.ready",  # everything is in it; also where a disk that is full is met
    "commit.done",  # it is on the disk, and who waits for it does not know
]
#: One number, or one number for each tuple of label values.
Sample = float | Mapping[tuple[str, ...], float]


@define(eq=False)
class Telemetry:
    """Where events go. Made in `application.py` and passed in; call it on the loop's thread only."""

    listener_failures: int = 0  #: listeners that raised: counted, never passed on to who emits
    last_failure: Exception | None = None
    faults: Callable[[FaultPoint], None] | None = None
    """What a simulation does at a fault point, by raising; None in every real process."""
    _listeners: defaultdict[type, list[Callable[[Any], None]]] = field(
        factory=lambda: defaultdict(list), repr=False
    )
    _samples: dict[str, Callable[[], Sample]] = field(factory=dict, repr=False)

    def emit(self, event: object) -> None:
        """Tell everyone who listens for this class of event, in the order they came."""
        for hear in self._listeners.get(type(event), ()):
            try:
                hear(event)
            except Exception as failure:  # noqa: BLE001 - a listener never harms the work it watches
                self.listener_failures += 1
                self.last_failure = failure

    def point(self, name: FaultPoint) -> None:
        """Pass a fault point. Cost: one look at an attribute. Also called on a database's thread."""
        if self.faults is not None:
            self.faults(name)

    def listen(self, kind: type[E], hear: Callable[[E], None]) -> Callable[[], None]:
        """Call `hear` with each event of exactly this class. Returns what ends it."""
        self._listeners[kind].append(hear)
        return lambda: self._listeners[kind].remove(hear)

    def observe(self, name: str, sample: Callable[[], Sample]) -> None:
        """Offer a state under a name; a later offer of the same name takes its place."""
        self._samples[name] = sample

    def sample(self, name: str) -> Sample:
        """What `observe` offers now under this name; NaN where nobody offers it."""
        sample = self._samples.get(name)
        return math.nan if sample is None else sample()
