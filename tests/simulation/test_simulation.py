"""Fifty seeds of the deterministic simulation, and proofs that it can fail and that it replays."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.simulation import planted
from tests.simulation.acts import POINTS
from tests.simulation.simulation import Result, simulate

_SEEDS = 50
_AT_ONCE = 10
#: Seeds within which a planted fault must have been found.
_FOUND_WITHIN = 60


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, _SEEDS, _AT_ONCE), ids=lambda n: f"from {n}")
def test_every_promise_is_kept_whatever_a_seed_brings(first: int) -> None:
    """I1 to I4, I8, and tokens, dates, datasets and stops as `invariants` names them."""
    results = [simulate(seed) for seed in range(first, first + _AT_ONCE)]
    broken = [str(result) for result in results if result.violations]
    assert not broken, "\n\n".join(broken)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("play", "promise"),
    [
        pytest.param(partial(simulate, plant=planted.cursor_first), "I3", id="a cursor moves first"),
        pytest.param(partial(simulate, plant=planted.unannounced), "I4", id="an end is not announced"),
        pytest.param(partial(simulate, plant=planted.forgetful), "due", id="a due time is not noted"),
        pytest.param(
            partial(simulate, connector=planted.short_page_is_last), "I1", id="a short page ends a list"
        ),
    ],
)
def test_a_fault_that_was_planted_is_found(play: Callable[[int], Result], promise: str) -> None:
    """Found by that promise, in a seed that keeps all of them without the fault."""
    for seed in range(_FOUND_WITHIN):
        broken = [what for what in play(seed).violations if what.startswith(promise)]
        if broken and not simulate(seed).violations:
            return
    raise AssertionError(f"{_FOUND_WITHIN} seeds have not found it")


@pytest.mark.slow
def test_a_seed_replays_exactly_whatever_python_hashes() -> None:
    """The same lines in the same order, in three processes that hash strings differently."""
    digests = {_digests(hash_seed) for hash_seed in ("0", "1", "4711")}
    assert len(digests) == 1


def test_a_seed_that_breaks_a_promise_says_how_to_replay_it() -> None:
    broken = Result(seed=7, violations=("I1: lost",), trace=("first", "last"), digest="d", kills={})
    told = str(broken)
    assert "I1: lost" in told
    assert "last" in told
    assert ".venv/bin/python -m tests.simulation --seed 7 --trace" in told


@pytest.mark.slow
def test_a_kill_meets_every_fault_point_within_the_seeds_of_make_sim() -> None:
    """A point that no story reaches protects nothing: each is aimed at until it is met."""
    for point in POINTS:
        assert any(simulate(seed, aim=point, acts=("kill at",)).kills.get(point) for seed in range(12)), point


def _digests(hash_seed: str) -> str:
    environment: dict[str, Any] = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "6", "--digest"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
