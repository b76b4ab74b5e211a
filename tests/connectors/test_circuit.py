"""When a provider is left alone, and how it is found to be well again; in virtual time."""

from collections.abc import Sequence
from typing import Any

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from tallystick.connectors.circuit import Circuit, CircuitMoved
from tallystick.errors import ProviderDown, ProviderUnavailable, RateLimited, TallystickError
from tallystick.telemetry import Telemetry

DOWN = ProviderUnavailable(platform="xero", reason="HTTP 503")


@define(eq=False)
class Watched:
    """A circuit with what it told."""

    circuit: Circuit = field(factory=lambda: Circuit("xero", Telemetry()))
    moves: list[CircuitMoved] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.circuit.telemetry.listen(CircuitMoved, self.moves.append)

    async def call(self, tenant: str, error: TallystickError | None = None, lasts: float = 0.0) -> None:
        try:
            async with self.circuit.call(tenant):
                await trio.sleep(lasts)
                if error is not None:
                    raise error
        except type(error or DOWN):
            assert error is not None

    async def fail(self, tenants: Sequence[str], times: int = 3) -> None:
        for _ in range(times):
            for tenant in tenants:
                if self.circuit.state == "closed":
                    await self.call(tenant, DOWN)

    def refuses(self, tenant: str = "zelkova") -> float:
        with pytest.raises(ProviderDown) as told:
            self.circuit.admit(tenant)
        return told.value.retry_after


async def test_it_opens_when_several_tenants_get_no_answers_and_says_when_to_come_again(
    autojump_clock: MockClock,
) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch", "cedar"])
    assert watched.refuses() == pytest.approx(15)
    await trio.sleep(5)
    assert watched.refuses() == pytest.approx(10)
    assert [(move.was, move.now) for move in watched.moves] == [("closed", "open")]
    assert "3 of 3 tenants" in watched.moves[0].reason


async def test_one_tenant_alone_never_opens_it_however_often_it_fails(autojump_clock: MockClock) -> None:
    watched = Watched()
    await watched.fail(["amber"], times=500)
    for tenant in ("birch", "cedar", "dogwood"):
        await watched.call(tenant)
    await watched.fail(["amber"], times=500)
    assert watched.moves == []


async def test_of_two_active_tenants_both_must_fail(autojump_clock: MockClock) -> None:
    watched = Watched()
    for _ in range(20):
        await watched.call("amber", DOWN)
        await watched.call("birch")
    assert watched.circuit.state == "closed"
    watched = Watched()
    await watched.fail(["amber", "birch"])
    assert watched.circuit.state == "open"


async def test_three_sick_tenants_among_many_well_ones_leave_it_closed(autojump_clock: MockClock) -> None:
    """The sick ones try again and again: most calls fail, and still most tenants are served."""
    watched = Watched()
    for number in range(10):
        await watched.call(f"well {number}")
    await watched.fail(["amber", "birch", "cedar"], times=50)
    assert watched.moves == []


async def test_refusals_show_that_the_provider_is_there(autojump_clock: MockClock) -> None:
    watched = Watched()
    for _ in range(10):
        for tenant in ("amber", "birch", "cedar"):
            await watched.call(tenant, RateLimited(platform="xero", scope="minute", retry_after=1))
    assert watched.moves == []


async def test_failures_that_are_long_past_do_not_count(autojump_clock: MockClock) -> None:
    watched = Watched()
    for tenant in ("amber", "birch", "cedar", "dogwood", "elder"):
        await watched.call(tenant, DOWN)
        await trio.sleep(61)
    await watched.call("fir", DOWN)
    assert watched.moves == []


async def test_two_probes_that_are_answered_close_it(autojump_clock: MockClock) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch", "cedar"])
    await trio.sleep(15)
    await watched.call("amber")
    assert watched.circuit.state == "half_open"
    await watched.call("birch")
    assert [move.now for move in watched.moves] == ["open", "half_open", "closed"]
    await watched.fail(["amber", "birch"], times=2)
    assert watched.circuit.state == "closed", "what was before it opened is forgotten"


async def test_only_few_probe_at_a_time(autojump_clock: MockClock) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch", "cedar"])
    await trio.sleep(15)
    async with trio.open_nursery() as nursery:
        for tenant in ("dogwood", "elder"):
            nursery.start_soon(watched.call, tenant, None, 3.0)
        await trio.testing.wait_all_tasks_blocked()
        assert watched.refuses() == pytest.approx(5)
    assert watched.circuit.state == "closed"


async def test_a_probe_that_is_given_up_says_nothing_and_makes_room_for_another(
    autojump_clock: MockClock,
) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch", "cedar"])
    await trio.sleep(15)
    for _ in range(5):
        with trio.move_on_after(1):
            await watched.call("dogwood", None, 100.0)
    assert watched.circuit.state == "half_open"
    await watched.call("elder")
    await watched.call("fir")
    assert watched.circuit.state == "closed"


async def test_each_probe_that_fails_keeps_it_open_twice_as_long_up_to_five_minutes(
    autojump_clock: MockClock,
) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch", "cedar"])
    waits = []
    for number in range(7):
        waits.append(watched.refuses())
        await trio.sleep(waits[-1])
        await watched.call(f"tenant {number}", DOWN)
    assert waits == [15, 30, 60, 120, 240, 300, 300]
    await trio.sleep(300)
    await watched.call("amber")
    await watched.call("birch")
    await watched.fail(["amber", "birch", "cedar"])
    assert watched.refuses() == pytest.approx(15), "it has been well since"


async def test_a_sick_tenant_lets_others_probe_first(autojump_clock: MockClock) -> None:
    """Else the one whose books the provider cannot read would keep it open for all."""
    watched = Watched()
    await watched.fail(["amber", "birch", "sick"])
    await trio.sleep(15)
    await watched.call("sick", DOWN)
    await trio.sleep(30)
    assert watched.refuses("sick") == pytest.approx(10)
    await watched.call("amber")
    await watched.call("birch")
    assert watched.circuit.state == "closed"


async def test_alone_a_tenant_that_failed_may_probe_again_a_little_later(autojump_clock: MockClock) -> None:
    watched = Watched()
    await watched.fail(["amber", "birch"])
    await trio.sleep(15)
    await watched.call("amber", DOWN)
    await trio.sleep(30)
    await trio.sleep(watched.refuses("amber"))
    await watched.call("amber")
    await watched.call("amber")
    assert watched.circuit.state == "closed"


async def test_answers_to_calls_from_before_it_opened_do_not_move_it(autojump_clock: MockClock) -> None:
    watched = Watched()
    before: list[Any] = [watched.circuit.admit("dogwood") for _ in range(5)]
    await watched.fail(["amber", "birch", "cedar"])
    for admission in before[:2]:
        watched.circuit.note(admission, failed=False)
    assert watched.circuit.state == "open"
    await trio.sleep(15)
    probe = watched.circuit.admit("elder")
    for admission in before[2:]:
        watched.circuit.note(admission, failed=True)
    assert watched.circuit.state == "half_open"
    watched.circuit.note(probe, failed=False)
