"""Reads JSON bodies that may come from anybody: typed, bounded, each key once.

Of what JSON lets through elsewhere, msgspec already refuses NaN, lone surrogates and broken UTF-8, and never
builds what the type does not name. Left to this module: depth, size and keys that come twice, where two
readers of one body would see two values. Source: operations-and-security §§0.2, 3.4 row 5.
"""

import json
import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from tallystick.http.problem import Problem, ValidationItem, invalid

T = TypeVar("T", bound=msgspec.Struct)

_LIMIT: Final = 64 * 1024  #: bytes; no body of the API's comes near it
_PATH: Final = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


async def read_body(request: Request, kind: type[T]) -> T:
    """The request's JSON object, whatever its content type says.

    Unknown fields are passed over. Raises: `Problem` 400 or 413.
    """
    raw = await request.body()
    if len(raw) > _LIMIT:
        raise Problem(413, f"The request's JSON is larger than {_LIMIT} bytes.")
    try:
        body = msgspec.json.decode(raw, type=kind)
        json.loads(
            raw, object_pairs_hook=_each_once, parse_int=_skip, parse_float=_skip, parse_constant=_skip
        )
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Problem(400, f"The request's body is not JSON that we read: {_reason(error)}.") from None
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid(twice[:100], "comes twice in one object", validator="Body")


def _skip(_: str) -> None:
    """Numbers are not built: a thousand digits cost nothing."""


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error).removeprefix("JSON is malformed: ").rstrip(".")


def _invalid(told: str) -> Problem:
    """A refusal that names the field, which msgspec tells as a path or, when it is missing, in quotes."""
    at = _PATH.search(told)
    missing = re.search(r"missing required field `([^`]+)`", told)
    name = ".".join(part for part in (at[1] if at else "", missing[1] if missing else "") if part)
    name = name.replace("[...]", "")  # some key of a map, which msgspec does not name
    message = _PATH.sub("", told)
    if not name:
        return Problem(400, f"The request's body: {message}", (ValidationItem(message=message),))
    return invalid(name, message, validator="Body")
