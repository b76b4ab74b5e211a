"""No secret that is planted in what is to be written ever leaves."""

import base64
import json
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.access import new_api_key, new_operator_token
from tallystick.config import Secret
from tallystick.monitoring.redaction import REDACTED, redact, redact_text
from tallystick.store import key_text, new_key

_TOKEN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=16, max_size=60)
_WORDS = st.text(" \n\t.,;()'\"=:&?/<>äöü€", max_size=20)
_NAMES = st.sampled_from(
    [
        *("access_token", "refreshToken", "client_secret", "operatorToken", "password", "Authorization"),
        *(
            "authorization",
            "api_key",
            "apiKey",
            "X-API-Key",
            "data_key",
            "code_verifier",
            "Set-Cookie",
            "code",
        ),
        *("webhookSecret", "totp_secret", "signature", "credentials", "id_token"),
    ]
)
_HARMLESS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def jwt(body: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{base64.urlsafe_b64encode(body.encode()).decode().rstrip('=')}.{body}"


def shaped(secret: str) -> list[str]:
    """A secret as it may stand in a text that somebody else has written."""
    return [
        f"Bearer {secret}",
        f"basic {secret}",
        f"Authorization: Bearer {secret}",
        f"{{'authorization': 'Bearer {secret}'}}",
        f"GET /connect/token?grant_type=x&refresh_token={secret}&x=1",
        f"https://provider.example/callback?code={secret}&scope=all",
        f'{{"access_token":"{secret}","expires_in":1800}}',
        f'{{"access_token": "{secret}"}}',
        f"{{'client_secret': '{secret}'}}",
        f"Tokens(access_token={secret!r}, expires_at=1)",
        f"password={secret}",
        f"https://user:{secret}@provider.example/",
        f"tally_{secret}",
        f"tallyop_{secret}",
        f"whsec_{secret}",
        jwt(secret),
    ]


def leaks(secret: str, written: object) -> bool:
    return secret in json.dumps(written, ensure_ascii=False)


@given(name=_NAMES, secret=_TOKEN, beside=_HARMLESS, depth=st.integers(0, 3))
def test_a_secret_under_a_telling_name_never_leaves(name: str, secret: str, beside: Any, depth: int) -> None:
    """At any depth, and as a part of what the name holds."""
    held: Any = {"x": [secret, {"y": secret}]}
    line: Any = {name: secret, "beside": beside}
    nested: Any = {name: held}
    for _ in range(depth):
        line, nested = {"inner": [line]}, [{"inner": nested}]
    assert not leaks(secret, redact(line))
    assert not leaks(secret, redact(nested))


@given(secret=_TOKEN, before=_WORDS, after=_WORDS, place=st.integers(0, 15))
def test_a_secret_in_a_telling_shape_never_leaves(secret: str, before: str, after: str, place: int) -> None:
    """Whatever stands round it, in any field."""
    text = f"{before} {shaped(secret)[place]} {after}"
    assert not leaks(secret, redact({"reason": text, "deep": [{"x": text}], text: 1}))


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["hex", "base64"]))
def test_a_key_of_32_bytes_never_leaves_by_itself(key: bytes, form: str) -> None:
    text = key.hex() if form == "hex" else base64.b64encode(key).decode()
    if form == "base64" and len(set(key)) < 16:
        return  # keys are random: this one says nothing of them
    assert text not in redact_text(f"the key {text} does not open")


def test_what_we_make_ourselves_never_leaves_by_itself() -> None:
    for _ in range(50):
        for secret in (
            new_api_key(),
            new_operator_token(),
            key_text(new_key()),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(64),
            secrets.token_hex(32),
        ):
            assert secret not in redact_text(f"it was {secret}.")


@pytest.mark.parametrize(
    "text",
    [
        "3f2b8a9e-0c1d-4e5f-8a7b-6c5d4e3f2a1b",
        "0123456789abcdef0123456789abcdef",
        "xero no longer accepts the consent: the token endpoint answered invalid_grant",
        "tallystick.engine.sync_task:142",
        'File "/usr/lib/python3.11/site-packages/httpcore/_async/connection.py", line 103, in handle_async_request',
        "NeedsReauthorisation: xero no longer accepts the consent",
        "test_a_message_that_crashes_its_handler_becomes_a_dead_letter",
        "ActorUnavailable: connection/3f2b8a9e-0c1d-4e5f-8a7b-6c5d4e3f2a1b did not answer within 5 s",
        "/companies/{companyId}/connections/{connectionId}/data/{dataType}",
        "2026-03-01T12:00:00.000+00:00",
        "HTTPStatusError",
        "https://api.xero.com/api.xro/2.0/Invoices?page=3&pageSize=1000",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "name",
    ["platform", "status", "reason", "tokenised", "monkey", "keyboard", "code_of_conduct", "error_code"],
)
def test_names_that_only_sound_alike_keep_their_values(name: str) -> None:
    assert redact({name: "plain"}) == {name: "plain"}


def test_a_reference_to_a_secret_and_bytes_are_told_without_their_content() -> None:
    assert redact({"how": Secret("file:/etc/somewhere"), "body": b"secret"}) == {
        "how": "(hidden)",
        "body": "[6 bytes]",
    }


def test_a_number_under_a_telling_name_is_hidden_and_others_stay_numbers() -> None:
    assert redact({"otp": 123456, "seconds": 1.5, "pages": 3, "lost": True}) == {
        "otp": REDACTED,
        "seconds": 1.5,
        "pages": 3,
        "lost": True,
    }


def test_a_very_long_text_is_cut_and_so_is_a_very_deep_one() -> None:
    assert len(redact_text("x y " * 20_000)) < 25_000
    deep: Any = "bottom"
    for _ in range(50):
        deep = [deep]
    assert "bottom" not in json.dumps(redact(deep))
