"""What the operators' door answers, in JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

import msgspec

from tallystick.actors import ActorState, DeadLetter
from tallystick.engine import HeldList


class Actor(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One actor as it is now."""

    id: str
    kind: str
    state: str
    mailbox_depth: int
    mailbox_limit: int
    mailbox_bytes: int
    mailbox_limit_bytes: int
    oldest_message_seconds: float
    restarts: int
    crashes: int
    doing: str | None
    tasks: Sequence[str]
    since_seconds: float
    reason: str | None

    @classmethod
    def of(cls, state: ActorState) -> Self:
        """From what its supervisor says."""
        return cls(
            id=state.id,
            kind=state.kind,
            state=state.state,
            mailbox_depth=state.mailbox_depth,
            mailbox_limit=state.mailbox_limit,
            mailbox_bytes=state.mailbox_bytes,
            mailbox_limit_bytes=state.mailbox_limit_bytes,
            oldest_message_seconds=round(state.oldest_message_s, 3),
            restarts=state.restarts,
            crashes=state.crashes,
            doing=state.doing,
            tasks=state.tasks,
            since_seconds=round(state.since_s, 3),
            reason=state.reason,
        )


class Letter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A dead letter: all but the message's content, which may be a client's data."""

    id: str
    kind: str
    actor: str
    message: str  #: its class
    client_id: str | None
    correlation_id: str | None
    reason: str
    traceback: str
    age_seconds: float
    size_bytes: int

    @classmethod
    def of(cls, letter: DeadLetter, now: float) -> Self:
        """From what its supervisor keeps; `now` by trio's clock."""
        return cls(
            id=letter.id,
            kind=letter.kind,
            actor=letter.actor,
            message=type(letter.message).__name__,
            client_id=letter.context.client_id,
            correlation_id=letter.context.trace,
            reason=letter.reason,
            traceback=letter.traceback,
            age_seconds=round(now - letter.arrived_s, 3),
            size_bytes=letter.size,
        )


class Held(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Deletions of one list that wait for a person."""

    client_id: str
    company_id: str
    connection_id: str
    platform: str
    resource: str
    held_at: datetime
    missing: int  #: records that a whole reading did not meet
    live: int  #: records that stood before it

    @classmethod
    def of(cls, waiting: HeldList) -> Self:
        """From what the engine says."""
        return cls(
            client_id=waiting.client_id,
            company_id=waiting.company_id,
            connection_id=waiting.connection_id,
            platform=waiting.platform,
            resource=waiting.held.resource,
            held_at=waiting.held.held_at,
            missing=waiting.held.missing,
            live=waiting.held.live,
        )


class HeldDeletions(msgspec.Struct, frozen=True):
    """All that wait."""

    results: Sequence[Held]


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's word on them."""

    decision: Literal["apply", "dismiss"]


class Decided(msgspec.Struct, frozen=True):
    """What came of it."""

    deleted: int


class Actors(msgspec.Struct, frozen=True):
    """Actors."""

    results: Sequence[Actor]


class Letters(msgspec.Struct, frozen=True):
    """Dead letters."""

    results: Sequence[Letter]
