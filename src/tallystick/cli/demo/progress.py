"""Progress of the first sync: bars on a terminal, plain lines elsewhere."""

from types import TracebackType
from typing import Final, Self

import rich.progress
from attrs import define, field
from rich.console import Console

from tallystick.connectors.registry import MANIFESTS
from tallystick.engine import DatasetFinished, PageStored
from tallystick.telemetry import Telemetry

#: Datasets of a company's first sync; the most that any provider of the demo gives.
_DATASETS: Final = max(len(manifest.data_types) for manifest in MANIFESTS.values())


@define(eq=False)
class Progress:
    """Listens to the engine while it is open."""

    console: Console
    telemetry: Telemetry
    _bars: rich.progress.Progress | None = field(default=None, init=False)
    _tasks: dict[str, rich.progress.TaskID] = field(factory=dict, init=False)
    _names: dict[str, str] = field(factory=dict, init=False)
    _records: dict[str, int] = field(factory=dict, init=False)
    _done: dict[str, int] = field(factory=dict, init=False)

    def __enter__(self) -> Self:
        self.telemetry.listen(PageStored, self._page)
        self.telemetry.listen(DatasetFinished, self._dataset)
        if self.console.is_terminal:
            self._bars = rich.progress.Progress(
                rich.progress.TextColumn("{task.description}"),
                rich.progress.BarColumn(),
                rich.progress.TextColumn("{task.fields[records]:>7} records"),
                rich.progress.TimeElapsedColumn(),
                console=self.console,
            )
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def linked(self, connection_id: str, name: str) -> None:
        """A company has given its consent."""
        self._names[connection_id] = name
        if self._bars is None:
            self.console.print(f"linked {name}")
        else:
            self._tasks[connection_id] = self._bars.add_task(name, total=None, records=0)
            self._show(connection_id)

    def _page(self, event: PageStored) -> None:
        self._records[event.connection_id] = self._records.get(event.connection_id, 0) + event.records
        self._show(event.connection_id)

    def _dataset(self, event: DatasetFinished) -> None:
        self._done[event.connection_id] = self._done.get(event.connection_id, 0) + 1
        name = self._names.get(event.connection_id, event.connection_id)
        if self._bars is None and event.status != "Complete":
            self.console.print(f"{name}: {event.data_type} ended as {event.status}: {event.reason}")
        elif self._bars is None and event.data_type == "invoices":
            self.console.print(f"{name}: invoices are in")
        self._show(event.connection_id)

    def _show(self, connection_id: str) -> None:
        if self._bars is not None and connection_id in self._tasks:
            self._bars.update(
                self._tasks[connection_id],
                total=_DATASETS,
                completed=self._done.get(connection_id, 0),
                records=self._records.get(connection_id, 0),
            )
