"""What the doors tell: once a request, with labels from closed sets only.

The doors stand above monitoring, so their events live here, and they emit them.
"""

from typing import Literal

from attrs import frozen

#: Why a request was turned away before any of our code worked on it.
RejectReason = Literal[
    "method",
    "target",
    "framing",
    "url_size",
    "header_size",
    "body_size",
    "body_slow",
    "answer_slow",
    "unauthorized",
    "quota",
    "overload",
]


@frozen(kw_only=True)
class RequestServed:
    """A request has been answered, or its client has left (status 499)."""

    route: str  #: the route's template, never the path; `(refused)` or `(unknown)` where there is none
    method: str  #: one of ours, or `other`
    status: int
    seconds: float
    correlation_id: str = ""
    client_id: str | None = None  #: whose key it carried; for the log, never a label


@frozen(kw_only=True)
class RequestRejected:
    """A request was turned away."""

    reason: RejectReason


#: Why a message at the providers' door was not taken in.
HookRefusal = Literal[
    "no_key",  # the settings have no `webhook_key` of this provider
    "no_hooks",  # the provider sends no messages
    "too_many",
    "too_large",
    "bad_signature",
    "unreadable",  # signed, and yet of no form that we know: the provider has changed it
]


@frozen(kw_only=True)
class HookRefused:
    """A provider's message, or somebody else's, was not taken in."""

    platform: str
    reason: HookRefusal
    told: str | None = None  #: what is wrong with the form of one that was signed


@frozen(kw_only=True)
class HandlerCrashed:
    """Our own code failed on a request; its client got a 500 with the correlation id."""

    error: str  #: the exception's class
    route: str
    where: str  #: module and line that raised
    correlation_id: str
