"""`tallystick sandbox` as a process."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

COMMAND = (sys.executable, "-m", "tallystick", "sandbox", "--companies", "1", "--records", "5")


class Process:
    """A sandbox process that is never left behind."""

    def __init__(self, *flags: str, stdin: int = subprocess.DEVNULL) -> None:
        self.process = subprocess.Popen(
            (*COMMAND, *flags), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for each in started:
        each.close()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_it_says_where_it_is_and_ends_well_at_a_signal(
    processes: list[Process], sign: signal.Signals
) -> None:
    """Even with a call that is held, it is gone within two seconds."""
    started = Process("--json")
    processes.append(started)
    told: dict[str, Any] = json.loads(started.line())
    assert told["controlUrl"] == f"{told['sandboxUrl']}/_control"
    state = httpx.get(f"{told['controlUrl']}/state").json()
    assert state["companies"][0]["counts"]["invoices"] == 5
    fault = {"provider": "xero", "kind": "timeout", "path": "connections", "seconds": 60}
    httpx.post(f"{told['controlUrl']}/faults", json=fault).raise_for_status()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{told['sandboxUrl']}/xero/connections", timeout=0.1)
    started.process.send_signal(sign)
    assert started.process.wait(timeout=2) == 0
    assert started.process.stderr is not None
    assert started.process.stderr.read() == ""


@pytest.mark.slow
def test_it_ends_with_its_parents_pipe(processes: list[Process]) -> None:
    started = Process("--json", "--stop-with-stdin", stdin=subprocess.PIPE)
    processes.append(started)
    assert started.line()
    assert started.process.stdin is not None
    started.process.stdin.close()
    assert started.process.wait(timeout=2) == 0


@pytest.mark.slow
def test_a_signal_ends_it_though_its_parents_pipe_is_open(processes: list[Process]) -> None:
    started = Process("--json", "--stop-with-stdin", stdin=subprocess.PIPE)
    processes.append(started)
    assert started.line()
    started.process.terminate()
    assert started.process.wait(timeout=2) == 0


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_line_and_exit_code_2(processes: list[Process]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        started = Process("--port", str(taken.getsockname()[1]))
        processes.append(started)
        assert started.process.wait(timeout=10) == 2
        assert started.process.stderr is not None
        told = started.process.stderr.read()
    assert "cannot listen" in told
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [("--limits", "many"), ("--records", "-1"), ("--providers", "nobody"), ("--replay", "/nonexistent")],
    ids=["limits", "records", "provider", "replay"],
)
def test_wrong_use_is_exit_code_2(processes: list[Process], flags: tuple[str, str]) -> None:
    started = Process(*flags)
    processes.append(started)
    assert started.process.wait(timeout=10) == 2
    assert started.process.stderr is not None
    assert "Traceback" not in started.process.stderr.read()
