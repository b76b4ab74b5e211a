"""Each kind of trouble that a provider makes, alone, at every third answer of a whole story of syncs.

Invariants after each (tests/simulation/invariants.py): I1 nothing lost, I2 nothing twice, I3 cursors
monotone and never ahead of the data, I4 every end announced once under a stable id, I8 ready again soon.
"""

from typing import Final, get_args

import pytest
from tests.simulation.simulation import simulate
from tests.simulation.weather import OF_A_LIST, OF_TOKENS, Trouble

_SEEDS: Final = 3


@pytest.mark.slow
@pytest.mark.parametrize("trouble", OF_A_LIST)
def test_a_provider_that_makes_trouble_costs_no_record(trouble: Trouble) -> None:
    for seed in range(_SEEDS):
        result = simulate(seed, acts=("sync", "work"), trouble=trouble)
        assert not result.violations, str(result)
        assert any(f" {trouble}" in line for line in result.trace) or seed, "the trouble was not met"


@pytest.mark.slow
@pytest.mark.parametrize("trouble", OF_TOKENS)
def test_a_token_endpoint_that_makes_trouble_costs_no_consent(trouble: Trouble) -> None:
    """At most one refresh in flight, and no grant lost that the provider did not end."""
    for seed in range(_SEEDS):
        result = simulate(seed, acts=("sync", "work", "expire"), trouble=trouble)
        assert not result.violations, str(result)


@pytest.mark.slow
def test_consents_that_come_and_go_leave_the_others_alone() -> None:
    for seed in range(2 * _SEEDS):
        result = simulate(seed, acts=("sync", "work", "revoke", "unlink", "consent"), trouble="none")
        assert not result.violations, str(result)


def test_every_kind_of_trouble_is_met_by_one_of_these() -> None:
    assert set(OF_A_LIST) | set(OF_TOKENS) | {"none"} == set(get_args(Trouble))
