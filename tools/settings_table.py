"""Writes docs/configuration.md from the settings classes: names, defaults, and their own comments."""

import inspect
import re
import sys
from pathlib import Path
from typing import Final

from attrs import NOTHING, Factory, fields

from tallystick import config

PAGE: Final = Path(__file__).parent.parent / "docs" / "configuration.md"

_HEAD: Final = """\
# Configuration

`tallystick.toml` in the working directory, or the file that `--config` names. Each setting can also be
given in the environment, which wins: `TALLYSTICK_SERVER_PORT=8080` is `[server] port`. An unknown
setting stops the start, with the nearest known name. Secrets are given by reference: `file:/path`,
`env:NAME` or `cmd:command`.

The key-encryption key is `[store] key`, or `TALLYSTICK_KEY` in the environment (32 bytes in base64 or
hex).

This page is made by `tools/settings_table.py`; a test compares.

`environment` (top level): `production` (default) or `development`.
"""

_SECTIONS: Final = (
    ("server", config.ServerSettings),
    ("store", config.StoreSettings),
    ("engine", config.EngineSettings),
    ("logging", config.LoggingSettings),
    ("providers.SLUG", config.ProviderSettings),
)


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for name, kind in _SECTIONS:
        told = _comments(kind)
        parts.append(f"## [{name}]\n\n{inspect.cleandoc(kind.__doc__ or '')}\n")
        parts.append("| setting | default | what it is |\n|---|---|---|")
        parts += [
            f"| `{field.name}` | {_default(field.default)} | {told.get(field.name, '')} |"
            for field in fields(kind)
        ]
        parts.append("")
    return "\n".join(parts)


def _default(value: object) -> str:
    if value is NOTHING:
        return "required"
    if isinstance(value, Factory):  # type: ignore[arg-type]
        return ""
    if value is None:
        return "none"
    return f"`{value}`"


def _comments(kind: type) -> dict[str, str]:
    """The `#:` comments of a settings class, by field."""
    told: dict[str, str] = {}
    name = ""
    for line in inspect.getsource(kind).splitlines():
        declared = re.match(r"    (\w+):", line)
        if declared:
            name = declared[1]
        comment = line.partition("#:")[2].strip()
        if comment and name:
            told[name] = f"{told.get(name, '')} {comment}".strip()
    return told


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
