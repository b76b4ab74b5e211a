"""The figure of incoming webhooks: message to served record, against the sandbox."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_changed_record_is_served_within_two_seconds_of_the_providers_word(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "hooks", "--changes", "20"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    assert figures["changes"] == 20
    assert 0 < figures["p50_s"] <= figures["p95_s"] <= 2.0
    assert 0 < figures["answer_p50_ms"] <= figures["answer_most_ms"]


def test_no_changes_are_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "bench", "hooks", "--changes", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--changes" in done.stderr
