"""Keeps `requirements.lock` in step with `pyproject.toml`.

`check` needs no network: the lock's first line holds a hash of the dependency lists that it was compiled
from. `compile` asks the package index; pins that still fit stay, unless `--upgrade` is passed.
"""

# ruff: noqa: T201 - printing is what a tool does

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
PYPROJECT: Final = ROOT / "pyproject.toml"
HEAD: Final = "# pyproject-dependencies: "
#: No address may be in the lock: where packages come from is each machine's own setting.
COMPILE: Final = (
    *("pip", "compile", "-q", "--universal", "--generate-hashes", "--no-emit-index-url"),
    *("--no-header", "--no-annotate", "--all-extras"),
)


def dependencies_hash(pyproject: str) -> str:
    """The sha256, in hex, of what the lock is compiled from; comments and layout do not count."""
    project = tomllib.loads(pyproject)["project"]
    lists = {key: project[key] for key in ("requires-python", "dependencies", "optional-dependencies")}
    return hashlib.sha256(json.dumps(lists, sort_keys=True).encode()).hexdigest()


def head_line(lock: str) -> str:
    """The hash that a lock says it was compiled from; nothing when it says none."""
    first = lock.partition("\n")[0]
    return first.removeprefix(HEAD).strip() if first.startswith(HEAD) else ""


def check() -> int:
    """Exit code 0 when the lock was compiled from the dependencies as they are now."""
    if head_line(LOCK.read_text()) == dependencies_hash(PYPROJECT.read_text()):
        return 0
    print(
        "requirements.lock was compiled from other dependencies than pyproject.toml has now.\n"
        "  Run `make lock` (it needs a package index) and commit both.",
        file=sys.stderr,
    )
    return 1


def compile_lock(flags: Sequence[str]) -> int:
    """Compile the lock and put the hash at its head; the old lock stays when that fails."""
    uv = Path(sys.executable).with_name("uv")
    new = LOCK.with_suffix(".lock.new")
    # Given the old pins, uv changes only what has to change.
    new.write_bytes(LOCK.read_bytes() if LOCK.exists() else b"")
    try:
        done = subprocess.run(  # noqa: S603
            [str(uv), *COMPILE, *flags, "--output-file", new.name, PYPROJECT.name],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=False,
            env={**os.environ, "UV_NO_PROGRESS": "1"},
        )
        if done.returncode != 0:
            print("requirements.lock is as it was: uv could not compile it, see above", file=sys.stderr)
            return 1
        text = f"{HEAD}{dependencies_hash(PYPROJECT.read_text())}\n{new.read_text()}"
        if "://" in text:
            print("requirements.lock is as it was: uv wrote an address into it", file=sys.stderr)
            return 1
        new.write_text(text)
        new.replace(LOCK)
    finally:
        new.unlink(missing_ok=True)
    return 0


def main(words: Sequence[str]) -> int:
    """Run `check` or `compile [FLAGS]`."""
    match words:
        case ["check"]:
            return check()
        case ["compile", *flags]:
            return compile_lock(flags)
        case _:
            print("usage: lock.py check | compile [FLAGS of uv pip compile]", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
