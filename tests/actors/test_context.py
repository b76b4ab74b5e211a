"""Whose work an actor does: the envelope's context reaches everything that the message causes."""

import trio
from tests.actors.conftest import Counting, Recorder, counting
from trio.testing import wait_all_tasks_blocked

from tallystick.actors import ActorRestarted, Context, Supervisor

ACME, OTHER = Context(client_id="acme", trace="a"), Context(client_id="other", trace="b")


async def test_a_handler_knows_whose_message_it_handles(supervisor: Supervisor) -> None:
    address = supervisor.add(counting())
    assert await address.ask(lambda actor: actor.birth.context(), context=ACME) == ACME
    assert await address.ask(lambda actor: actor.birth.context()) == Context()


async def test_a_task_and_the_tasks_below_it_inherit_the_context_of_the_message_that_started_it(
    supervisor: Supervisor,
) -> None:
    """Whatever the actor handles meanwhile."""
    go, seen = trio.Event(), []

    def start(actor: Counting) -> None:
        async def below() -> None:
            seen.append(actor.birth.context())

        async def work() -> None:
            await go.wait()
            seen.append(actor.birth.context())
            async with trio.open_nursery() as nursery:
                nursery.start_soon(below)
            actor.birth.tasks.start(below)

        actor.birth.tasks.start(work)

    def look(actor: Counting) -> Context:
        go.set()
        return actor.birth.context()

    address = supervisor.add(counting())
    await address.ask(start, context=ACME)
    assert await address.ask(look, context=OTHER) == OTHER
    await wait_all_tasks_blocked()
    assert seen == [ACME, ACME, ACME]


async def test_a_message_that_is_sent_on_carries_the_context_along(supervisor: Supervisor) -> None:
    second = supervisor.add(counting(id="counting/2"))
    seen: list[Context] = []

    def note(actor: Counting) -> None:
        seen.append(actor.birth.context())

    def send_on(actor: Counting) -> None:
        second.tell_nowait(note, actor.birth.context())

    first = supervisor.add(counting(id="counting/1"))
    await first.ask(send_on, context=ACME)
    await second.ask("sum")
    assert seen == [ACME]


async def test_a_restart_tells_whose_work_crashed(supervisor: Supervisor, recorder: Recorder) -> None:
    recorder.hear(ActorRestarted)

    def start(actor: Counting) -> None:
        async def work() -> None:
            raise ValueError("the work failed")

        actor.birth.tasks.start(work)

    address = supervisor.add(counting())
    await address.tell("crash", ACME)
    await address.ask("sum")
    await address.tell(start, OTHER)
    with trio.fail_after(2):
        while len(recorder.events) < 2:
            await trio.sleep(0.01)
    contexts = [event.context for event in recorder.events if isinstance(event, ActorRestarted)]
    assert contexts == [ACME, OTHER]
