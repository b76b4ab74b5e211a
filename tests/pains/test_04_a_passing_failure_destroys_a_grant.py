"""The token endpoint is down for a while, and a good consent is thrown away.

Here an outage of two hours costs a few attempts, and the grant recovers alone: played on the grant's own
scene, a token endpoint over HTTP and a virtual clock.
"""

from tests.engine.test_renewal import (
    desk,
    scene,
    test_an_outage_of_two_hours_costs_few_attempts_and_the_grant_recovers_alone,
    test_half_an_answer_loses_nothing,
)

__all__ = [
    "desk",
    "scene",
    "test_an_outage_of_two_hours_costs_few_attempts_and_the_grant_recovers_alone",
    "test_half_an_answer_loses_nothing",
]
