"""What goes wrong on the way to the provider: drawn from the seed, request by request."""

import random
from typing import Literal

from attrs import define, field

Trouble = Literal[
    "none", "slow", "http_500", "http_503", "limited", "no_connection", "broken_off", "cut_short", "html",
    "timeout", "same_page", "reordered", "expired", "lost_answer",
]  # fmt: skip

_OF_A_LIST: tuple[Trouble, ...] = (
    "slow", "http_500", "http_503", "limited", "no_connection", "broken_off", "cut_short", "html", "timeout",
    "same_page", "reordered", "expired",
)  # fmt: skip
_OF_TOKENS: tuple[Trouble, ...] = (
    "slow", "http_500", "http_503", "limited", "no_connection", "lost_answer", "cut_short", "timeout",
)  # fmt: skip


@define(eq=False)
class Weather:
    """How likely trouble is, and of which kind. `rough` 0 is calm."""

    chance: random.Random
    rough: float = 0.0
    kinds: tuple[Trouble, ...] = field(default=_OF_A_LIST)

    @classmethod
    def of(cls, chance: random.Random) -> "Weather":
        """A seed's own: calm, fair or foul, and only some kinds of trouble, so that each is met alone too."""
        kinds = tuple(kind for kind in _OF_A_LIST if chance.random() < 0.6)
        return cls(chance, chance.choice((0.0, 0.05, 0.15, 0.3)), kinds or _OF_A_LIST)

    def of_a_list(self) -> Trouble:
        """For one request for a page."""
        return self.chance.choice(self.kinds) if self.chance.random() < self.rough else "none"

    def of_tokens(self) -> Trouble:
        """For one request to the token endpoint."""
        return self.chance.choice(_OF_TOKENS) if self.chance.random() < min(0.5, 2 * self.rough) else "none"

    def latency(self) -> float:
        """Seconds, one way."""
        return self.chance.choice((0.0, 0.02, 0.1, 0.4))

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.rough = 0.0
