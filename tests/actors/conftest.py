"""Builders for real actors under a real supervisor."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import trio
from attrs import define, field

from tallystick.actors import Birth, ChildSpec, Intensity, Supervisor
from tallystick.telemetry import Telemetry


@define(eq=False)
class Recorder:
    """Hears every event of the classes that it is told of."""

    telemetry: Telemetry = field(factory=Telemetry)
    events: list[object] = field(factory=list)

    def hear(self, *kinds: type) -> "Recorder":
        for kind in kinds:
            self.telemetry.listen(kind, self.events.append)
        return self


@define(eq=False)
class Counting:
    """Adds what it is told; can be asked for the sum, told to crash, or to hold still."""

    birth: Birth
    sum: int = 0

    async def started(self) -> None:
        pass

    async def handle(self, message: Any) -> object:
        match message:
            case int():
                self.sum += message
            case "sum":
                return self.sum
            case "crash":
                raise RuntimeError("the message was poison")
            case trio.Event():
                await message.wait()
            case trio.Event() as held, trio.Event() as handled:
                await held.wait()
                handled.set()
            case _ if callable(message):
                return message(self)
        return None


def counting(**options: Any) -> ChildSpec:
    options.setdefault("id", "counting/1")
    return ChildSpec(kind="counting", make=Counting, **options)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def supervisor(recorder: Recorder, nursery: trio.Nursery) -> AsyncGenerator[Supervisor, None]:
    made = Supervisor(
        "test", recorder.telemetry, Intensity(restarts=2, period=60.0, delay=0.01, too_many="park")
    )
    await nursery.start(made.run)
    yield made
    nursery.cancel_scope.cancel()
