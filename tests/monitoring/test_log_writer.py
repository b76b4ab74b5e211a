"""Log lines are written in order, and nobody waits for whoever reads them."""

import contextlib
import io
import os
import threading

from tallystick.monitoring.log_writer import LogWriter


class Held(io.StringIO):
    """A stream whose reader takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.reached = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        self.let_go.wait(10)
        return super().write(text)


def test_lines_come_out_whole_and_in_order() -> None:
    stream = io.StringIO()
    with LogWriter(stream) as write:
        for number in range(1000):
            write(f"line {number}")
    assert stream.getvalue().splitlines() == [f"line {number}" for number in range(1000)]
    assert write.dropped == 0


def test_a_reader_that_takes_nothing_costs_lines_and_nobodys_time() -> None:
    """What was dropped is counted, and told as soon as there is room."""
    stream = Held()
    with LogWriter(stream, limit=10) as write:
        write("first")
        stream.reached.wait(10)
        for number in range(25):
            write(f"line {number}")
        assert write.dropped == 15
        stream.let_go.set()
        while not write._queue.empty():
            stream.reached.wait(0.01)
        write("last")
    lines = stream.getvalue().splitlines()
    assert lines == [
        "first",
        *(f"line {number}" for number in range(10)),
        '{"event": "log.lines_dropped", "lines": 15}',
        "last",
    ]


def test_a_pipe_whose_reader_is_gone_ends_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w", buffering=1)
    with LogWriter(stream) as write:
        write("nobody reads this")
        write("nor this")
    assert write.dropped >= 1
    with contextlib.suppress(BrokenPipeError):
        stream.close()
