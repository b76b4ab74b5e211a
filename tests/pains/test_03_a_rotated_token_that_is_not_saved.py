"""A provider rotates the refresh token, the process dies before it is saved, and the consent is dead or loops.

Here a new token is on the disk before anybody gets it, and a kill between the answer and the commit leaves a
connection that lives or asks for a new consent, never one that loops.
"""

import os

import pytest
from tests.simulation.simulation import simulate

SEEDS = 100 if os.environ.get("TALLYSTICK_SOAK") == "1" else 8


@pytest.mark.slow
def test_kills_between_the_answer_and_the_commit_lose_no_consent() -> None:
    results = [simulate(seed, aim="grant.answered", acts=("kill at",)) for seed in range(SEEDS)]
    assert not [str(result) for result in results if result.violations]
    assert sum(result.kills.get("grant.answered", 0) for result in results) > 0, "some were met"
