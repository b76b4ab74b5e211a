"""The bench of remaps: one JSON line, with ratios to a floor of the same run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_bench_of_remaps_prints_one_json_line_with_its_figures(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "remap", "--records", "1500", "--page-size", "200"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    assert (figures["bench"], figures["records"]) == ("remap", 1500)
    for part in ("changed", "unchanged"):
        for name in ("records_per_s", "cpu_us_per_record", "ratio"):
            assert figures[f"{part}_{name}"] > 0, name
