"""How many requests an address may send to a door without a key: a bucket of them that fills up again."""

from collections import OrderedDict
from typing import Final

import trio
from attrs import define, field

#: Addresses that are remembered; the one that was silent for longest is forgotten, and begins anew.
_MOST: Final = 1024


@define
class _Bucket:
    left: float
    filled: float  #: trio's clock


@define(eq=False, kw_only=True)
class Arrivals:
    """`a_second` requests of each address for good, and `at_once` where it was silent before."""

    a_second: float
    at_once: int
    _buckets: OrderedDict[str, _Bucket] = field(factory=OrderedDict, repr=False)

    def take(self, address: str) -> bool:
        """Count one request. False for one too many."""
        now = trio.current_time()
        bucket = self._buckets.setdefault(address, _Bucket(float(self.at_once), now))
        self._buckets.move_to_end(address)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        bucket.left = min(float(self.at_once), bucket.left + (now - bucket.filled) * self.a_second)
        bucket.filled = now
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True
