"""Many actors at once: they answer while they work, wait for room, and never for each other in a circle."""

import os
import random
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import trio
from attrs import define, field, frozen
from tests.actors.conftest import Counting, Recorder, counting
from trio.testing import MockClock, wait_all_tasks_blocked

from tallystick.actors import Address, Birth, ChildSpec, Intensity, Supervisor
from tallystick.errors import ActorUnavailable

SOAK = os.environ.get("TALLYSTICK_SOAK") == "1"
ACTORS = 500
SECONDS = 600.0 if SOAK else 1.5


async def test_an_actor_answers_while_its_long_work_runs(
    supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    def start(actor: Counting) -> None:
        async def work() -> None:
            await trio.sleep(3600)

        actor.birth.tasks.start(work)

    address = supervisor.add(counting())
    await address.ask(start)
    for _ in range(10):
        before = trio.current_time()
        assert await address.ask("sum", deadline=1.0) == 0
        assert trio.current_time() - before < 1
        await trio.sleep(60)
    (state,) = supervisor.states()
    assert state.tasks == ("work",)


async def test_an_ask_that_is_cancelled_leaves_the_actor_well(
    supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    """Waiting for room as well as waiting for the answer."""
    address = supervisor.add(counting(mailbox=1))
    held = trio.Event()
    await address.tell(held)
    await trio.sleep(0.1)
    with trio.move_on_after(1) as first:
        await address.ask("sum", deadline=30)
    with trio.move_on_after(1) as second:
        await address.ask("sum", deadline=30)
    assert first.cancelled_caught
    assert second.cancelled_caught
    (state,) = supervisor.states()
    assert (state.mailbox_depth, state.mailbox_limit) == (1, 1), "the second one never got room"
    held.set()
    await address.tell(4)
    assert await address.ask("sum") == 4


async def test_an_ask_that_finds_no_room_ends_at_its_deadline(
    supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    address = supervisor.add(counting(mailbox=1))
    held = trio.Event()
    await address.tell(held)
    await trio.sleep(0.1)
    await address.tell(1)
    before = trio.current_time()
    with pytest.raises(ActorUnavailable, match="within 3 s"):
        await address.ask("sum", deadline=3.0)
    assert trio.current_time() - before == pytest.approx(3.0)
    held.set()


async def test_a_mailbox_full_of_bytes_makes_the_sender_wait_and_lets_all_in_that_fit_then(
    supervisor: Supervisor, nursery: trio.Nursery
) -> None:
    class Heavy(tuple[trio.Event, trio.Event]):
        __slots__ = ()
        size_bytes = 100

    @frozen
    class Light:
        size_bytes: int

    address = supervisor.add(counting(mailbox_bytes=100))
    first, second = trio.Event(), trio.Event()
    await address.tell(first)
    await wait_all_tasks_blocked()
    await address.tell(Heavy((second, trio.Event())))
    sent: list[int] = []

    async def send(size: int) -> None:
        await address.tell(Light(size))
        sent.append(size)

    for size in (30, 31, 32):
        nursery.start_soon(send, size)
    await wait_all_tasks_blocked()
    assert sent == []
    (state,) = supervisor.states()
    assert (state.mailbox_bytes, state.mailbox_limit_bytes) == (100, 100)
    first.set()
    await wait_all_tasks_blocked()
    assert sorted(sent) == [30, 31, 32]
    (state,) = supervisor.states()
    assert (state.mailbox_depth, state.mailbox_bytes) == (3, 93)
    second.set()


@frozen
class Walk:
    """Goes from actor to actor, always to one further on, to the end of the line."""

    steps: int


@define(eq=False)
class Passing:
    """Hands a walk on in its handler, waiting for room in the next one's mailbox."""

    place: int
    line: "list[Address[Any]]"
    chance: random.Random
    arrived: list[int] = field(repr=False)

    async def started(self) -> None:
        pass

    async def handle(self, message: Walk) -> None:
        further = self.place + self.chance.randint(1, 40)
        if further >= len(self.line):
            self.arrived.append(message.steps)
        else:
            await self.line[further].tell(Walk(message.steps + 1))


@frozen
class Token:
    """Goes round for ever."""


@define(eq=False)
class Round:
    """Sends a token on from a task, so that it never waits in its handler: a circle is no deadlock."""

    birth: Birth
    ring: "list[Address[Any]]"
    chance: random.Random
    passed: list[int] = field(repr=False)

    async def started(self) -> None:
        pass

    async def handle(self, message: Token) -> None:
        self.passed[0] += 1
        self.birth.tasks.start(self.chance.choice(self.ring).tell, message)


@pytest.fixture
async def crowd(recorder: Recorder, nursery: trio.Nursery) -> AsyncGenerator[Supervisor, None]:
    made = Supervisor("crowd", recorder.telemetry, Intensity(too_many="park"))
    await nursery.start(made.run)
    yield made
    await made.stop()


@pytest.mark.slow
@pytest.mark.soak
async def test_500_actors_with_one_place_each_that_tell_each_other_onwards_never_stand_still(
    crowd: Supervisor,
) -> None:
    line: list[Address[Any]] = []
    arrived: list[int] = []
    chance = random.Random(11)
    for place in range(ACTORS):
        actor = Passing(place, line, chance, arrived)
        line.append(
            crowd.add(ChildSpec(id=f"passing/{place}", kind="passing", make=lambda _, a=actor: a, mailbox=1))
        )
    sent, until = [0], time.monotonic() + SECONDS

    async def send() -> None:
        while time.monotonic() < until:
            await chance.choice(line[:50]).tell(Walk(0))
            sent[0] += 1

    with trio.fail_after(SECONDS + 30):
        async with trio.open_nursery() as senders:
            for _ in range(100):
                senders.start_soon(send)
        while len(arrived) < sent[0]:
            await trio.sleep(0.01)
    assert sent[0] > 100
    assert len(arrived) == sent[0]
    assert crowd.dead_letters == ()


@pytest.mark.slow
@pytest.mark.soak
async def test_500_actors_in_a_circle_that_send_from_tasks_never_stand_still(crowd: Supervisor) -> None:
    ring: list[Address[Any]] = []
    passed = [0]
    chance = random.Random(12)
    for place in range(ACTORS):
        ring.append(
            crowd.add(
                ChildSpec(
                    id=f"round/{place}",
                    kind="round",
                    make=lambda birth: Round(birth, ring, chance, passed),
                    mailbox=1,
                    accepts=(Token,),
                )
            )
        )
    for address in ring:
        address.tell_nowait(Token())
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        before = passed[0]
        await trio.sleep(0.5)
        assert passed[0] > before, "nothing moved for half a second"
    answers = [state for state in crowd.states() if state.state == "running"]
    assert len(answers) == ACTORS
