"""The one door to monitoring."""

import math

from attrs import frozen

from tallystick.telemetry import Telemetry


@frozen
class Happened:
    what: str


@frozen
class Other:
    pass


def test_whoever_listens_hears_each_event_of_its_class_once_and_in_order() -> None:
    telemetry, heard = Telemetry(), []
    telemetry.listen(Happened, lambda event: heard.append(("first", event.what)))
    telemetry.listen(Happened, lambda event: heard.append(("second", event.what)))
    telemetry.emit(Happened("a"))
    telemetry.emit(Other())
    assert heard == [("first", "a"), ("second", "a")]


def test_a_listener_that_fails_is_counted_and_harms_nobody() -> None:
    telemetry, heard = Telemetry(), []

    def fail(event: Happened) -> None:
        raise ValueError(event.what)

    telemetry.listen(Happened, fail)
    telemetry.listen(Happened, heard.append)
    telemetry.emit(Happened("a"))
    assert len(heard) == 1
    assert telemetry.listener_failures == 1
    assert isinstance(telemetry.last_failure, ValueError)


def test_listening_can_be_ended() -> None:
    telemetry, heard = Telemetry(), []
    end = telemetry.listen(Happened, heard.append)
    end()
    telemetry.emit(Happened("a"))
    assert heard == []


def test_a_sample_is_read_when_somebody_looks() -> None:
    telemetry, depth = Telemetry(), [1.0]
    telemetry.observe("depth", lambda: depth[0])
    depth[0] = 7.0
    assert telemetry.sample("depth") == 7.0
    assert math.isnan(telemetry.sample("nobody offers this"))  # type: ignore[arg-type]


def test_a_fault_point_is_silent_until_a_simulation_listens_and_then_may_raise() -> None:
    telemetry, passed = Telemetry(), []
    telemetry.point("commit.ready")
    telemetry.faults = passed.append
    telemetry.point("page.fetched")
    assert passed == ["page.fetched"]
