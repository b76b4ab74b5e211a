"""The bench: one JSON line with a ratio to a floor of the same run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_bench_prints_one_json_line_with_its_figures(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "sync", "--records", "1500", "--page-size", "200"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    assert figures["records"] == 1500
    for name in (
        "records_per_s",
        "cpu_us_per_record",
        "floor_cpu_us_per_record",
        "ratio",
        "peak_rss_mb",
        "wall_s",
    ):
        assert figures[name] > 0, name


def test_wrong_figures_are_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "sync", "--page-size", "5000"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--page-size" in done.stderr
