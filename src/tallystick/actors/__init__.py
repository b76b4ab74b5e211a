"""Actors: mailboxes, addresses, supervision, timers. Knows nothing of accounting.

An actor owns its state alone and handles one message at a time; long work is a task that reports back as
a message. A full mailbox makes its senders wait: that wait is the backpressure. Deliberately absent:
threads, storage, any global registry.
"""

from tallystick.actors.address import Address
from tallystick.actors.child import ActorState, Stage
from tallystick.actors.dead_letters import DeadLetter
from tallystick.actors.events import ActorEnded, ActorParked, ActorRestarted, ActorResumed, DeadLettered
from tallystick.actors.fair_queue import FairQueue, Flow
from tallystick.actors.mailbox import Context, Mailbox, MailboxClosed, MailboxFull
from tallystick.actors.promise import Promise
from tallystick.actors.spec import Actor, Birth, ChildSpec, Intensity, Service
from tallystick.actors.supervisor import Supervisor, TooManyRestarts
from tallystick.actors.tasks import Tasks
from tallystick.actors.timers import Timer, Timers

__all__ = [
    "Actor",
    "ActorEnded",
    "ActorParked",
    "ActorRestarted",
    "ActorResumed",
    "ActorState",
    "Address",
    "Birth",
    "ChildSpec",
    "Context",
    "DeadLetter",
    "DeadLettered",
    "FairQueue",
    "Flow",
    "Intensity",
    "Mailbox",
    "MailboxClosed",
    "MailboxFull",
    "Promise",
    "Service",
    "Stage",
    "Supervisor",
    "Tasks",
    "Timer",
    "Timers",
    "TooManyRestarts",
]
