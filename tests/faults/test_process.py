"""Kills, stops and clocks: a story of nothing else but one of them. Invariants as in `test_provider`."""

import pytest
from tests.simulation.simulation import simulate


@pytest.mark.slow
@pytest.mark.parametrize(
    "acts",
    [
        pytest.param(("sync", "work", "kill"), id="killed at any moment"),
        pytest.param(("kill at",), id="killed at a fault point"),
        pytest.param(("sync", "work", "stop"), id="stopped in order"),
        pytest.param(("sync", "work", "clock"), id="a clock that jumps"),
        pytest.param(("sync", "work", "clock", "stop"), id="a clock that jumps between two lives"),
    ],
)
def test_a_process_that_ends_or_mistakes_the_time_loses_nothing(acts: tuple[str, ...]) -> None:
    for seed in range(5):
        result = simulate(seed, acts=acts, trouble="none")
        assert not result.violations, str(result)
