"""The operators' token."""

from pathlib import Path

import pytest

from tallystick.access import OperatorToken, new_operator_token
from tallystick.config import Secret
from tallystick.errors import ConfigurationInvalid


def a_token(folder: Path, text: str) -> OperatorToken:
    file = folder / "token"
    file.write_text(text)
    return OperatorToken.of(Secret(f"file:{file}"))


def test_the_right_token_is_admitted_however_its_scheme_is_spelt(tmp_path: Path) -> None:
    text = new_operator_token()
    token = a_token(tmp_path, f"{text}\n")
    assert token.admits(f"Bearer {text}")
    assert token.admits(f"bearer  {text} ")


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer {} {}", "Bearer \ud800"]
)
def test_anything_else_is_not(header: str, tmp_path: Path) -> None:
    text = new_operator_token()
    assert not a_token(tmp_path, text).admits(header.format(text, text))


def test_a_token_that_anybody_could_guess_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="token_urlsafe"):
        a_token(tmp_path, "hunter2")


def test_two_tokens_are_never_the_same() -> None:
    assert len({new_operator_token() for _ in range(100)}) == 100
