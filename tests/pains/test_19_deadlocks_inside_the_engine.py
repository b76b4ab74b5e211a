"""Workers wait for each other, and every sync of the installation hangs.

Here five hundred actors with mailboxes of one place never stand still, told onwards or in a circle of tasks:
played on the actors' own scene (ten minutes of it under TALLYSTICK_SOAK=1).
"""

from tests.actors.conftest import recorder
from tests.actors.test_throughput import (
    crowd,
    test_500_actors_in_a_circle_that_send_from_tasks_never_stand_still,
    test_500_actors_with_one_place_each_that_tell_each_other_onwards_never_stand_still,
)

__all__ = [
    "crowd",
    "recorder",
    "test_500_actors_in_a_circle_that_send_from_tasks_never_stand_still",
    "test_500_actors_with_one_place_each_that_tell_each_other_onwards_never_stand_still",
]
