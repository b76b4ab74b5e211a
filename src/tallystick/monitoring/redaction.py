"""Takes secrets out of what is about to be written, by the name of a field and by the shape of a text.

A second line of defence: rooms do not put secrets into events in the first place. Runs after tracebacks
are text, since a traceback quotes whatever an exception said.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

REDACTED: Final = "[redacted]"
_LONGEST: Final = 24_000  #: characters of one text; tracebacks are the long ones
_DEEPEST: Final = 6  #: levels of nesting

#: Words of a field's name, in any spelling, that mean a secret.
_NAMES: Final = frozenset(
    {
        *("apikey", "authorisation", "authorization", "bearer", "cookie", "cookies", "credential"),
        *("credentials", "jwt", "key", "keys", "otp", "passphrase", "passwd", "password", "passwords"),
        *("secret", "secrets", "signature", "token", "tokens", "totp", "verifier"),
    }
)
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMED: Final = (
    r"(?:access|refresh|id|bearer|operator|csrf|session)?[_-]?token|(?:client|app)?[_-]?secret|"
    r"(?:api|data|private|master)[_-]?key|pass(?:word|phrase|wd)|code[_-]?verifier|client[_-]?assertion|"
    r"(?<![a-z])authori[sz]ation|set-cookie|cookie|signature"
)
#: Each with what takes its place. The order matters: what names itself goes before what only looks like it.
_SHAPES: Final = (
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), REDACTED),
    (re.compile(r"\b(bearer|basic)\s+[^\s\"',;]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), f"://{REDACTED}@"),
    (
        re.compile(
            rf"({_NAMED})([\"']?\s*(?:=|:)\s*)(?!\[redacted\])([\"'])(?:\\.|(?!\3).)*\3", re.IGNORECASE
        ),
        rf"\1\2{REDACTED}",
    ),
    (
        re.compile(
            rf"({_NAMED})([\"']?\s*(?:=|:)\s*)(?!(?:bearer|basic) |\[redacted\])[^\s\"'&,;)}}\]]+",
            re.IGNORECASE,
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"([?&](?:code|state|sig|ticket)=)[^\s&\"'#]+"), rf"\1{REDACTED}"),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*"), REDACTED),
    (re.compile(r"\b(?:tally|tallyop|whsec|sk|xox[abp])_?[_-][\w+/=-]{8,}"), REDACTED),
    (re.compile(r"\b[0-9a-fA-F]{40,}\b"), REDACTED),
)
#: What every shape has something of. Most texts have nothing: they are told by this one look.
_SUSPECT: Final = re.compile(
    r"bearer|basic|token|secret|key|pass|verifier|assertion|authori|cookie|signature|code=|state=|sig=|"
    r"ticket=|://|-----|eyj|tally|whsec|sk[_-]|xox|[\w+/=-]{24}",
    re.IGNORECASE,
)
#: Our own ids (UUIDs, correlation ids), which are in nearly every line.
_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RUN: Final = re.compile(r"[\w+/=-]{24,}", re.ASCII)
#: With a digit among them less is enough: hardly any name has one, hardly any random text has none.
_CHANGES_WITH_DIGITS: Final = 0.25
_CHANGES: Final = 0.35  #: of a random text's neighbours 0.6 are of different kinds, of words and paths 0.2


def redact(value: object, *, name: str = "", depth: int = 0) -> object:
    """The value without secrets; `name` is the field that holds it. Mappings and lists are gone through."""
    if value is None or isinstance(value, bool | int | float):
        return REDACTED if isinstance(value, int) and not isinstance(value, bool) and _secret(name) else value
    if _secret(name):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if depth >= _DEEPEST:
        return "[…]"
    if isinstance(value, Mapping):
        return {
            redact_text(str(key)): redact(held, name=str(key), depth=depth + 1) for key, held in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(held, depth=depth + 1) for held in value]
    return redact_text(str(value))


def redact_text(text: str) -> str:
    """The text without what looks like a secret."""
    if len(text) > _LONGEST:
        text = f"[…]{text[-_LONGEST:]}"
    if len(text) < 8 or _ID.fullmatch(text) or not _SUSPECT.search(text):
        return text
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return _RUN.sub(_judge, text)


def _judge(run: re.Match[str]) -> str:
    return REDACTED if _looks_random(run[0]) else run[0]


def _looks_random(run: str) -> bool:
    """Capitals, small letters and others in quick change: base64 of random bytes, and no word or path."""
    kinds = ["u" if c.isupper() else "l" if c.islower() else "o" for c in run]
    if "u" not in kinds or "l" not in kinds:
        return False
    changes = sum(one != other for one, other in pairwise(kinds))
    share = _CHANGES_WITH_DIGITS if any(c.isdigit() for c in run) else _CHANGES
    return changes >= share * len(run)


def _secret(name: str) -> bool:
    if not name:
        return False
    words = [word.lower() for word in _WORDS.findall(name)]
    return name.lower() == "code" or not _NAMES.isdisjoint(words)
