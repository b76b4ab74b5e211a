"""Writes log lines from a thread of its own: whoever reads them slowly, or not at all, holds nobody up."""

import queue
import threading
from types import TracebackType
from typing import Final, Self, TextIO

from attrs import define, field

_WAITING: Final = 10_000  #: lines; more than a reader that is well ever leaves
_LAST_S: Final = 2.0  #: for what waits when the writer is closed


@define(eq=False)
class LogWriter:
    """Lines go to a stream in order, while the block is open. Calls never wait.

    When ten thousand lines wait, further ones are dropped and counted; the next that finds room comes after
    one that tells how many.
    """

    stream: TextIO
    limit: int = _WAITING
    dropped: int = 0  #: since the start
    _told: int = field(default=0, init=False)
    _queue: "queue.Queue[str | None]" = field(init=False, repr=False)
    _thread: threading.Thread = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._queue = queue.Queue(self.limit)
        self._thread = threading.Thread(target=self._work, name="log lines", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._queue.put(None, timeout=_LAST_S)
        except queue.Full:
            return  # nobody reads: the thread is a daemon and ends with the process
        self._thread.join(_LAST_S)

    def __call__(self, line: str) -> None:
        """Put a line in line."""
        try:
            if self.dropped > self._told:
                self._queue.put_nowait(
                    f'{{"event": "log.lines_dropped", "lines": {self.dropped - self._told}}}'
                )
                self._told = self.dropped
            self._queue.put_nowait(line)
        except queue.Full:
            self.dropped += 1

    def _work(self) -> None:
        while (line := self._queue.get()) is not None:
            try:
                self.stream.write(line + "\n")
                if self._queue.empty():
                    self.stream.flush()
            except (OSError, ValueError):
                self.dropped += 1  # the reader is gone; the next line may find another one
        try:
            self.stream.flush()
        except (OSError, ValueError):
            self.dropped += 1
