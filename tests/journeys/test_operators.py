"""Operators and a running engine: what they see, and what no log line ever tells."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journeys.conftest import tallystick

Demo = Callable[..., subprocess.Popen[str]]


def _started(process: subprocess.Popen[str], folder: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while not (folder / "demo.json").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return found


@pytest.mark.slow
def test_the_actors_of_a_running_demo_can_be_looked_at_and_no_line_tells_a_secret(
    demo: Demo, tmp_path: Path
) -> None:
    process = demo("--companies", "2", "--records", "30")
    folder = tmp_path / "demo"
    found = _started(process, folder)
    done = tallystick("actors", "--data", str(folder), "--json", cwd=tmp_path)
    actors = {actor["id"]: actor for actor in json.loads(done.stdout)["results"]}
    for company in found["companies"]:
        for connection in company["connections"]:
            assert actors[connection["id"]]["kind"] == "connection"
            assert actors[connection["id"]]["state"] == "running"
    assert {"api", "metrics", "connections"} <= set(actors)
    table = tallystick("actors", "--data", str(folder), cwd=tmp_path).stdout
    assert "0 parked" in table
    letters = tallystick("actors", "--data", str(folder), "--dead-letters", cwd=tmp_path)
    assert "no dead letters" in letters.stdout
    refused = httpx.get(f"{found['opsUrl']}/api/actors", headers={"authorization": "Bearer guess"})
    assert refused.status_code == 401
    process.terminate()
    _, lines = process.communicate(timeout=20)
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    events = {line["event"] for line in told}
    assert {"request", "dataset", "sync"} <= events
    assert all(line["level"] and line["timestamp"] for line in told)
    kept = [found["operatorToken"], found["apiKey"], (folder / "key").read_text().strip()]
    kept += [file.read_text().strip() for file in folder.glob("*-secret")]
    assert len(kept) >= 4
    assert not [secret for secret in kept if secret in lines]
