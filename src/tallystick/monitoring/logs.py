"""One structured line for each unit of work, written at its end: events become JSON lines.

The rooms emit; this listens. Nothing is written for a page or a record. Every line passes the redaction last.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

import structlog
from attrs import define, field, fields

from tallystick.actors import ActorEnded, ActorParked, ActorRestarted, ActorResumed, Context, DeadLettered
from tallystick.config import LoggingSettings
from tallystick.connectors.budget import BudgetClosed
from tallystick.connectors.circuit import CircuitMoved
from tallystick.engine import (
    ConnectionMoved,
    CountsDiffer,
    DatasetFinished,
    DeletionsDecided,
    DeletionsHeld,
    NoticesDropped,
    PageRefused,
    RecordsRefreshed,
    RevocationFailed,
    SheddingBegan,
    SheddingEnded,
    StoreAwaited,
    SyncFinished,
    SyncStoodStill,
    TokenRefreshed,
    TokenRefreshFailed,
)
from tallystick.engine.quality_events import FieldsUnknown, FiguresDiffer
from tallystick.engine.remap_figures import RemapFinished
from tallystick.engine.schedule import ClockJumped
from tallystick.monitoring.log_writer import LogWriter
from tallystick.monitoring.redaction import redact
from tallystick.monitoring.requests import HandlerCrashed, HookRefused, RequestServed
from tallystick.store import ClientOpened, CommitFailed
from tallystick.telemetry import Telemetry

Level = Literal["debug", "info", "warning", "error"]
_LEVELS: Final[Mapping[Level, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_FIRST: Final = ("timestamp", "level", "event", "correlation_id", "client_id", "connection_id")
#: Asked every few seconds by machines: a line for each would hide the others.
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})


def _of_request(event: RequestServed) -> Level:
    if event.status >= 500:
        return "warning"
    return "debug" if event.route in _QUIET else "info"


def _of_dataset(event: DatasetFinished) -> Level:
    return "info" if event.status in {"Complete", "Cancelled"} else "warning"


def _of_sync(event: SyncFinished) -> Level:
    return "info" if event.outcome in {"ok", "cancelled"} else "warning"


def _of_dropped(event: NoticesDropped) -> Level:
    """What is told twice, or not read at all, is as it should be; the schedule reads the rest."""
    return "debug" if event.reason in {"duplicate", "not_read", "list_read"} else "info"


def _of_remap(event: RemapFinished) -> Level:
    return "warning" if event.outcome == "failed" else "info"


def _of_circuit(event: CircuitMoved) -> Level:
    return "warning" if event.now == "open" else "info"


def _of_calm(event: SheddingEnded) -> Level:
    return "error" if event.in_vain else "info"


#: Event, the line's name, and its level: the whole list of what is written.
LINES: Final[tuple[tuple[type, str, Level | Callable[[Any], Level]], ...]] = (
    (RequestServed, "request", _of_request),
    (HandlerCrashed, "request.crashed", "error"),
    (HookRefused, "hook.refused", "warning"),
    (NoticesDropped, "notices.dropped", _of_dropped),
    (RecordsRefreshed, "records.refreshed", "info"),
    (DatasetFinished, "dataset", _of_dataset),
    (SyncFinished, "sync", _of_sync),
    (SyncStoodStill, "sync.stood_still", "warning"),
    (PageRefused, "page.refused", "warning"),
    (CountsDiffer, "list.counts_differ", "warning"),
    (FiguresDiffer, "dataset.figures_differ", "error"),
    (FieldsUnknown, "fields.unknown", "info"),
    (DeletionsHeld, "deletions.held", "warning"),
    (DeletionsDecided, "deletions.decided", "info"),
    (ConnectionMoved, "connection.moved", "info"),
    (RemapFinished, "remap", _of_remap),
    (StoreAwaited, "store.awaited", "warning"),
    (TokenRefreshed, "token.refreshed", "info"),
    (TokenRefreshFailed, "token.refresh_failed", "warning"),
    (RevocationFailed, "token.revocation_failed", "warning"),
    (ActorRestarted, "actor.restarted", "warning"),
    (ActorParked, "actor.parked", "error"),
    (ActorResumed, "actor.resumed", "info"),
    (ActorEnded, "actor.ended", "error"),
    (DeadLettered, "actor.dead_letter", "warning"),
    (BudgetClosed, "budget.closed", "info"),
    (CircuitMoved, "circuit.moved", _of_circuit),
    (SheddingBegan, "shedding.began", "warning"),
    (SheddingEnded, "shedding.ended", _of_calm),
    (ClockJumped, "clock.jumped", "warning"),
    (CommitFailed, "commit.failed", "error"),
    (ClientOpened, "client.opened", "debug"),
)


@define(eq=False)
class Logs:
    """Writes the lines of one process. `listen` begins; nothing of structlog's is set up for the process."""

    telemetry: Telemetry
    settings: LoggingSettings
    clock: Callable[[], datetime]
    write: Callable[[str], object]
    _logger: Any = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._logger = structlog.wrap_logger(
            _Sink(self.write),
            processors=[
                structlog.processors.add_log_level,
                self._stamp,
                structlog.processors.format_exc_info,
                _redacted,
                _in_order,
                _renderer(self.settings),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[self.settings.level]),
            cache_logger_on_first_use=True,
        ).bind()

    def listen(self) -> Callable[[], None]:
        """Write a line for each of `LINES` from now on. Returns what ends it."""
        ends = [self._listen(kind, name, level) for kind, name, level in LINES]

        def end_all() -> None:
            for end in ends:
                end()

        return end_all

    def line(self, level: Level, name: str, **values: object) -> None:
        """Write one line, for what is no event: the start and the end of the process."""
        getattr(self._logger, level)(name, **values)

    def standard_handler(self) -> logging.Handler:
        """What takes the lines of libraries, from warnings on, for Python's own logging."""
        return _FromLibraries(self._logger)

    def _listen(self, kind: type, name: str, level: Level | Callable[[Any], Level]) -> Callable[[], None]:
        names = tuple(declared.name for declared in fields(kind))

        def hear(event: object) -> None:
            values = {name: getattr(event, name) for name in names}
            context = values.pop("context", None)
            if isinstance(context, Context):
                values["client_id"] = context.client_id
                values["correlation_id"] = context.trace
            self.line(level(event) if callable(level) else level, name, **values)

        return self.telemetry.listen(kind, hear)

    def _stamp(self, _: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["timestamp"] = self.clock().astimezone(UTC).isoformat(timespec="milliseconds")
        return line


@contextmanager
def logs_to(
    stream: TextIO, telemetry: Telemetry, settings: LoggingSettings, clock: Callable[[], datetime]
) -> Iterator[Logs]:
    """The log of a process on a stream while the block is open, lines of libraries included."""
    with LogWriter(stream) as writer:
        logs = Logs(telemetry, settings, clock, writer)
        end, handler, standard = logs.listen(), logs.standard_handler(), logging.getLogger()
        standard.addHandler(handler)
        try:
            yield logs
        finally:
            standard.removeHandler(handler)
            end()


@define(eq=False)
class _Sink:
    """Where structlog leaves finished lines; its methods are named as levels."""

    write: Callable[[str], object]

    def __getattr__(self, level: str) -> Callable[[str], object]:
        return self.write


class _FromLibraries(logging.Handler):
    """A record of Python's logging as one of our lines."""

    def __init__(self, logger: Any) -> None:
        super().__init__(logging.WARNING)
        self.logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        write = self.logger.error if record.levelno >= logging.ERROR else self.logger.warning
        write("library", library=record.name, message=record.getMessage(), exc_info=record.exc_info)


def _redacted(_: object, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: redact(value, name=name) for name, value in line.items()}


def _in_order(_: object, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """The same fields first in every line; those that say nothing are left out."""
    ordered = {name: line[name] for name in _FIRST if line.get(name) not in {None, ""}}
    return ordered | {name: value for name, value in line.items() if name not in _FIRST and value is not None}


def _renderer(settings: LoggingSettings) -> Any:
    if settings.format == "console":
        return structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)
    return structlog.processors.JSONRenderer(json.dumps, default=str, ensure_ascii=False)
