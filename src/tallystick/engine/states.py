"""The states of a connection and its moves, as data: the actor obeys them, the docs are drawn from them."""

from collections.abc import Mapping
from typing import Final, Literal

from tallystick.store import LinkStatus

State = Literal["PendingAuth", "Linked", "Syncing", "Throttled", "Stale", "NeedsReauth", "Parked", "Unlinked"]

MEANING: Final[Mapping[State, str]] = {
    "PendingAuth": "waits for the company's consent",
    "Linked": "linked, and its last sync ended well or none has run",
    "Syncing": "linked, and a sync runs or waits for its turn",
    "Throttled": "linked; the provider takes no more calls for now; it goes on by itself when that is over",
    "Stale": "linked; its last sync did not end well, or its store cannot be used: what was read before is "
    "served, and it tries again",
    "NeedsReauth": "the provider no longer honours the consent: the company has to give it again",
    "Parked": "linked; it crashed more often than is borne and waits for a person",
    "Unlinked": "the link was ended; its data stays until the connection is deleted",
}

#: From each state, where a connection may go.
MOVES: Final[Mapping[State, frozenset[State]]] = {
    "PendingAuth": frozenset({"Linked", "Unlinked"}),
    "Linked": frozenset({"Syncing", "Stale", "NeedsReauth", "Parked", "Unlinked"}),
    "Syncing": frozenset({"Linked", "Throttled", "Stale", "NeedsReauth", "Parked", "Unlinked"}),
    "Throttled": frozenset({"Linked", "Syncing", "Stale", "NeedsReauth", "Parked", "Unlinked"}),
    "Stale": frozenset({"Linked", "Syncing", "Throttled", "NeedsReauth", "Parked", "Unlinked"}),
    "NeedsReauth": frozenset({"Linked", "Unlinked"}),
    "Parked": frozenset({"Linked", "NeedsReauth", "Unlinked"}),
    "Unlinked": frozenset({"Linked"}),
}

#: The API's four words are a view of these states.
STATUS: Final[Mapping[State, LinkStatus]] = {
    "PendingAuth": "PendingAuth",
    "Linked": "Linked",
    "Syncing": "Linked",
    "Throttled": "Linked",
    "Stale": "Linked",
    "NeedsReauth": "Deauthorized",
    "Parked": "Linked",
    "Unlinked": "Unlinked",
}

#: States in which the consent stands.
LINKED: Final = frozenset(state for state, status in STATUS.items() if status == "Linked")

_OF_STATUS: Final[Mapping[LinkStatus, State]] = {
    "PendingAuth": "PendingAuth",
    "Linked": "Linked",
    "Deauthorized": "NeedsReauth",
    "Unlinked": "Unlinked",
}


class IllegalMove(Exception):
    """Our own code wanted a move that does not exist: a crash, which the supervisor sees."""


def resting(status: LinkStatus, kept: str | None) -> State:
    """The state of a connection that no actor has moved yet, by what is stored of it."""
    if status == "Linked" and kept in {"Throttled", "Stale", "Parked"}:
        return kept  # type: ignore[return-value]
    return _OF_STATUS[status]


def at_work(status: LinkStatus, kept: str | None) -> State:
    """The state of a connection whose actor runs: what parked an earlier one may be mended by now."""
    state = resting(status, kept)
    return "Linked" if state == "Parked" else state


def check_move(was: State, now: State) -> None:
    """Raises: `IllegalMove`."""
    if now not in MOVES[was]:
        raise IllegalMove(f"{was} → {now}")
