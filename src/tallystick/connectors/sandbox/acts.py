"""What can be done to the records of one data type, and how records are picked for it."""

import random
from collections.abc import Callable, Container
from typing import TypeVar

from attrs import frozen

from tallystick.connectors.sandbox.bookkeeper import Bookkeeper

T = TypeVar("T")
#: Ids that the act leaves alone.
Spared = Container[str]
Act = Callable[[Bookkeeper, int, Spared], list[str]]


class ChangeRefused(Exception):
    """The books cannot be changed like that; the text says why."""


@frozen
class Acts:
    """How so many records are created, updated and deleted; each returns the provider's ids."""

    create: Act
    update: Act
    delete: Act


def pick(rng: random.Random, found: list[T], count: int) -> list[T]:
    """So many of them at random, or all if there are fewer."""
    return rng.sample(found, min(count, len(found)))


def refuse(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    """The provider knows no such act. Raises: `ChangeRefused` when it is asked for."""
    del keeper, spared
    if count:
        raise ChangeRefused("the provider has no such act for this entity")
    return []
