"""Writes `docs/coverage-of-tests.md`: what the tests reach, by room, from the output of `coverage json`.

The page is left alone while no figure has moved by more than 0.1 point, so that a run of the tests does
not change the tree.
"""

# ruff: noqa: T201 - printing is what a tool does

import json
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from attrs import define

PACKAGE: Final = "tallystick"
TOLERANCE: Final = 0.1  #: points
HEAD: Final = """\
# What the tests reach

Statements and branches of each room that the whole suite runs, processes that it starts included.
Written by `make test`, when a figure has moved by more than 0.1 point; do not edit it.

"""
COLUMNS: Final = """\
| room | statements | branches | covered % |
| --- | ---: | ---: | ---: |
"""


@define
class Reach:
    """Counts of one room."""

    statements: int = 0
    branches: int = 0
    reached: int = 0  #: statements and branches together

    @property
    def percent(self) -> float:
        """Of statements and branches together, as coverage counts it; 100 where there are none."""
        possible = self.statements + self.branches
        return 100.0 * self.reached / possible if possible else 100.0

    def add(self, summary: Mapping[str, Any]) -> None:
        """Count one file's summary, or another room's."""
        self.statements += summary["num_statements"]
        self.branches += summary["num_branches"]
        self.reached += summary["covered_lines"] + summary["covered_branches"]


def rooms(report: Mapping[str, Any]) -> dict[str, Reach]:
    """What is reached of each room, and of `all` at the end. A module beside the rooms is its own."""
    found: defaultdict[str, Reach] = defaultdict(Reach)
    whole = Reach()
    for name, file in report["files"].items():
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if PACKAGE not in parts:
            continue
        inside = parts[len(parts) - 1 - parts[::-1].index(PACKAGE) + 1 :]
        found[inside[0]].add(file["summary"])
        whole.add(file["summary"])
    # Empty modules have nothing to reach.
    told = {name: reach for name, reach in sorted(found.items()) if reach.statements}
    return {**told, "all": whole}


def table(reached: Mapping[str, Reach]) -> str:
    """One row a room."""
    rows = (
        f"| {name} | {reach.statements} | {reach.branches} | {reach.percent:.1f} |\n"
        for name, reach in reached.items()
    )
    return COLUMNS + "".join(rows)


def moved(before: str, reached: Mapping[str, Reach]) -> bool:
    """Whether a room came or went, or a figure is more than the tolerance from the page's."""
    rows = re.findall(r"^\| ([\w.]+) \| \d+ \| \d+ \| ([\d.]+) \|$", before, re.MULTILINE)
    told = {name: float(percent) for name, percent in rows}
    # The page rounds to a tenth, so the comparison does too.
    return told.keys() != reached.keys() or any(
        round(abs(round(reach.percent, 1) - told[name]), 1) > TOLERANCE for name, reach in reached.items()
    )


def main(words: Sequence[str]) -> int:
    """`coverage_report.py REPORT.json PAGE.md`, or `--print` in the page's place."""
    report, target = words
    reached = rooms(json.loads(Path(report).read_text()))
    if target == "--print":
        print(table(reached), end="")
        return 0
    file = Path(target)
    if not file.exists() or moved(file.read_text(), reached):
        file.write_text(HEAD + table(reached))
        print(f"{target} has new figures")
    print(f"covered: {reached['all'].percent:.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
