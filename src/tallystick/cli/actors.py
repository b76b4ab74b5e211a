"""`tallystick actors`: what the actors of a running engine are doing, and what a person can mend."""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from tallystick.cli.operators_door import (
    TOKEN_VARIABLE,
    URL_VARIABLE,
    NotWell,
    OperatorsDoor,
    door_of_demo,
    url_of,
)
from tallystick.config import Secret
from tallystick.errors import ConfigurationInvalid

HELP = "Show what every actor of a running engine is doing; resume parked ones, send dead letters again."
EXAMPLE = "tallystick actors --data demo"

_EVERY_S: Final = 2.0
_NOT_FOUND: Final = 404  #: HTTP status
_WIDTH: Final = 160  #: of the tables where there is no terminal to ask
_WIDE: Final = 120  #: columns from which on a table has all that is known
_STALE_S: Final = 5.0  #: a message that has waited longer needs a look


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--url", metavar="URL", help=f"of the engine's API (default: {URL_VARIABLE})")
    parser.add_argument(
        "--token",
        metavar="REFERENCE",
        help=f"the operators' token: file:/path, env:NAME or cmd:command (default: env:{TOKEN_VARIABLE})",
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of a running demo, for both")
    parser.add_argument("--json", action="store_true", help="for scripts")
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--dead-letters", action="store_true", help="messages that nobody handled")
    acts.add_argument("--resume", metavar="ID", help="let a parked actor go on")
    acts.add_argument("--resend", metavar="ID", help="put a dead letter into its actor's mailbox again")
    acts.add_argument("--watch", action="store_true", help="look again every two seconds, until Ctrl-C")


def run(arguments: argparse.Namespace) -> int:
    """Ask, and tell. Exit code 1 when an actor is parked, a letter is dead, or the engine does not answer."""
    if arguments.watch and arguments.json:
        raise ConfigurationInvalid(message="--watch is for people and --json for scripts: leave one out")
    door = _door(arguments)
    try:
        if arguments.resume is not None:
            found = door.ask("POST", f"actors/{quote(arguments.resume, safe='')}/resume")
            return _tell_act(found, f"{found.get('id')} goes on", as_json=arguments.json)
        if arguments.resend is not None:
            found = door.ask("POST", f"dead-letters/{quote(arguments.resend, safe='')}/resend")
            return _tell_act(
                found, f"{found.get('id')} is in {found.get('actor')}'s mailbox again", as_json=arguments.json
            )
        if arguments.dead_letters:
            return _show_letters(_list(door, "dead-letters"), as_json=arguments.json)
        if arguments.watch:
            return _watch(door)
        return _show_actors(_list(door, "actors"), as_json=arguments.json)
    except NotWell as problem:
        print(f"tallystick: {problem}")
        return 1


def _door(arguments: argparse.Namespace) -> OperatorsDoor:
    """Where the options and the environment say. Raises: `ConfigurationInvalid`."""
    url, token = arguments.url or os.environ.get(URL_VARIABLE), arguments.token
    if arguments.data is not None:
        door = _demo(arguments.data)
        return OperatorsDoor(
            url_of(url) if url else door.url, door.token if token is None else Secret(token).reveal()
        )
    if token is None and TOKEN_VARIABLE not in os.environ:
        raise ConfigurationInvalid(
            message=f"no token: give --token file:/path, set {TOKEN_VARIABLE}, "
            "or name a demo's folder with --data"
        )
    revealed = Secret(token or f"env:{TOKEN_VARIABLE}").reveal()
    if not url:
        raise ConfigurationInvalid(
            message=f"no address: give --url http://host:port, set {URL_VARIABLE}, "
            "or name a demo's folder with --data"
        )
    return OperatorsDoor(url_of(url), revealed)


def _demo(folder: Path) -> OperatorsDoor:
    try:
        return door_of_demo(folder)
    except OSError as error:
        raise ConfigurationInvalid(
            message=f"{folder / 'demo.json'} cannot be read ({error.strerror}): "
            f"start `tallystick demo --data {folder}` first"
        ) from error


def _list(door: OperatorsDoor, path: str) -> dict[str, Any]:
    """What a list of the door holds. Raises: `NotWell`, `ConfigurationInvalid` where there is no door."""
    try:
        return door.ask("GET", path)
    except NotWell as problem:
        if problem.status != _NOT_FOUND:
            raise
        raise ConfigurationInvalid(
            message=f"{door.url} has no operators' door: set [server] operator_token and start it again"
        ) from problem


def urgency(actor: Mapping[str, Any]) -> tuple[int, float, str]:
    """Sorts actors: what needs a look comes first, and then whose messages wait longest."""
    needs = 3
    if actor["state"] == "parked":
        needs = 0
    elif actor["state"] == "restarting" or actor["crashes"]:
        needs = 1
    elif actor["oldestMessageSeconds"] > _STALE_S or actor["mailboxDepth"] >= actor["mailboxLimit"]:
        needs = 2
    return needs, -actor["oldestMessageSeconds"], actor["id"]


def _show_actors(found: Mapping[str, Any], *, as_json: bool) -> int:
    actors = sorted(found["results"], key=urgency)
    if as_json:
        print(json.dumps({"results": actors}))
    else:
        console = _console()
        console.print(_actor_table(actors, console.width))
    return 1 if any(actor["state"] == "parked" for actor in actors) else 0


def _show_letters(found: Mapping[str, Any], *, as_json: bool) -> int:
    letters: Sequence[Mapping[str, Any]] = found["results"]
    if as_json:
        print(json.dumps({"results": letters}))
    elif not letters:
        print("no dead letters")
    else:
        console = _console()
        for letter in letters:
            whose = letter["clientId"] or "nobody's"
            console.print(
                f"{letter['id']}  {letter['message']} to {letter['kind']} {letter['actor']}, "
                f"{_time(letter['ageSeconds'])} ago, client {whose}\n  {letter['reason']}",
                markup=False,
                soft_wrap=True,
            )
            if letter["traceback"]:
                console.print(_indented(letter["traceback"]), markup=False, soft_wrap=True)
        console.print("Send one again with: tallystick actors --resend ID", markup=False)
    return 1 if letters else 0


def _tell_act(found: Mapping[str, Any], told: str, *, as_json: bool) -> int:
    print(json.dumps(found) if as_json else told)
    return 0


def _watch(door: OperatorsDoor) -> int:
    with Live(console=_console(), refresh_per_second=4, screen=False) as live:
        try:
            while True:
                actors = sorted(_list(door, "actors")["results"], key=urgency)
                shown = actors[: max(5, live.console.height - 8)]
                live.update(_actor_table(shown, live.console.width, total=len(actors)))
                time.sleep(_EVERY_S)
        except KeyboardInterrupt:
            return 0


def _actor_table(actors: Sequence[Mapping[str, Any]], width: int, *, total: int | None = None) -> Group:
    """On a narrow terminal with fewer columns, so that ids stay whole: they are there to be copied."""
    wide = width >= _WIDE
    table = Table(box=None, pad_edge=False)
    for name in ("kind", "id", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("mail", "oldest", "restarts", "since") if wide else ("mail", "since"):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("doing")
        table.add_column("reason", overflow="fold")
    for actor in actors:
        table.add_row(*_cells(actor, wide=wide))
    parked = [actor for actor in actors if actor["state"] == "parked"]
    told = f"{len(actors) if total is None else total} actors, {len(parked)} parked"
    if parked:
        told += ": let one go on with `tallystick actors --resume ID`"
    reasons = [] if wide else [f"{actor['id']}: {_escaped(actor['reason'])}" for actor in parked]
    return Group(table, *reasons, told)


def _cells(actor: Mapping[str, Any], *, wide: bool) -> list[str]:
    mail = f"{actor['mailboxDepth']}/{actor['mailboxLimit']}"
    state = f"[bold red]{actor['state']}[/]" if actor["state"] == "parked" else actor["state"]
    cells = [actor["kind"], _escaped(actor["id"]), state, mail]
    if not wide:
        return [*cells, _time(actor["sinceSeconds"])]
    oldest = _time(actor["oldestMessageSeconds"]) if actor["mailboxDepth"] else ""
    doing = ", ".join(word for word in (actor["doing"], *actor["tasks"]) if word) or "idle"
    reason = _escaped(actor["reason"] or "")
    return [*cells, oldest, str(actor["restarts"]), _time(actor["sinceSeconds"]), _escaped(doing), reason]


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())


def _time(seconds: float) -> str:
    """In the largest unit that says enough: 0.3 s, 42 s, 7 min, 3 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
