"""Text to tree, by recursive descent: `&&` binds tighter than `||`, braces tighter than both."""

from collections.abc import Iterator
from typing import Final

from attrs import define

from tallystick.http.query.syntax import All, Comparison, Expression, OneOf, malformed
from tallystick.http.query.tokens import Token, tokens

_CHARACTERS: Final = 2048
_DEPTH: Final = 50


def parse(text: str) -> Expression:
    """The tree of a query. Raises: `Problem` 400 with the position at fault."""
    if len(text) > _CHARACTERS:
        raise malformed(_CHARACTERS, f"A query has at most {_CHARACTERS} characters, this one goes on")
    words = tokens(text)
    parser = _Parser(words, next(words))
    tree = parser.one_of(0)
    if parser.here.what != "end":
        raise malformed(parser.here.position, "Expected && or || or the end")
    return tree


@define
class _Parser:
    words: Iterator[Token]
    here: Token

    def one_of(self, depth: int) -> Expression:
        parts = [self.all(depth)]
        while self.here.what == "||":
            self.step()
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else OneOf(tuple(parts))

    def all(self, depth: int) -> Expression:
        parts = [self.part(depth)]
        while self.here.what == "&&":
            self.step()
            parts.append(self.part(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def part(self, depth: int) -> Expression:
        here = self.step()
        if isinstance(here.what, Comparison):
            return here.what
        if here.what != "{":
            raise malformed(here.position, "Expected a comparison")
        if depth == _DEPTH:
            raise malformed(here.position, f"More than {_DEPTH} braces in each other")
        inner = self.one_of(depth + 1)
        closing = self.step()
        if closing.what != "}":
            raise malformed(closing.position, "Expected }")
        return inner

    def step(self) -> Token:
        """The word in hand; the next one takes its place."""
        here = self.here
        self.here = next(self.words, here)  # `end` stays
        return here
