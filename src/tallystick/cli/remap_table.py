"""What a remap found, for people: figures by data type, and the fields that change with a few values."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import rich.progress
from rich.console import Console
from rich.table import Table

Found = Mapping[str, Any]  #: a remap as the operators' door tells it

_FIELDS_SHOWN: Final = 40
_VALUE_SHOWN: Final = 40  #: characters
_COUNTED: Final = ("seen", "updated", "created", "deleted", "unchanged", "rejected")


@contextmanager
def bar(console: Console, doing: str) -> Generator[Callable[[Found], None], None, None]:
    """A bar on a terminal, nothing elsewhere. Gives what moves it."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TextColumn("{task.fields[told]}"),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(doing, total=None, told="")

        def show(found: Found) -> None:
            seen = sum(tally["seen"] for tally in found["byType"].values())
            told = f"{seen} records, connection {found['connections']} of {found['connectionsAll']}"
            progress.update(task, total=found["pagesAll"] or None, completed=found["pages"], told=told)

        yield show


def show_figures(console: Console, found: Found) -> None:
    """A line a data type: seen = updated + created + deleted + unchanged + rejected."""
    table = Table(box=None, pad_edge=False)
    table.add_column("data type", no_wrap=True)
    for name in _COUNTED:
        table.add_column(name, justify="right")
    for data_type, tally in sorted(found["byType"].items()):
        table.add_row(data_type, *(str(tally[name]) for name in _COUNTED))
    console.print(table if found["byType"] else "no stored record is concerned")
    if found["unreadablePages"]:
        console.print(f"{found['unreadablePages']} stored answers cannot be read, and stay as they are")
    for connection_id, reason in found["failures"].items():
        console.print(f"connection {connection_id}: {reason}", markup=False, soft_wrap=True)


def show_fields(console: Console, found: Found) -> None:
    """The fields that change, those of most records first, each with a few values before and after."""
    fields = found["fields"]
    for field in fields[:_FIELDS_SHOWN]:
        console.print(
            f"\n{field['dataType']} {field['path']}: {field['records']} records", markup=False, soft_wrap=True
        )
        for sample in field["samples"]:
            before, after = _short(sample["before"]), _short(sample["after"])
            console.print(f"  {sample['recordId']}: {before} → {after}", markup=False, soft_wrap=True)
    if len(fields) > _FIELDS_SHOWN:
        console.print(f"\nand {len(fields) - _FIELDS_SHOWN} fields more: --json has them all")


def changed(found: Found) -> int:
    """How many records a client sees changed."""
    return sum(t["updated"] + t["created"] + t["deleted"] for t in found["byType"].values())


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
