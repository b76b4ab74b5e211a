"""One line for each unit of work, with whose it was, and without secrets."""

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import define, field, fields

from tallystick.actors import ActorParked, ActorRestarted, Context, DeadLettered
from tallystick.config import LoggingSettings
from tallystick.engine import DatasetFinished, PageStored, SyncFinished, TokenRefreshed
from tallystick.monitoring import HandlerCrashed, Logs, RequestServed, logs_to
from tallystick.monitoring.logs import LINES
from tallystick.store import CommitFailed
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC)


@define(eq=False)
class Log:
    """A log that a test reads."""

    telemetry: Telemetry = field(factory=Telemetry)
    written: list[str] = field(factory=list)

    def listen(self, **settings: Any) -> Logs:
        logs = Logs(self.telemetry, LoggingSettings(**settings), lambda: NOW, self.written.append)
        logs.listen()
        return logs

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written]


@pytest.fixture
def log() -> Log:
    return Log()


def a_request(**options: Any) -> RequestServed:
    values: dict[str, Any] = {
        "route": "/companies",
        "method": "GET",
        "status": 200,
        "seconds": 0.012,
        "correlation_id": "0" * 32,
        "client_id": "acme",
    }
    return RequestServed(**{**values, **options})


def test_a_request_is_one_line_of_json_with_whose_it_was_first(log: Log) -> None:
    log.listen()
    log.telemetry.emit(a_request())
    (text,) = log.written
    assert "\n" not in text
    assert list(json.loads(text))[:5] == ["timestamp", "level", "event", "correlation_id", "client_id"]
    assert json.loads(text) == {
        "timestamp": "2026-03-01T12:00:00.005+00:00",
        "level": "info",
        "event": "request",
        "correlation_id": "0" * 32,
        "client_id": "acme",
        "route": "/companies",
        "method": "GET",
        "status": 200,
        "seconds": 0.012,
    }


def test_a_dataset_and_a_sync_are_a_line_each_and_a_page_is_none(log: Log) -> None:
    log.listen()
    whose = {"platform": "xero", "client_id": "acme", "connection_id": "c1"}
    page = {
        declared.name: whose.get(declared.name, 0 if declared.type == "int" else None)
        for declared in fields(PageStored)
    }
    log.telemetry.emit(PageStored(**page))  # type: ignore[arg-type]
    ended = DatasetFinished(dataset_id="d1", data_type="invoices", status="Complete", reason=None, **whose)
    log.telemetry.emit(ended)
    log.telemetry.emit(SyncFinished(sync_id="s1", outcome="ok", seconds=2.5, **whose))
    assert [(line["event"], line["client_id"], line["connection_id"]) for line in log.lines] == [
        ("dataset", "acme", "c1"),
        ("sync", "acme", "c1"),
    ]


@pytest.mark.parametrize(
    ("event", "name", "level"),
    [
        (a_request(status=503), "request", "warning"),
        (
            HandlerCrashed(error="KeyError", route="/x", where="m:1", correlation_id="0" * 32),
            "request.crashed",
            "error",
        ),
        (ActorParked(kind="connection", actor="c1", reason="KeyError: x"), "actor.parked", "error"),
        (CommitFailed(database="client", jobs=3, reason="OperationalError"), "commit.failed", "error"),
        (TokenRefreshed(platform="xero", grant_id="g1", seconds=0.2), "token.refreshed", "info"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_how_bad_it_is_is_the_lines_level(event: object, name: str, level: str, log: Log) -> None:
    log.listen()
    log.telemetry.emit(event)
    (line,) = log.lines
    assert (line["event"], line["level"]) == (name, level)


def test_a_restart_and_a_dead_letter_tell_whose_work_it_was(log: Log) -> None:
    log.listen()
    context = Context(client_id="acme", trace="f" * 32)
    trace = "Traceback (most recent call last):\n  in handle\nRuntimeError: poison\n"
    restarted = ActorRestarted(
        kind="connection", actor="c1", reason="RuntimeError: poison", traceback=trace, context=context
    )
    dead = DeadLettered(
        kind="connection",
        actor="c1",
        letter="connections-1",
        message="Sync",
        reason="poison",
        context=context,
    )
    log.telemetry.emit(restarted)
    log.telemetry.emit(dead)
    assert [(line["client_id"], line["correlation_id"]) for line in log.lines] == [("acme", "f" * 32)] * 2
    assert log.lines[0]["traceback"] == trace
    assert "context" not in log.lines[0]


def test_lines_below_the_level_are_not_written(log: Log) -> None:
    log.listen(level="warning")
    log.telemetry.emit(a_request())
    assert log.written == []
    log.telemetry.emit(a_request(status=500))
    assert len(log.written) == 1


@pytest.mark.parametrize("route", ["/healthz", "/readyz", "/metrics"])
def test_what_machines_ask_every_few_seconds_is_told_only_when_asked_for(route: str, log: Log) -> None:
    log.listen()
    log.telemetry.emit(a_request(route=route))
    assert log.written == []
    log.listen(level="debug")
    log.telemetry.emit(a_request(route=route))
    assert len(log.written) == 1


def test_secrets_in_an_event_are_taken_out(log: Log) -> None:
    log.listen()
    reason = "HTTPError: refused {'authorization': 'Bearer abcdefghijklmnop'} tally_0123456789abcdef"
    log.telemetry.emit(ActorRestarted(kind="grant", actor="g1", reason=reason, traceback=f"...\n{reason}\n"))
    (text,) = log.written
    assert "abcdefghijklmnop" not in text
    assert "0123456789abcdef" not in text
    assert text.count("[redacted]") >= 4


def test_people_can_have_lines_without_json(log: Log) -> None:
    log.listen(format="console")
    log.telemetry.emit(a_request())
    (text,) = log.written
    assert "request" in text
    assert "client_id=acme" in text
    assert not text.startswith("{")


def test_a_listener_that_has_ended_writes_nothing(log: Log) -> None:
    logs = Logs(log.telemetry, LoggingSettings(), lambda: NOW, log.written.append)
    end = logs.listen()
    end()
    log.telemetry.emit(a_request())
    assert log.written == []


def test_every_event_of_the_list_becomes_a_line_and_none_fails(log: Log) -> None:
    """Whatever its fields are."""
    log.listen(level="debug")
    for kind, *_ in LINES:
        values: dict[str, Any] = {}
        for declared in fields(kind):
            if declared.name == "context":
                values["context"] = Context()
            elif declared.name == "status" and kind is RequestServed:
                values["status"] = 200
            elif declared.default is not None or declared.name:
                values[declared.name] = "x"
        log.telemetry.emit(kind(**values))
    assert log.telemetry.last_failure is None
    assert [line["event"] for line in log.lines] == [name for _, name, _ in LINES]


def test_a_librarys_warning_passes_the_same_redaction() -> None:
    stream = io.StringIO()
    with logs_to(stream, Telemetry(), LoggingSettings(), lambda: NOW):
        library = logging.getLogger("some.library")
        library.info("not this")
        try:
            raise ValueError("password=hunter2hunter2")
        except ValueError:
            library.exception("it failed with %s", "Bearer abcdefghijklmnop")
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert (line["event"], line["library"], line["level"]) == ("library", "some.library", "error")
    assert "ValueError" in line["exception"]
    assert "hunter2" not in stream.getvalue()
    assert "abcdefghijklmnop" not in stream.getvalue()
    assert not any(type(handler).__name__ == "_FromLibraries" for handler in logging.getLogger().handlers)
