"""The demo: one command, from nothing to books that can be read."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tallystick.connectors.registry import MANIFESTS

Demo = Callable[..., subprocess.Popen[str]]


def _until(file: Path, process: subprocess.Popen[str], seconds: float = 60) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while not file.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found: dict[str, object] = json.loads(file.read_text())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_stops_everything_within_five_seconds_with_exit_code_0_and_no_child_left(
    how: signal.Signals, demo: Demo, tmp_path: Path
) -> None:
    process = demo("--companies", "1", "--records", "20")
    _until(tmp_path / "demo" / "demo.json", process)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children, "the sandbox is a process of its own"
    began = time.monotonic()
    process.send_signal(how)
    process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_a_signal_while_it_is_still_starting_stops_it_too(demo: Demo) -> None:
    process = demo("--companies", "2", "--records", "500")
    time.sleep(1.0)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode in {0, -signal.SIGTERM}
    assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_a_killed_demo_leaves_no_sandbox_behind(demo: Demo, tmp_path: Path) -> None:
    process = demo("--companies", "1", "--records", "10")
    _until(tmp_path / "demo" / "demo.json", process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=20)
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert gone


@pytest.mark.slow
def test_demo_json_has_what_other_programs_rely_on(demo: Demo, tmp_path: Path) -> None:
    process = demo("--companies", "5", "--records", "30", "--api-key", "tally_test_key")
    found = _until(tmp_path / "demo" / "demo.json", process)
    assert found["apiKey"] == "tally_test_key"
    assert (tmp_path / "demo" / "demo.json").stat().st_mode & 0o077 == 0
    assert found["opsUrl"] == f"{found['apiUrl']}/ops"
    assert len(str(found["operatorToken"])) > 40
    truth = httpx.get(f"{found['controlUrl']}/state").json()["companies"]
    companies: list[dict[str, object]] = found["companies"]  # type: ignore[assignment]
    dealt = [connection["platform"] for company in companies for connection in company["connections"]]  # type: ignore[attr-defined]
    assert dealt == ["xero", "xero", "quickbooks", "sage", "freeagent"]
    with httpx.Client(base_url=str(found["apiUrl"]), auth=("tally_test_key", "")) as api:
        for company in companies:
            (connection,) = company["connections"]  # type: ignore[misc]
            assert connection["platformKey"] == MANIFESTS[connection["platform"]].platform_key
            (its,) = [t for t in truth if t["tenant"] == connection["tenant"]]
            page = api.get(f"/companies/{company['id']}/data/invoices").json()
            assert page["totalResults"] == its["counts"]["invoices"] > 20
    metrics = httpx.get(str(found["metricsUrl"])).text
    assert 'tallystick_syncs_total{outcome="ok",platform="xero"} 2.0' in metrics


@pytest.mark.slow
def test_once_ends_after_the_first_sync_and_a_second_run_goes_on_with_the_same_companies(
    demo: Demo, tmp_path: Path
) -> None:
    first = demo("--companies", "1", "--records", "10", "--once")
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 0
    assert "invoices" in out
    before = json.loads((tmp_path / "demo" / "demo.json").read_text())
    second = demo("--companies", "1", "--records", "10", "--once")
    second.communicate(timeout=60)
    after = json.loads((tmp_path / "demo" / "demo.json").read_text())
    assert second.returncode == 0
    assert [c["id"] for c in after["companies"]] == [c["id"] for c in before["companies"]]
    assert after["apiKey"] == before["apiKey"]


@pytest.mark.slow
def test_a_folder_with_other_books_is_refused_in_one_line(demo: Demo) -> None:
    demo("--companies", "1", "--records", "0", "--once").communicate(timeout=60)
    other = demo("--companies", "2", "--records", "0", "--once")
    _, error = other.communicate(timeout=60)
    assert other.returncode == 2
    assert "made with --companies 1, not 2" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--companies", "0"], "--companies 0"),
        (["--limits", "fast"], "--limits fast"),
        (["--records", "-1"], "--records -1"),
        (["--port", "99999"], "--port 99999"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)
def test_wrong_flags_end_with_code_2_and_say_which(demo: Demo, flags: list[str], told: str) -> None:
    process = demo(*flags)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 2
    assert told in error
    assert "Traceback" not in error
