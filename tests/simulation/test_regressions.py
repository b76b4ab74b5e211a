"""Seeds that once broke a promise: one line each, with what was wrong then."""

import pytest
from tests.simulation.simulation import simulate

_SEEDS = {
    4: "a clock that was set back moved a cursor back",
    13: "a consent given again in a running sync announced ended datasets a second time",
    99: "the page after a resumed cursor was the page before it, and its own rows were lost",
    195: "a task that was killed while a file was being opened never ended",
    101: "interrupted datasets were never taken up again after a clock was set back",
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", _SEEDS, ids=lambda seed: _SEEDS[seed])
def test_a_seed_that_once_broke_a_promise_keeps_all_of_them(seed: int) -> None:
    result = simulate(seed)
    assert not result.violations, str(result)
