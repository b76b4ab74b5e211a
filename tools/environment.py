"""Makes `.venv` fit `requirements.lock` and `pyproject.toml`; with the standard library alone.

`fits` ends with 0 when the stamp says that it does: no pip, no network. `make` builds what is missing.
The stamp is written last and holds what it was built from, so an interrupted build never counts as done.
"""

# ruff: noqa: T201 - printing is what a tool does

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Set
from pathlib import Path
from typing import Any, Final, NoReturn

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
PYTHON: Final = VENV / "bin" / "python"
STAMP: Final = VENV / "tallystick-stamp.json"
LOCK: Final = ROOT / "requirements.lock"
PYPROJECT: Final = ROOT / "pyproject.toml"
#: What builds packages that come without a wheel: put in first, from the lock.
BUILDERS: Final = frozenset({"pip", "setuptools"})
#: Raised when the way of building changes, so that older environments are built anew.
RECIPE: Final = 1


def main(act: str) -> int:
    """Run `fits`, `make` or `stamp` (only writes the stamp). Returns the exit code."""
    if act == "fits":
        return 0 if _fits() else 1
    # A second `make` waits here for the first, then finds the work done.
    with Path(__file__).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if act == "stamp":
            _write_stamp(_stamp(_version(str(PYTHON)), _needs()))
        elif not _fits():
            _build()
    return 0


def _fits() -> bool:
    python = _version(str(PYTHON))
    if not python or _read_stamp() != _stamp(python, _needs()):
        return False
    chosen = os.environ.get("PYTHON")
    return not chosen or _version(chosen) == python


def _stamp(python: str, needs: str) -> dict[str, Any]:
    """What an environment was built from. A moved tree does not fit: its scripts hold the old path."""
    return {"recipe": RECIPE, "python": python, "path": str(ROOT), "needs": needs}


def _needs() -> str:
    """A hash of the lock and of the part of pyproject.toml that an installation depends on."""
    project = tomllib.loads(PYPROJECT.read_text())
    table = project["project"]
    part = [
        project["build-system"],
        *(table.get(key) for key in ("name", "requires-python", "scripts")),
        *(table.get(key) for key in ("dependencies", "optional-dependencies")),
    ]
    return hashlib.sha256(LOCK.read_bytes() + json.dumps(part, sort_keys=True).encode()).hexdigest()


def _read_stamp() -> dict[str, Any]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(stamp: dict[str, Any]) -> None:
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps(stamp, indent=1) + "\n")
    new.replace(STAMP)


def _version(python: str) -> str:
    """`3.12` of that Python; nothing when it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        told = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()


def _version_of_this() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _build() -> None:
    """Bring a finished environment up to date in place; build anything else from nothing."""
    mine = _version_of_this()
    before = _read_stamp()
    if before == _stamp(mine, before.get("needs", "")) and _version(str(PYTHON)) == mine:
        _say("bringing .venv up to date")
        STAMP.unlink()
    else:
        _say(f"making .venv with Python {mine}: the first time takes a minute or two")
        _create()
    fault = _fill()
    if fault:
        # What pip leaves is sound but fits nothing: the next run goes on from it.
        _write_stamp(_stamp(mine, "unsettled"))
        _stop(fault)
    _write_stamp(_stamp(mine, _needs()))
    _say(".venv is ready")


def _create() -> None:
    _require_ensurepip()
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    # When .venv is the active environment, the running Python was just deleted: its base makes the new one.
    base = Path(sys.base_prefix, "bin", f"python{_version_of_this()}")
    python = str(base) if base.exists() else sys.executable
    if subprocess.run([python, "-m", "venv", str(VENV)], check=False).returncode != 0:  # noqa: S603
        _stop(f"{python} -m venv failed: see above")


def _require_ensurepip() -> None:
    if _has_ensurepip():
        return
    version = _version_of_this()
    package = "python3-venv" if _version("/usr/bin/python3") == version else f"python{version}-venv"
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        _say(f"this Python has no ensurepip: installing {package}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            subprocess.run([apt, *words], check=False, env=quiet)  # noqa: S603 - judged by what is there after
        if _has_ensurepip():
            return
    _stop(
        f"Python {version} ({sys.executable}) has no ensurepip module, which makes the environment.\n"
        f"  On Debian and Ubuntu: sudo apt-get update && sudo apt-get install {package}"
    )


def _has_ensurepip() -> bool:
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def _fill() -> str:
    """Put in what the lock names and the project itself. Returns what went wrong, or nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as builders:
        builders.write(_entries(BUILDERS))
        builders.flush()
        ready = _install("-r", builders.name)
    if not (ready and _install("-r", str(LOCK))):
        return (
            "pip could not install what requirements.lock names: see above.\n"
            "  The first run, and the first after the lock has changed, needs a package index: the public\n"
            "  one, or the one that pip is configured for (PIP_INDEX_URL). After that no network is needed."
        )
    if not _remove_strays():
        return "pip could not remove what requirements.lock no longer names: see above"
    if not _pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)):
        return "pip could not install the project itself: see above"
    return ""


def _install(*words: str) -> bool:
    # Without isolation, since that would fetch and run build tools that no hash vouches for.
    return _pip("install", "--require-hashes", "--no-build-isolation", *words)


def _entries(names: Set[str]) -> str:
    """The lock's entries of these packages, pins and hashes."""
    entries = re.split(r"\n(?=\w)", LOCK.read_text())
    return "\n".join(entry for entry in entries if _normal(entry.partition("==")[0]) in names)


def _remove_strays() -> bool:
    """Take out what an older lock had put in: nothing may work here and fail elsewhere."""
    ask = "from importlib.metadata import distributions as d; print(*(i.name for i in d()), sep='\\n')"
    told = subprocess.run([str(PYTHON), "-I", "-c", ask], capture_output=True, text=True, check=True)  # noqa: S603
    locked = {_normal(line.partition("==")[0]) for line in LOCK.read_text().splitlines() if "==" in line}
    strays = {_normal(name) for name in told.stdout.split()} - locked - {"tallystick"}
    return not strays or _pip("uninstall", "--yes", *sorted(strays))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pip(act: str, *words: str) -> bool:
    command = [str(PYTHON), "-m", "pip", act, "--quiet", "--disable-pip-version-check", *words]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def _say(line: str) -> None:
    print(f"tallystick: {line}", file=sys.stderr, flush=True)


def _stop(message: str) -> NoReturn:
    _say(message)
    sys.exit(1)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "make"))
    except KeyboardInterrupt:
        sys.exit(130)
