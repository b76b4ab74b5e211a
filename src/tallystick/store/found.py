"""What filters and sort orders found, kept while the lists stay as they were: paging finds it once.

A filter looks at every record of a list, and so does a sort order that no index has. Both give the numbers
of records in order, 8 bytes each, of which every page is a slice.
"""

from array import array
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from attrs import define, field, frozen

from tallystick.store.counts import ListCount

_MOST_NUMBERS = 500_000  #: in all: 4 MB
_MOST_LISTS = 256


@frozen(kw_only=True)
class Found:
    """The records that a query found."""

    lists: tuple[ListCount, ...]  #: as they were when it looked
    total: int
    numbers: "array[int] | None"  #: `records.number`, in order; None: too many to keep


@define(eq=False)
class FoundLists:
    """What was found lately, within a bound of memory. Safe to use from several threads."""

    most_numbers: int = _MOST_NUMBERS
    _found: OrderedDict[Hashable, Found] = field(factory=OrderedDict, repr=False)
    _numbers: int = 0
    _lock: Lock = field(factory=Lock, repr=False)

    @property
    def most_of_one(self) -> int:
        """How many numbers are kept of one query at most."""
        return self.most_numbers // 2

    def get(self, key: Hashable, lists: tuple[ListCount, ...]) -> Found | None:
        """What was found under this key, unless one of the lists has changed since."""
        with self._lock:
            found = self._found.get(key)
            if found is None or found.lists != lists:
                return None
            self._found.move_to_end(key)
            return found

    def put(self, key: Hashable, found: Found) -> None:
        """Keep it, in place of what has not been asked for longest."""
        with self._lock:
            self._drop(key)
            self._found[key] = found
            self._numbers += _size(found)
            while self._numbers > self.most_numbers or len(self._found) > _MOST_LISTS:
                self._drop(next(iter(self._found)))

    def _drop(self, key: Hashable) -> None:
        old = self._found.pop(key, None)
        if old is not None:
            self._numbers -= _size(old)


def _size(found: Found) -> int:
    return 0 if found.numbers is None else len(found.numbers)
