"""What happens to actors."""

from attrs import frozen


@frozen(kw_only=True)
class ActorRestarted:
    """A child crashed and a new one took its place."""

    kind: str
    actor: str
    reason: str  #: the crash's class
    traceback: str


@frozen(kw_only=True)
class ActorParked:
    """A child crashed more often than is borne and waits for a person."""

    kind: str
    actor: str
    reason: str


@frozen(kw_only=True)
class DeadLettered:
    """A message that nobody handled: it crashed its handler, or its actor has stopped."""

    kind: str
    actor: str
    message: str  #: its class
    reason: str
