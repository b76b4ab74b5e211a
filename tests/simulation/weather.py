"""What goes wrong on the way to the provider: drawn from the seed, request by request."""

import random
from typing import Final, Literal

from attrs import define, field

Trouble = Literal[
    "none", "slow", "http_500", "http_502", "http_503", "limited", "limited_until", "limited_silently",
    "forbidden", "no_connection", "reset", "broken_off", "cut_short", "html", "charset", "timeout", "drip",
    "same_page", "reordered", "expired", "retyped", "new_field", "bomb", "endless", "lost_answer",
]  # fmt: skip

#: What may happen to an answer with a page.
OF_A_LIST: Final[tuple[Trouble, ...]] = (
    "slow", "http_500", "http_502", "http_503", "limited", "limited_until", "limited_silently", "forbidden",
    "no_connection", "reset", "broken_off", "cut_short", "html", "charset", "timeout", "drip", "same_page",
    "reordered", "expired", "retyped", "new_field", "bomb", "endless",
)  # fmt: skip
_TOO_LARGE_FOR_EVERY_DAY: Final = frozenset({"bomb", "endless"})
#: What may happen to an answer with tokens.
OF_TOKENS: Final[tuple[Trouble, ...]] = (
    "slow", "http_500", "http_503", "limited", "no_connection", "lost_answer", "cut_short", "timeout",
)  # fmt: skip


@define(eq=False)
class Weather:
    """How likely trouble is, and of which kind. `rough` 0 is calm."""

    chance: random.Random
    rough: float = 0.0
    kinds: tuple[Trouble, ...] = field(default=OF_A_LIST)
    of_token_calls: tuple[Trouble, ...] = field(default=OF_TOKENS)

    @classmethod
    def of(cls, chance: random.Random) -> "Weather":
        """A seed's own: calm, fair or foul, and only some kinds of trouble, so that each is met alone too."""
        usual = [kind for kind in OF_A_LIST if kind not in _TOO_LARGE_FOR_EVERY_DAY]
        kinds = tuple(kind for kind in usual if chance.random() < 0.6)
        return cls(chance, chance.choice((0.0, 0.05, 0.15, 0.3)), kinds or OF_A_LIST)

    def only(self, trouble: Trouble) -> None:
        """Every third answer meets this trouble, and no other."""
        self.rough = 0.35
        self.kinds = (trouble,) if trouble in OF_A_LIST else ()
        self.of_token_calls = (trouble,) if trouble in OF_TOKENS else ()

    def of_a_list(self) -> Trouble:
        """For one request for a page."""
        return self._drawn(self.kinds, self.rough)

    def of_tokens(self) -> Trouble:
        """For one request to the token endpoint."""
        return self._drawn(self.of_token_calls, min(0.5, 2 * self.rough))

    def _drawn(self, kinds: tuple[Trouble, ...], how_likely: float) -> Trouble:
        return self.chance.choice(kinds) if kinds and self.chance.random() < how_likely else "none"

    def latency(self) -> float:
        """Seconds, one way."""
        return self.chance.choice((0.0, 0.02, 0.1, 0.4))

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.rough = 0.0
