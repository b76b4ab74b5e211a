"""The states of a connection and the moves between them."""

from typing import get_args

import pytest

from tallystick.engine.states import LINKED, MEANING, MOVES, STATUS, IllegalMove, State, check_move, resting

STATES = set(get_args(State))


def test_every_state_has_a_meaning_its_moves_and_a_word_of_the_api() -> None:
    assert set(MEANING) == set(MOVES) == set(STATUS) == STATES
    assert set(STATUS.values()) == {"PendingAuth", "Linked", "Unlinked", "Deauthorized"}


def test_every_state_can_be_reached_and_left() -> None:
    reached = {"PendingAuth"}
    while more := {now for was in reached for now in MOVES[was]} - reached:
        reached |= more
    assert reached == STATES
    assert all(MOVES.values())


@pytest.mark.parametrize("state", sorted(LINKED))
def test_whoever_is_linked_can_lose_its_consent_be_parked_and_be_unlinked(state: State) -> None:
    assert MOVES[state] >= {"NeedsReauth", "Unlinked"}
    assert "Parked" in MOVES[state] | {state}


def test_a_move_that_does_not_exist_is_a_crash() -> None:
    check_move("Linked", "Syncing")
    with pytest.raises(IllegalMove, match="PendingAuth → Syncing"):
        check_move("PendingAuth", "Syncing")


def test_a_connection_rests_in_what_is_stored_unless_its_consent_is_gone() -> None:
    assert resting("Linked", "Stale") == "Stale"
    assert resting("Linked", None) == "Linked"
    assert resting("Deauthorized", "Stale") == "NeedsReauth"
