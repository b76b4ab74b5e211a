"""What a mapping doubts about one row, and words of the provider's that it does not know."""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeVar

from attrs import define

from tallystick.connectors.contract import Issue
from tallystick.standard import DataType

W = TypeVar("W", bound=str)

#: A word that may be shown: of anything else it is not told what it was, since it may be somebody's data.
_WORD: Final = re.compile(r"[A-Za-z0-9_ -]{1,40}", re.ASCII)


@define
class Doubts:
    """Where the doubts about one row go."""

    issues: list[Issue]
    record_id: str | None = None
    data_type: DataType | None = None

    def warn(self, path: str, message: str) -> None:
        """The record is kept, but for what the path names."""
        self._add("warning", path, message)

    def reject(self, path: str, message: str) -> None:
        """The record is left out."""
        self._add("rejected", path, message)

    def _add(self, severity: Literal["warning", "rejected"], path: str, message: str) -> None:
        self.issues.append(
            Issue(
                severity=severity,
                path=path,
                message=message,
                record_id=self.record_id,
                data_type=self.data_type,
            )
        )


def word(table: Mapping[str, W], told: str | None, path: str, doubts: Doubts) -> W | Literal["Unknown"]:
    """Our word for one of theirs, written in any case; `Unknown` where there is none.

    There is a doubt where theirs is new. The table has capitals where theirs may have others.
    """
    if not told:
        return "Unknown"
    return table.get(told) or table.get(told.upper()) or _new(told, path, doubts)


def exact_word(table: Mapping[str, W], told: str | None, path: str, doubts: Doubts) -> W | Literal["Unknown"]:
    """The same for a provider whose words differ by their case."""
    if not told:
        return "Unknown"
    return table.get(told) or _new(told, path, doubts)


def _new(told: str, path: str, doubts: Doubts) -> Literal["Unknown"]:
    shown = told if _WORD.fullmatch(told) else "this"
    doubts.warn(path, f"{shown} is no word that this mapping knows")
    return "Unknown"
