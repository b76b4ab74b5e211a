"""What becomes of children that crash: restarts, parking, dead letters, and the end."""

from itertools import pairwise
from typing import Any

import pytest
import trio
from tests.actors.conftest import Counting, Recorder, counting
from trio.testing import MockClock, wait_all_tasks_blocked

from tallystick.actors import (
    ActorEnded,
    ActorParked,
    ActorRestarted,
    ActorResumed,
    Birth,
    ChildSpec,
    Context,
    DeadLettered,
    Intensity,
    Supervisor,
)
from tallystick.errors import ActorUnavailable


class Ending:
    """A service that ends as it is told."""

    def __init__(self, crash: bool, lives: list[int], birth: Birth) -> None:
        self.crash, self.lives, self.birth = crash, lives, birth

    async def run(self) -> None:
        self.lives.append(self.birth.restarts)
        if self.crash:
            raise RuntimeError("it ended badly")


@pytest.mark.parametrize(
    ("restart", "crash", "lives"),
    [
        ("permanent", False, 3),
        ("permanent", True, 3),
        ("transient", False, 1),
        ("transient", True, 3),
        ("temporary", False, 1),
        ("temporary", True, 1),
    ],
    ids=lambda value: str(value),
)
async def test_a_child_comes_again_as_its_spec_says(
    restart: Any, crash: bool, lives: int, supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    """permanent: always; transient: after a crash; temporary: never. Past two restarts it is parked."""
    seen: list[int] = []
    spec = ChildSpec(
        id="ending", kind="service", make=lambda birth: Ending(crash, seen, birth), restart=restart
    )
    supervisor.add(spec)
    await trio.sleep(10)
    assert seen == list(range(lives))
    assert [state.state for state in supervisor.states()] == (["parked"] if lives > 1 else [])


async def test_a_crash_that_nobody_comes_after_is_told(
    supervisor: Supervisor, recorder: Recorder, autojump_clock: MockClock
) -> None:
    recorder.hear(ActorEnded)
    spec = ChildSpec(
        id="ending", kind="service", make=lambda birth: Ending(True, [], birth), restart="temporary"
    )
    supervisor.add(spec)
    await trio.sleep(1)
    (ended,) = recorder.events
    assert isinstance(ended, ActorEnded)
    assert ended.reason == "RuntimeError: it ended badly"
    assert "in run" in ended.traceback


async def test_the_wait_before_a_restart_doubles_with_each_crash(
    recorder: Recorder, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tree = Supervisor("tree", recorder.telemetry, Intensity(restarts=4, delay=1.0, too_many="park"))
    await nursery.start(tree.run)
    births: list[float] = []

    def born(birth: Birth) -> Ending:
        births.append(trio.current_time())
        return Ending(True, [], birth)

    tree.add(ChildSpec(id="ending", kind="service", make=born))
    await trio.sleep(60)
    pauses = [round(later - sooner, 3) for sooner, later in pairwise(births)]
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    nursery.cancel_scope.cancel()


async def test_crashes_further_apart_than_the_period_never_park_a_child(
    recorder: Recorder, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tree = Supervisor(
        "tree", recorder.telemetry, Intensity(restarts=1, period=60, delay=0.1, too_many="park")
    )
    await nursery.start(tree.run)
    address = tree.add(counting())
    for _ in range(5):
        await address.tell("crash")
        await trio.sleep(61)
    (state,) = tree.states()
    assert (state.state, state.restarts, state.crashes) == ("running", 5, 1)
    nursery.cancel_scope.cancel()


async def test_whoever_the_spec_names_hears_of_parking_and_of_the_way_back(
    supervisor: Supervisor, recorder: Recorder, autojump_clock: MockClock
) -> None:
    recorder.hear(ActorParked, ActorResumed)
    told: list[tuple[str, ...]] = []
    address = supervisor.add(
        counting(
            parked=lambda reason, trace: told.append(("parked", reason, trace)),
            resumed=lambda: told.append(("resumed",)),
        )
    )
    for _ in range(3):
        await address.tell("crash")
    await trio.sleep(1)
    ((word, reason, trace),) = told
    assert (word, reason) == ("parked", "RuntimeError: the message was poison")
    assert "in handle" in trace
    supervisor.resume(address.id)
    assert await address.ask("sum") == 0
    assert told[1:] == [("resumed",)]
    assert [type(event) for event in recorder.events] == [ActorParked, ActorResumed]
    (state,) = supervisor.states()
    assert (state.restarts, state.crashes) == (3, 0)


async def test_a_bug_in_what_is_told_of_parking_ends_nobody(
    supervisor: Supervisor, recorder: Recorder, autojump_clock: MockClock
) -> None:
    recorder.hear(ActorEnded)

    def fail(_reason: str, _trace: str) -> None:
        raise KeyError("nobody is here")

    calm = supervisor.add(counting(id="counting/calm"))
    wild = supervisor.add(counting(id="counting/wild", parked=fail))
    for _ in range(3):
        await wild.tell("crash")
    await trio.sleep(1)
    assert await calm.ask("sum") == 0
    (told,) = recorder.events
    assert isinstance(told, ActorEnded)
    assert "nobody is here" in told.reason


async def test_a_child_that_is_parked_stops_at_once_and_never_comes_again(
    supervisor: Supervisor, recorder: Recorder, autojump_clock: MockClock
) -> None:
    address = supervisor.add(counting(resumed=lambda: pytest.fail("it was not resumed")))
    for _ in range(3):
        await address.tell("crash")
    await trio.sleep(1)
    recorder.hear(ActorRestarted, ActorResumed)
    before = trio.current_time()
    await supervisor.remove(address.id)
    assert trio.current_time() == before
    assert recorder.events == []
    assert supervisor.states() == []


async def test_a_message_of_another_class_is_a_dead_letter_and_no_crash(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    """Counted, told to the asker, and the actor goes on with what it has."""
    recorder.hear(DeadLettered, ActorRestarted)
    address = supervisor.add(counting(accepts=(int, str)))
    await address.tell(5)
    with pytest.raises(ActorUnavailable, match="a counting takes no float"):
        await address.ask(2.5)
    assert await address.ask("sum") == 5
    (dead,) = recorder.events
    assert isinstance(dead, DeadLettered)
    assert (dead.message, dead.reason) == ("float", "a counting takes no float")


async def test_a_dead_letter_says_all_that_is_known_of_it(supervisor: Supervisor) -> None:
    address = supervisor.add(counting())
    await address.tell("crash", Context(client_id="acme", trace="f00"))
    await address.ask("sum")
    (letter,) = supervisor.dead_letters
    assert (letter.actor, letter.kind, letter.message) == ("counting/1", "counting", "crash")
    assert letter.context == Context(client_id="acme", trace="f00")
    assert letter.reason == "RuntimeError: the message was poison"
    assert "in handle" in letter.traceback
    assert letter.arrived_s <= trio.current_time()


async def test_a_dead_letter_can_be_sent_again_once_and_keeps_its_context(supervisor: Supervisor) -> None:
    seen: list[Context] = []
    fail = [True]

    def act(actor: Counting) -> None:
        seen.append(actor.birth.context())
        if fail[0]:
            raise RuntimeError("not yet")

    context = Context(client_id="acme", trace="f00")
    address = supervisor.add(counting())
    await address.tell(act, context)
    await address.ask("sum")
    (letter,) = supervisor.dead_letters
    fail[0] = False
    assert supervisor.resend(letter.id) is letter
    await address.ask("sum")
    assert seen == [context, context]
    assert supervisor.dead_letters == ()
    with pytest.raises(KeyError):
        supervisor.resend(letter.id)


async def test_a_dead_letter_whose_actor_is_gone_stays_and_says_so(supervisor: Supervisor) -> None:
    address = supervisor.add(counting())
    await address.tell("crash")
    await address.ask("sum")
    await supervisor.remove(address.id)
    (letter,) = supervisor.dead_letters
    with pytest.raises(ActorUnavailable, match="is gone"):
        supervisor.resend(letter.id)
    assert supervisor.dead_letters == (letter,)


async def test_a_letter_whose_actor_has_no_room_stays(supervisor: Supervisor) -> None:
    address = supervisor.add(counting(mailbox=1))
    await address.tell("crash")
    await address.ask("sum")
    (letter,) = supervisor.dead_letters
    held = trio.Event()
    await address.tell(held)
    await wait_all_tasks_blocked()
    await address.tell(1)
    with pytest.raises(ActorUnavailable, match="full mailbox"):
        supervisor.resend(letter.id)
    assert supervisor.dead_letters == (letter,)
    held.set()


async def test_dead_letters_are_bounded_and_the_oldest_go(supervisor: Supervisor) -> None:
    address = supervisor.add(counting(accepts=(str,)))
    for number in range(150):
        await address.tell(number)
    await address.ask("sum")
    assert [letter.message for letter in supervisor.dead_letters] == list(range(50, 150))


async def test_dead_letters_are_bounded_by_what_they_hold(supervisor: Supervisor) -> None:
    class Whale:
        size_bytes = 7 * 1024 * 1024

    address = supervisor.add(counting(accepts=(str,)))
    for _ in range(5):
        await address.tell(Whale())
    await address.ask("sum")
    assert len(supervisor.dead_letters) == 2


async def test_a_child_that_drains_handles_what_waits_before_it_stops(
    supervisor: Supervisor, nursery: trio.Nursery
) -> None:
    handled: list[int] = []

    def work(number: int) -> Any:
        return lambda _: handled.append(number)

    address = supervisor.add(counting(drain=True))
    held = trio.Event()
    await address.tell(held)
    await wait_all_tasks_blocked()
    for number in range(3):
        await address.tell(work(number))
    nursery.start_soon(supervisor.remove, address.id)
    await wait_all_tasks_blocked()
    with pytest.raises(ActorUnavailable, match="has stopped"):
        await address.tell(work(3))
    held.set()
    await wait_all_tasks_blocked()
    assert handled == [0, 1, 2]
    assert supervisor.dead_letters == ()
    assert supervisor.states() == []


async def test_draining_ends_at_its_deadline_and_the_rest_are_dead_letters(
    supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    address = supervisor.add(counting(drain=True, shutdown=2.0))
    await address.tell(trio.Event())  # which nobody sets
    await trio.sleep(0.1)
    await address.tell(1)
    await address.tell(2)
    before = trio.current_time()
    await supervisor.remove(address.id)
    assert trio.current_time() - before == pytest.approx(2.0)
    assert [letter.message for letter in supervisor.dead_letters] == [1, 2]


async def test_an_idle_child_that_drains_stops_at_once(
    supervisor: Supervisor, autojump_clock: MockClock
) -> None:
    address = supervisor.add(counting(drain=True))
    await address.ask("sum")
    before = trio.current_time()
    await supervisor.remove(address.id)
    assert trio.current_time() == before


async def test_a_task_that_crashes_while_its_actor_stops_is_told(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    recorder.hear(ActorEnded)

    def start(actor: Counting) -> None:
        async def work() -> None:
            try:
                await trio.sleep_forever()
            finally:
                raise ValueError("on the way out")

        actor.birth.tasks.start(work)

    address = supervisor.add(counting())
    await address.ask(start, context=Context(client_id="acme"))
    await wait_all_tasks_blocked()
    await supervisor.remove(address.id)
    (told,) = recorder.events
    assert isinstance(told, ActorEnded)
    assert "on the way out" in told.reason
    assert told.context.client_id == "acme"
