"""The command line: one module a command, each with `HELP`, `EXAMPLE`, `add_arguments` and `run`.

Exit codes: 0 all is well, 1 the thing asked about is not well, 2 wrong use or configuration.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Final, Protocol, cast

import tallystick
from tallystick.errors import AskPerson, ConfigurationInvalid, StoreUnusable

__all__ = ["main"]

COMMANDS: Final = (
    "demo",
    "init",
    "serve",
    "sandbox",
    "check",
    "clients",
    "actors",
    "map",
    "remap",
    "explain",
    "bench",
)


class Command(Protocol):
    """What a command's module has."""

    HELP: str  #: one line
    EXAMPLE: str  #: a command line that works

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it. Returns the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the console script's entry."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="tallystick",
        description="Links companies' accounting software and serves their books in one standard form.",
    )
    parser.add_argument("--version", action="version", version=f"tallystick {tallystick.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    # Only the command that is asked for is imported: `tallystick map` must not pay for a web server.
    asked = next((word for word in words if word in COMMANDS), None)
    for name in COMMANDS if asked is None else (asked,):
        module = cast(Command, importlib.import_module(f"tallystick.cli.{name}"))
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"Example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except AskPerson as error:
        return _tell(error)
    except BaseExceptionGroup as group:  # nurseries wrap what ends them
        told = _only(group)
        if told is None:
            raise
        return _tell(told)
    except KeyboardInterrupt:
        return 130


def _tell(error: AskPerson) -> int:
    said = isinstance(error, ConfigurationInvalid | StoreUnusable)  # these say how to mend it themselves
    print(f"tallystick: {error}" if said else f"tallystick: {error}. {error.fix}", file=sys.stderr)
    return 2


def _only(group: BaseExceptionGroup[BaseException]) -> AskPerson | None:
    """The one error that a group holds, where it is for a person to mend."""
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    return inner if isinstance(inner, AskPerson) else None
