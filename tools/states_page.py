"""Writes `docs/connection-states.md` from `tallystick.engine.states`; a test compares the two."""

import sys
from pathlib import Path
from typing import Final

from tallystick.engine.states import MEANING, MOVES, STATUS

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "connection-states.md"
HEAD: Final = """\
# The states of a connection

Every connection has one actor, and its state moves only along these arrows; a move that is not here is a
bug of ours, and a crash. Each move is an event with a reason (`ConnectionMoved`) and a log line. The API's
four statuses are a view of the states. What a connection rests in is stored with its reason and, where a
person can do something, with a proposal.

This page is written by `.venv/bin/python tools/states_page.py`; do not edit it.

"""


def page() -> str:
    """A diagram of the moves and a table of the states."""
    moves = "".join(f"    {was} --> {now}\n" for was in MOVES for now in sorted(MOVES[was]))
    rows = "".join(f"| {state} | {STATUS[state]} | {MEANING[state]} |\n" for state in MOVES)
    return (
        f"{HEAD}```mermaid\nstateDiagram-v2\n    [*] --> PendingAuth\n{moves}```\n\n"
        f"| state | the API says | a connection that |\n| --- | --- | --- |\n{rows}"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE}\n")
