"""Stories that once broke a promise: a seed and its flags a line, with what was wrong then.

A seed's story changes with the script that is drawn from it: each line is as it was when it was found.
"""

from typing import Any

import pytest
from tests.simulation.simulation import simulate

_ONCE_BROKEN: dict[str, tuple[int, dict[str, Any]]] = {
    "a consent given again in a running sync announced ended datasets a second time": (11, {}),
    "a clock that was set back moved cursors back": (63, {}),
    "a reading that was taken up took the page before it for its next one": (147, {}),
    "a killed task that was opening a file never ended": (195, {}),
    "a link was stored and its connection never heard of it, since the directory could not be written": (
        36,
        {"acts": ("io error", "consent", "unlink", "sync"), "trouble": "none"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("once", _ONCE_BROKEN)
def test_a_story_that_once_broke_a_promise_keeps_all_of_them(once: str) -> None:
    seed, flags = _ONCE_BROKEN[once]
    result = simulate(seed, **flags)
    assert not result.violations, str(result)
