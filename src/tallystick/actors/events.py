"""What happens to actors."""

from attrs import field, frozen

from tallystick.actors.mailbox import Context


@frozen(kw_only=True)
class ActorRestarted:
    """A child crashed and a new one took its place."""

    kind: str
    actor: str
    reason: str  #: the crash's class and words
    traceback: str
    context: Context = field(factory=Context)  #: whose work it was that crashed


@frozen(kw_only=True)
class ActorEnded:
    """A child crashed and none takes its place: its spec asks for none, or it was stopping."""

    kind: str
    actor: str
    reason: str
    traceback: str
    context: Context = field(factory=Context)


@frozen(kw_only=True)
class ActorParked:
    """A child crashed more often than is borne and waits for a person."""

    kind: str
    actor: str
    reason: str
    traceback: str = ""  #: of the last crash


@frozen(kw_only=True)
class ActorResumed:
    """A person let a parked child try again."""

    kind: str
    actor: str


@frozen(kw_only=True)
class DeadLettered:
    """A message that nobody handled: it crashed its handler, or its actor has stopped or takes no such."""

    kind: str
    actor: str
    letter: str  #: the dead letter's id
    message: str  #: its class
    reason: str
    context: Context = field(factory=Context)
