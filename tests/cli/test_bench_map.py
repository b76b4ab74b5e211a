"""The bench of the mapping: steps that add up, and a ratio to a bare parse and dump of the same bytes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_bench_of_the_mapping_prints_its_steps_and_their_ratio(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "map", "--page-size", "40"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    assert (figures["bench"], figures["records"]) == ("map", 40)
    steps = [figures[f"{name}_us"] for name in ("split", "map", "encode")]
    assert all(spent > 0 for spent in (*steps, figures["floor_us"], figures["hash_us"]))
    assert figures["us_per_record"] == pytest.approx(sum(steps), abs=0.02)
    assert figures["ratio"] == pytest.approx(figures["us_per_record"] / figures["floor_us"], rel=0.02)
