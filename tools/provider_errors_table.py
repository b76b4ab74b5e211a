"""Writes `docs/provider-errors.md` from the connectors' fault tables; a test compares the two."""

import sys
from collections.abc import Collection, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import httpx

from tallystick import errors
from tallystick.connectors.contract import TokenExpired
from tallystick.connectors.registry import MANIFESTS

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "provider-errors.md"
HEAD: Final = """\
# Providers' errors

What a provider's answer means, what the engine does about it by itself (`recovery`: see
[errors.md](errors.md)), what a person can do, and how it is counted: `fault` is the label of
`tallystick_provider_faults_total`, the datasets that it ended. The first row that fits an answer counts.

| fault | meaning |
| --- | --- |
| `transient` | The provider or the way to it fails for the moment. |
| `throttled` | A limit is used up. |
| `needs_reauthorisation` | The consent is gone; only the company can give a new one. |
| `permission_missing` | The consent, the user or the plan does not cover this list. |
| `not_supported` | The provider has no such data. |
| `provider_bug` | It answers what it does not promise. |
| `our_bug` | We asked for what cannot be asked. |

This page is written by `.venv/bin/python tools/provider_errors_table.py`; do not edit it.
"""
_COLUMNS: Final = "| answer | says | fault | code | recovery | fix |\n| --- | --- | --- | --- | --- | --- |\n"
#: Where an answer came that a table does not tell of, and where none came.
_EVERYWHERE: Final[tuple[tuple[str, str, type[errors.TallystickError]], ...]] = (
    ("none, or cut short", "", errors.ProviderUnavailable),
    ("none for `engine.sync_deadline`", "", errors.SyncStalled),
    ("failures of many tenants at once", "", errors.ProviderDown),
    ("200", "no JSON, or without its list", errors.PageUnreadable),
    ("200", "fewer rows than the total it tells", errors.CountMismatch),
    ("200", "rows that moved while they were read", errors.ListMoved),
    ("200", "a row that cannot be told in the standard model", errors.RecordRejected),
    ("not asked", "a data type that it has not", errors.NotSupported),
    ("400 to a refresh", "`invalid_grant`", errors.NeedsReauthorisation),
)


def page() -> str:
    """The whole page: a table for what every provider may answer, and one for each."""
    parts = [HEAD, "\n## Every provider\n\n", _COLUMNS, *(_told(*row) for row in _EVERYWHERE)]
    for slug, manifest in MANIFESTS.items():
        faults = import_module(f"tallystick.connectors.{slug}.faults").FAULTS
        parts += [f"\n## {manifest.name}\n\n", _COLUMNS, *map(_row, faults)]
    return "".join(parts)


def _row(fault: Any) -> str:
    """A row of a connector's table, by an answer that fits it."""
    statuses = sorted(fault.statuses)
    said: list[str] = sorted(getattr(fault, "words", ()) or getattr(fault, "codes", ()))
    request = httpx.Request("GET", "https://provider.example/Invoices")
    body = " ".join(said[:1]).encode()
    error = fault.meaning(httpx.Response(statuses[0], content=body, request=request), "Invoices")
    told = ", ".join(f"`{each}`" for each in said)
    if isinstance(error, TokenExpired):
        cells = (
            _spans(statuses),
            told,
            "",
            "",
            "`retry`",
            "The token is refreshed once, and the call made again.",
        )
        return _line(cells)
    return _told(_spans(statuses), told, type(error))


def _told(answer: str, said: str, error: type[errors.TallystickError]) -> str:
    return _line((answer, said, f"`{error.fault}`", f"`{error.code}`", f"`{error.recovery}`", error.fix))


def _line(cells: Collection[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _spans(statuses: list[int]) -> str:
    """`401`, `504, 524-525`."""

    def spans() -> Iterator[str]:
        first = last = statuses[0]
        for status in [*statuses[1:], 0]:
            if status == last + 1:
                last = status
                continue
            yield str(first) if first == last else f"{first}-{last}"
            first = last = status

    return ", ".join(spans())


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
