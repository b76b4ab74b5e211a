"""Errors as the API tells them: one body for all, and one table from our errors to statuses.

Source: api-contract §1 (`ErrorMessage`).
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec
from attrs import define, field
from starlette.responses import Response

from tallystick.errors import (
    ActorUnavailable,
    AlreadySyncing,
    AskPerson,
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    NotLinked,
    NotSupported,
    PermissionMissing,
    Retry,
    Skip,
    Stop,
    StoreUnusable,
    TallystickError,
)

#: By class, nearest ancestor first. A refresh that is under way is 400 and a lost link 400, since those are
#: the statuses that the SDKs know for these calls; what they do not know they raise without its message.
STATUS: Final[Mapping[type[TallystickError], int]] = {
    AlreadySyncing: 400,
    ActorUnavailable: 503,
    Retry: 503,
    Skip: 500,
    NotSupported: 404,
    PermissionMissing: 403,
    Stop: 502,
    NotLinked: 400,
    LinkFailed: 400,
    NeedsReauthorisation: 400,
    StoreUnusable: 503,
    ConfigurationInvalid: 500,
    AskPerson: 500,
    TallystickError: 500,
}
#: What a client is told where our own text is for operators only.
_UNSAID: Final = "An unexpected error occurred. Quote the correlationId when you report it."


class ValidationItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A field that was refused."""

    item_id: str | None = None
    message: str | None = None
    validator_name: str | None = None


class Validation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The fields that were refused, and doubts about others."""

    errors: Sequence[ValidationItem] = ()
    warnings: Sequence[ValidationItem] = ()


class ErrorMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of every answer that is no success."""

    status_code: int
    service: str = "PublicApi"
    error: str
    correlation_id: str
    validation: Validation | None = None
    can_be_retried: Literal["Unknown"] = "Unknown"
    detailed_error_code: int = 0


@define(eq=False)
class Problem(Exception):
    """A request that is refused, in the words of the API. Raise it anywhere below an endpoint."""

    status: int
    error: str
    items: tuple[ValidationItem, ...] = ()
    headers: Mapping[str, str] = field(factory=dict)

    def __str__(self) -> str:
        return self.error


def invalid(name: str, message: str, *, validator: str = "Parameter") -> Problem:
    """A refusal (400) that names the field or parameter at fault."""
    item = ValidationItem(item_id=name, message=message, validator_name=validator)
    return Problem(400, f"{name}: {message}", (item,))


def problem_of(error: TallystickError) -> Problem:
    """What a client is told of one of our errors."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return Problem(status, _UNSAID if isinstance(error, StoreUnusable) or status == 500 else str(error))


def problem_response(problem: Problem, correlation_id: str) -> Response:
    """The answer to a refused request."""
    body = ErrorMessage(
        status_code=problem.status,
        error=problem.error,
        correlation_id=correlation_id,
        validation=Validation(errors=problem.items) if problem.items else None,
    )
    return Response(
        msgspec.json.encode(body),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type="application/json",
    )


def crashed(correlation_id: str) -> Response:
    """The answer when our own code failed."""
    return problem_response(Problem(500, _UNSAID), correlation_id)
