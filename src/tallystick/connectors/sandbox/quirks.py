"""The numbered oddities of providers.md §5, switched by `POST /_control/quirks`."""

from collections.abc import Mapping

from attrs import define, field


class QuirkUnknown(Exception):
    """No such switch; the text lists those that there are."""


@define
class Quirks:
    """Which oddities are on. Some cannot be switched off: the provider is always like that."""

    known: Mapping[int, str]  #: number and what it is
    always: frozenset[int] = frozenset()
    on: set[int] = field(factory=set)

    def switch(self, number: int, *, on: bool) -> None:
        """Raises: `QuirkUnknown`."""
        if number in self.always and on:
            return
        if number not in self.known or number in self.always:
            listed = "; ".join(f"{each} {what}" for each, what in sorted(self.known.items()))
            always = ", ".join(map(str, sorted(self.always)))
            raise QuirkUnknown(f"quirks that can be switched: {listed}. Always on: {always}")
        if on:
            self.on.add(number)
        else:
            self.on.discard(number)

    def __contains__(self, number: int) -> bool:
        return number in self.on
