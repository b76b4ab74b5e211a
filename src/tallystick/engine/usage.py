"""What the process takes of the machine: memory and file descriptors."""

import ctypes
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen

_STATM: Final = Path("/proc/self/statm")
_OPEN: Final = Path("/dev/fd")
_MEBIBYTE: Final = 1024 * 1024
_PLENTY: Final = sys.maxsize


@frozen(kw_only=True)
class Usage:
    """One look at the process."""

    rss_mb: float = 0.0  #: resident memory
    free_files: int = _PLENTY  #: descriptors that may still be opened
    most_files: int = _PLENTY  #: descriptors that may be open in all

    @property
    def spare_files(self) -> int:
        """So many must stay free: a client's file takes eight, and an answer that says no takes one."""
        return max(8, min(32, self.most_files // 8))


def measured() -> Usage:
    """The process as it is now. Cost: about 50 µs with 100 open files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most == resource.RLIM_INFINITY:
        return Usage(rss_mb=_rss_mb())
    return Usage(rss_mb=_rss_mb(), free_files=max(0, most - _open_files(most)), most_files=most)


def _rss_mb() -> float:
    """Resident memory; where the system does not tell it, the most that it has ever been."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (_MEBIBYTE if sys.platform == "darwin" else 1024)


def _open_files(most: int) -> int:
    try:
        return sum(1 for _ in _OPEN.iterdir()) - 1  # the listing takes one itself
    except OSError:  # not even one is left for the listing
        return most


def trim() -> None:
    """Give memory that was freed back to the system, where its allocator can (glibc's)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
