"""Actors: mailboxes, addresses, supervision, timers. Knows nothing of accounting.

An actor owns its state alone and handles one message at a time; long work is a task that reports back as
a message. A full mailbox makes its senders wait: that wait is the backpressure. Deliberately absent:
threads, storage, any global registry.
"""

from tallystick.actors.address import Address
from tallystick.actors.events import ActorParked, ActorRestarted, DeadLettered
from tallystick.actors.mailbox import Context, Mailbox, MailboxClosed, MailboxFull
from tallystick.actors.promise import Promise
from tallystick.actors.spec import Actor, Birth, ChildSpec, Intensity, Service
from tallystick.actors.supervisor import ActorState, DeadLetter, Supervisor, TooManyRestarts
from tallystick.actors.tasks import Tasks
from tallystick.actors.timers import Timer, Timers

__all__ = [
    "Actor",
    "ActorParked",
    "ActorRestarted",
    "ActorState",
    "Address",
    "Birth",
    "ChildSpec",
    "Context",
    "DeadLetter",
    "DeadLettered",
    "Intensity",
    "Mailbox",
    "MailboxClosed",
    "MailboxFull",
    "Promise",
    "Service",
    "Supervisor",
    "Tasks",
    "Timer",
    "Timers",
    "TooManyRestarts",
]
