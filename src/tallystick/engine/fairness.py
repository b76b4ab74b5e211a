"""What clients share in one process: slots for syncs, the processor, and transactions.

Each is a `FairQueue`: one client that floods, or whose provider is slow, leaves the others their part.
"""

from typing import Final, Self

from attrs import frozen

from tallystick.actors import FairQueue

#: Ranks of syncs inside a client, the first to be served first.
MANUAL: Final = 0  #: somebody asked, and waits for it
SCHEDULED: Final = 1
FIRST_SYNC: Final = 2  #: after a consent: long, and nobody has old data to compare it with
#: Transactions of client files at once: their cost is the processor's and one disk's, and two keep both busy.
_WRITERS: Final = 2


@frozen(kw_only=True)
class Fairness:
    """The queues of one process; `of` makes them."""

    slots: FairQueue  #: syncs that run, by client and company; ranks as above
    cpu: FairQueue
    """Slices of mapping, at most 2 ms each. Hold the turn over the checkpoint that ends the slice: without an
    await inside, nobody could ever be waiting for it, and the loop alone would choose who goes next."""
    writers: FairQueue  #: transactions of client files, by client

    @classmethod
    def of(cls, syncs_at_once: int) -> Self:
        """The queues of a process in which so many syncs may run.

        One client holds at most half of the slots, and so do first syncs: a slot for somebody else is then
        free at once, and need not be waited for until a sync ends, which may take an hour.
        """
        half = max(1, syncs_at_once // 2)
        return cls(
            slots=FairQueue(syncs_at_once, most_of_one=half, most_of_rank={FIRST_SYNC: half}),
            cpu=FairQueue(1),
            writers=FairQueue(_WRITERS),
        )
