"""What is wrong with a provider's bytes, in words: for an answer as a whole, and for one row."""

import re
from typing import Final

import msgspec

#: What makes a value's bytes unreadable: not JSON, not UTF-8, or nested without end.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PLACE: Final = re.compile(r"(?s)(.*?)(?: - at `(.*)`)?")
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")


def why(error: BaseException) -> str:
    """Why an answer could not be opened; one of `UNREADABLE`."""
    if isinstance(error, msgspec.ValidationError):
        return f"it is no envelope ({error})"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return f"it is not whole JSON ({error})"


def place_and_reason(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where in a row msgspec found a fault, and which."""
    found = _PLACE.fullmatch(str(error))
    assert found is not None, "the pattern takes any text"
    reason, path = found[1], found[2] or "$"
    missing = _MISSING.fullmatch(reason)
    return (f"{path}.{missing[1]}", "missing") if missing else (path, reason)
