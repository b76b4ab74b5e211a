"""What a supervisor promises about its children."""

import pytest
import trio
from tests.actors.conftest import Counting, Recorder, counting
from trio.testing import wait_all_tasks_blocked

from tallystick.actors import (
    ActorParked,
    ActorRestarted,
    Birth,
    DeadLettered,
    Intensity,
    Supervisor,
    TooManyRestarts,
)
from tallystick.errors import ActorUnavailable, NotLinked


async def test_an_actor_handles_messages_one_after_the_other(supervisor: Supervisor) -> None:
    address = supervisor.add(counting())
    for number in range(10):
        await address.tell(number)
    assert await address.ask("sum") == 45


async def test_a_message_that_crashes_its_handler_becomes_a_dead_letter_and_the_rest_is_handled(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    """The mailbox survives the restart, the message in hand does not, the state is new."""
    recorder.hear(ActorRestarted, DeadLettered)
    address = supervisor.add(counting())
    await address.tell(5)
    await address.tell("crash")
    await address.tell(7)
    assert await address.ask("sum") == 7
    assert [type(event) for event in recorder.events] == [DeadLettered, ActorRestarted]
    assert supervisor.dead_letters[0].message == "crash"
    assert "the message was poison" in supervisor.dead_letters[0].reason


async def test_a_crash_is_told_to_whoever_asked(supervisor: Supervisor) -> None:
    address = supervisor.add(counting())
    with pytest.raises(ActorUnavailable, match="the message was poison"):
        await address.ask("crash")


async def test_a_crash_of_one_child_is_never_noticed_by_another(supervisor: Supervisor) -> None:
    calm = supervisor.add(counting(id="counting/calm"))
    wild = supervisor.add(counting(id="counting/wild"))
    await calm.tell(1)
    for _ in range(5):
        await wild.tell("crash")
    with trio.fail_after(2):
        while supervisor.states()[1].state != "parked":
            await trio.sleep(0.01)
    assert await calm.ask("sum") == 1


async def test_a_child_past_its_intensity_is_parked_with_its_reason_and_can_be_resumed(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    recorder.hear(ActorParked)
    address = supervisor.add(counting())
    for _ in range(3):
        await address.tell("crash")
    with trio.fail_after(2):
        while not recorder.events:
            await trio.sleep(0.01)
    (state,) = supervisor.states()
    assert state.state == "parked"
    assert state.reason == "RuntimeError: the message was poison"
    await address.tell(3)
    supervisor.resume(address.id)
    assert await address.ask("sum") == 3


async def test_a_child_that_may_not_be_parked_fails_its_supervisor(recorder: Recorder) -> None:
    strict = Supervisor("strict", recorder.telemetry, Intensity(restarts=1, delay=0.0))
    with trio.fail_after(2), pytest.RaisesGroup(TooManyRestarts, flatten_subgroups=True):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(strict.run)
            await strict.running.wait()
            address = strict.add(counting())
            for _ in range(2):
                await address.tell("crash")


async def test_a_refusal_is_the_askers_answer_and_no_crash(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    recorder.hear(ActorRestarted)
    address = supervisor.add(counting())

    def refuse(_: Counting) -> None:
        raise NotLinked(status="PendingAuth")

    with pytest.raises(NotLinked):
        await address.ask(refuse)
    assert recorder.events == []


async def test_an_ask_ends_at_its_deadline_while_the_actor_is_busy(
    supervisor: Supervisor, autojump_clock: trio.testing.MockClock
) -> None:
    address = supervisor.add(counting())
    held = trio.Event()
    await address.tell(held)
    with pytest.raises(ActorUnavailable, match="within 2 s"):
        await address.ask("sum", deadline=2.0)
    held.set()


async def test_a_full_mailbox_makes_the_sender_wait(supervisor: Supervisor, nursery: trio.Nursery) -> None:
    """That wait is the backpressure."""
    address = supervisor.add(counting(mailbox=2))
    held = trio.Event()
    await address.tell(held)
    await wait_all_tasks_blocked()
    await address.tell(1)
    await address.tell(2)
    with pytest.raises(ActorUnavailable, match="full mailbox"):
        address.tell_nowait(3)
    sent = trio.Event()

    async def send() -> None:
        await address.tell(3)
        sent.set()

    nursery.start_soon(send)
    await wait_all_tasks_blocked()
    assert not sent.is_set()
    held.set()
    await sent.wait()
    assert await address.ask("sum") == 6


async def test_the_long_work_of_a_crashed_actor_ends_before_a_new_one_takes_its_place(
    supervisor: Supervisor,
) -> None:
    seen: list[str] = []

    def work_for_ever(actor: Counting) -> None:
        async def work() -> None:
            try:
                await trio.sleep_forever()
            finally:
                seen.append("work ended")

        actor.birth.tasks.start(work)

    address = supervisor.add(counting())
    await address.ask(work_for_ever)
    await wait_all_tasks_blocked()
    await address.tell("crash")
    await address.ask(lambda actor: seen.append(f"life {actor.birth.restarts}"))
    assert seen == ["work ended", "life 1"]


async def test_a_crash_of_long_work_is_the_actors_crash(supervisor: Supervisor, recorder: Recorder) -> None:
    recorder.hear(ActorRestarted)

    def work_badly(actor: Counting) -> None:
        async def work() -> None:
            raise ValueError("the work failed")

        actor.birth.tasks.start(work)

    address = supervisor.add(counting())
    await address.ask(work_badly)
    with trio.fail_after(2):
        while not recorder.events:
            await trio.sleep(0.01)
    (restarted,) = recorder.events
    assert isinstance(restarted, ActorRestarted)
    assert restarted.reason == "ValueError: the work failed"
    assert "in work" in restarted.traceback


async def test_stopping_a_child_lets_the_message_in_hand_end_and_buries_the_others(
    supervisor: Supervisor, nursery: trio.Nursery
) -> None:
    address = supervisor.add(counting())
    held, handled = trio.Event(), trio.Event()

    await address.tell((held, handled))
    await wait_all_tasks_blocked()
    await address.tell(1)
    nursery.start_soon(supervisor.remove, address.id)
    await wait_all_tasks_blocked()
    assert [letter.message for letter in supervisor.dead_letters] == [1]
    held.set()
    await wait_all_tasks_blocked()
    assert handled.is_set()
    with pytest.raises(ActorUnavailable, match="has stopped"):
        await address.tell(2)


async def test_children_are_stopped_in_reverse_order(recorder: Recorder) -> None:
    order: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self) -> None:
            try:
                await trio.sleep_forever()
            finally:
                order.append(self.name)

    from tallystick.actors import ChildSpec

    def spec(name: str) -> ChildSpec:
        def make(birth: Birth) -> Named:
            return Named(name)

        return ChildSpec(id=name, kind="service", make=make)

    tree = Supervisor("tree", recorder.telemetry, children=(spec("first"), spec("second")))
    async with trio.open_nursery() as nursery:
        await nursery.start(tree.run)
        await wait_all_tasks_blocked()
        await tree.stop()
    assert order == ["second", "first"]


async def test_what_an_actor_is_doing_can_be_read_while_it_does_it(
    supervisor: Supervisor, autojump_clock: trio.testing.MockClock
) -> None:
    address = supervisor.add(counting())
    held = trio.Event()
    await address.tell(held)
    await address.tell(1)
    await wait_all_tasks_blocked()
    await trio.sleep(3)
    (state,) = supervisor.states()
    assert (state.doing, state.mailbox_depth) == ("Event", 1)
    assert state.since_s == pytest.approx(3, abs=0.1)
    assert state.oldest_message_s == pytest.approx(3, abs=0.1)
    held.set()
