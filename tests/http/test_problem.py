"""Errors of ours, as clients are told them."""

from collections.abc import Iterator

from tallystick.errors import StoreUnusable, TallystickError
from tallystick.http.problem import STATUS, problem_of


def leaves(kind: type[TallystickError]) -> Iterator[type[TallystickError]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for sub in below:
        yield from leaves(sub)


def test_every_error_of_ours_has_a_status() -> None:
    for leaf in leaves(TallystickError):
        found = next(STATUS[kind] for kind in leaf.__mro__ if kind in STATUS)
        assert 400 <= found < 600, leaf


def test_what_is_for_operators_only_is_not_told_to_clients() -> None:
    told = problem_of(StoreUnusable(message="/srv/data/clients/x.db is damaged"))
    assert told.status == 503
    assert "/srv" not in told.error
