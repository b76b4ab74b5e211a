"""Writes `docs/errors.md` from `tallystick.errors`; a test compares the two."""

import sys
from pathlib import Path
from typing import Final

from tallystick import errors

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "errors.md"
HEAD: Final = """\
# Errors

Every error that Tallystick tells about has a code. A code is public: it keeps its meaning, and a code
that has gone is not given to something else. `recovery` is what the engine does next by itself:

- `retry`: the same act is tried again later; nobody has to do anything.
- `skip`: one record is left out with its reason; the rest goes on.
- `stop`: this connection or dataset ends in error; what was stored before stays.
- `ask_person`: only a person can mend it.

This page is written by `.venv/bin/python tools/errors_table.py`; do not edit it.

| code | recovery | meaning | fix |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page: one row for each error with a code, in the order of the codes."""
    leaves = (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.TallystickError) and "code" in vars(kind)
    )
    return HEAD + "".join(sorted(_row(kind) for kind in leaves))


def _row(kind: type[errors.TallystickError]) -> str:
    meaning = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    cells = (f"`{kind.code}`", f"`{kind.recovery}`", meaning, kind.fix)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
