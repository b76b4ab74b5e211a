"""What a provider has told to have changed, and what of it has not been read anew yet."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.connectors import Notice

#: So many records of one resource are read one by one. Of more, reading what has changed costs fewer calls.
MOST_SINGLE: Final = 50
#: So many notices are known again; providers repeat one for hours where they got no answer to it.
_REMEMBERED: Final = 5_000


@frozen
class Change:
    """One record that is to be read anew."""

    resource: str
    key: str
    since: float = field(eq=False)  #: trio's clock: when it was first told of


@define(eq=False)
class Changes:
    """Of one connection, in the order told; a record that is told of twice is read once.

    Bounded: `MOST_SINGLE` records a resource; where more come, the resource itself is to be read.
    """

    _seen: OrderedDict[str, None] = field(factory=OrderedDict, repr=False)
    _single: dict[str, dict[str, Change]] = field(factory=dict)  #: by resource and key
    _lists: dict[str, None] = field(factory=dict)

    def note(self, notices: Iterable[Notice]) -> tuple[int, int]:
        """Take notices in. Returns how many were known already, and how many gave way to a reading of their
        resource's changes.
        """
        known = crowded = 0
        for notice in notices:
            if notice.id in self._seen:
                known += 1
                continue
            self._seen[notice.id] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            crowded += self._add(Change(notice.resource, notice.key, trio.current_time()))
        return known, crowded

    def put_back(self, changes: Iterable[Change]) -> None:
        """What was taken and could not be read goes before what has come since."""
        came = [change for single in self._single.values() for change in single.values()]
        self._single.clear()
        for change in (*changes, *came):
            self._add(change)

    def take_lists(self) -> tuple[str, ...]:
        """The resources that are to be read for what has changed in them; they wait no more."""
        taken = tuple(self._lists)
        self._lists.clear()
        return taken

    def take(self, most: int) -> tuple[Change, ...]:
        """The next records, the longest waiting resource first; they wait no more."""
        taken: list[Change] = []
        for resource in list(self._single):
            single = self._single[resource]
            while single and len(taken) < most:
                taken.append(single.pop(next(iter(single))))
            if not single:
                del self._single[resource]
        return tuple(taken)

    def forget(self) -> int:
        """Drop all that waits. Returns how many records that were."""
        dropped = len(self)
        self._single.clear()
        self._lists.clear()
        return dropped

    def __len__(self) -> int:
        """Records that wait to be read one by one."""
        return sum(map(len, self._single.values()))

    def __bool__(self) -> bool:
        """Whether anything waits: a record, or a resource that is to be read for what has changed in it."""
        return bool(self._single or self._lists)

    def _add(self, change: Change) -> int:
        """Returns how many single records gave way to a reading of their resource's changes."""
        if change.resource in self._lists:
            return 1
        single = self._single.setdefault(change.resource, {})
        single.setdefault(change.key, change)
        if len(single) <= MOST_SINGLE:
            return 0
        del self._single[change.resource]
        self._lists[change.resource] = None
        return len(single)
