"""The garbage collector of a process that syncs."""

import gc


def tune_collector() -> None:
    """Look for cycles less often: records are made by the thousand and none of them is in a cycle.

    Measured on the whole path: 3 to 5 % of the CPU. What the imports made is never looked at again.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
