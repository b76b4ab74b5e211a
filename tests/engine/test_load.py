"""New work waits while the process has too much to do, no longer than that helps, and everybody is told."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import trio
import trio.lowlevel
import trio.testing
from attrs import define, evolve, field

from tallystick.config import EngineSettings
from tallystick.engine import LoopLagMeasured, SheddingBegan, SheddingEnded
from tallystick.engine.load import Load
from tallystick.engine.usage import Usage, measured
from tallystick.telemetry import Telemetry

ROOMY = Usage(rss_mb=100, free_files=900, most_files=1024)
LIMITS = EngineSettings(shed_lag=0.25, shed_rss_mb=280)


@define(eq=False)
class Process:
    """A process whose memory, files and loop do as they are told."""

    clock: trio.testing.MockClock
    usage: Usage = ROOMY
    relieved: int = 0
    told: list[Any] = field(factory=list)
    lags: list[float] = field(factory=list)
    load: Load = field(init=False)

    def __attrs_post_init__(self) -> None:
        telemetry = Telemetry()
        telemetry.listen(SheddingBegan, self.told.append)
        telemetry.listen(SheddingEnded, self.told.append)
        telemetry.listen(LoopLagMeasured, lambda event: self.lags.append(event.seconds))
        self.load = Load(LIMITS, telemetry, usage=lambda: self.usage, relieve=self._relieve)

    def _relieve(self) -> None:
        self.relieved += 1

    def block(self, seconds: float) -> None:
        """Hold the loop: time goes on, and nobody runs."""
        self.clock.jump(seconds)


@pytest.fixture
async def process(autojump_clock: trio.testing.MockClock) -> AsyncGenerator[Process, None]:
    made = Process(autojump_clock)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(made.load.run)
        await trio.sleep(2)
        yield made
        nursery.cancel_scope.cancel()


async def test_in_quiet_times_nothing_waits_and_no_lag_is_measured(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    await trio.sleep(100)
    assert process.load.shedding is None
    assert process.told == []
    assert max(process.lags) < 1e-6
    before = trio.current_time()
    await process.load.calm()
    assert trio.current_time() == before


async def test_a_loop_that_is_held_once_is_measured_and_is_no_reason_to_shed(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    await trio.sleep(0.1)
    process.block(1.0)
    await trio.sleep(5)
    assert 0.75 <= max(process.lags) <= 1.0
    assert process.told == []


async def test_a_loop_that_stays_late_sheds_and_recovers(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    for _ in range(10):
        process.block(0.6)
        await trio.lowlevel.checkpoint()
        await trio.sleep(0.001)
    (began,) = process.told
    assert began.cause == "lag"
    assert "engine.shed_lag: 0.25 s" in began.reason
    assert process.load.shedding == began.reason
    calm_from = trio.current_time()
    await process.load.calm()
    assert 4.5 <= trio.current_time() - calm_from <= 6.5
    assert process.told[1:] == [SheddingEnded(seconds=process.told[1].seconds, in_vain=False)]


async def test_memory_past_its_limit_sheds_asks_for_relief_and_names_the_setting(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    process.usage = evolve(ROOMY, rss_mb=281.0)
    await trio.sleep(1.1)
    assert process.told == []
    await trio.sleep(3)
    (began,) = process.told
    assert (began.cause, began.reason) == ("memory", "281 MB of memory are held (engine.shed_rss_mb: 280)")
    assert process.relieved >= 1


async def test_who_waits_for_calm_goes_on_together_when_it_has_lasted(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    process.usage = evolve(ROOMY, rss_mb=400.0)
    await trio.sleep(5)
    went_on: list[float] = []

    async def sync() -> None:
        await process.load.calm()
        went_on.append(trio.current_time())

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(sync)
        await trio.sleep(10)
        assert went_on == []
        process.usage = ROOMY
        await trio.sleep(3)
        process.usage = evolve(ROOMY, rss_mb=400.0)  # not calm yet
        await trio.sleep(3)
        process.usage = ROOMY
        calm_from = trio.current_time()
    assert len(set(went_on)) == 1
    assert 5 <= went_on[0] - calm_from <= 7


async def test_few_files_left_shed_at_the_next_look(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    process.usage = evolve(ROOMY, free_files=31)
    await trio.sleep(1.3)
    (began,) = process.told
    assert (began.cause, began.reason) == ("files", "31 file descriptors are left of 1024 (`ulimit -n`)")


async def test_shedding_that_does_not_help_lets_work_in_and_says_so(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    """Very many connections may hold more memory than the limit: an outage for ever would help nobody."""
    process.usage = evolve(ROOMY, rss_mb=400.0)
    await trio.sleep(3)
    assert process.load.shedding
    with trio.fail_after(62):
        await process.load.calm()
    assert process.told[-1].in_vain
    rested_from = trio.current_time()
    await trio.sleep(29)
    assert process.load.shedding is None
    await trio.sleep(3)
    assert process.load.shedding
    assert 29 <= trio.current_time() - rested_from <= 33


async def test_a_measurer_that_is_stopped_keeps_nobody_waiting(
    autojump_clock: trio.testing.MockClock,
) -> None:
    process = Process(autojump_clock, usage=evolve(ROOMY, free_files=0))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(process.load.run)
        await trio.sleep(2)
        assert process.load.shedding
        nursery.cancel_scope.cancel()
    assert process.load.shedding is None
    await process.load.calm()


async def test_whoever_waits_for_calm_can_be_cancelled(
    process: Process, autojump_clock: trio.testing.MockClock
) -> None:
    process.usage = evolve(ROOMY, free_files=0)
    await trio.sleep(2)
    with trio.move_on_after(1) as patience:
        await process.load.calm()
    assert patience.cancelled_caught


def test_a_process_can_say_what_it_takes() -> None:
    seen = measured()
    assert 5 < seen.rss_mb < 4000
    assert 0 < seen.free_files < seen.most_files


@pytest.mark.parametrize(
    ("most", "spare"), [(64, 8), (128, 16), (1024, 32), (1_000_000, 32)], ids=lambda n: str(n)
)
def test_files_that_must_stay_free_fit_the_limit(most: int, spare: int) -> None:
    assert Usage(free_files=most, most_files=most).spare_files == spare
