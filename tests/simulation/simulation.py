"""Plays one seed: real engine, actors and store under a virtual clock, with a scripted provider."""

import random
import shlex
import shutil
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio
import trio._core._run as scheduler
from attrs import frozen
from tests.simulation import story
from tests.simulation.life import Life, StoryEnds, live
from tests.simulation.weather import Trouble
from tests.simulation.world import World
from trio.testing import MockClock

from tallystick.connectors import Connector

#: Memory rather than a disk, where there is some: a simulated disk needs no real one to be slow.
_MEMORY: Final = Path("/dev/shm")
_STUCK_S: Final = 40 * 3600.0  #: longer than the longest story


@frozen(kw_only=True)
class Result:
    """What became of a seed."""

    seed: int
    violations: tuple[str, ...]
    trace: tuple[str, ...]
    digest: str
    kills: dict[str, int]
    flags: str = ""  #: what else the replay has to be told

    def __str__(self) -> str:
        if not self.violations:
            return f"seed {self.seed}: good ({sum(self.kills.values())} kills, trace {self.digest})"
        tail = "\n".join(f"    {line[:300]}" for line in self.trace[-60:])
        broken = "\n".join(f"  {what}" for what in self.violations[:20])
        return (
            f"seed {self.seed}: {len(self.violations)} promises broken\n{broken}\n"
            f"  the end of its trace:\n{tail}\n"
            f"  replay: .venv/bin/python -m tests.simulation --seed {self.seed}{self.flags} --trace"
        )


def simulate(
    seed: int,
    *,
    connector: Callable[[Connector], Connector] = lambda connector: connector,
    plant: Callable[[Life], Awaitable[None]] | None = None,
    aim: str | None = None,
    acts: tuple[str, ...] = (),
    trouble: Trouble | None = None,
) -> Result:
    """Play a seed to its end.

    `connector` and `plant` put faults of our own into each life, to be found. `aim` is the point of every
    kill, `acts` are the only ones that happen, `trouble` is the only one that the provider makes.
    """
    place = Path(tempfile.mkdtemp(prefix="tallystick-sim-", dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        with _deterministic(seed):
            world = World(seed, place, aim=aim, acts=acts, trouble=trouble)
            world.changed_connector = connector
            if plant is not None:
                world.plant = plant
            trio.run(_play, world, clock=MockClock(autojump_threshold=0))
    finally:
        shutil.rmtree(place)
    return Result(
        seed=seed,
        violations=tuple(dict.fromkeys(world.violations)),
        trace=tuple(world.trace.lines),
        digest=world.trace.digest,
        kills=world.kills,
        flags="".join(
            f" --{name} {shlex.quote(told)}"
            for name, told in (("acts", ",".join(acts)), ("trouble", trouble), ("aim", aim))
            if told
        ),
    )


@contextmanager
def _deterministic(seed: int) -> Iterator[None]:
    """Let the seed decide what chance decides elsewhere: the order of trio's tasks, and new ids.

    Ids matter beyond their names: what is spread by a hash of an id would else be spread anew each time.
    """
    source: random.Random = scheduler._r
    ids = random.Random(f"ids {seed}")
    before, allowed, drawn = source.getstate(), scheduler._ALLOW_DETERMINISTIC_SCHEDULING, uuid.uuid4
    source.seed(seed)
    _allow(True)
    uuid.uuid4 = lambda: uuid.UUID(int=ids.getrandbits(128), version=4)
    try:
        yield
    finally:
        uuid.uuid4 = drawn
        _allow(allowed)
        source.setstate(before)


def _allow(deterministic: bool) -> None:
    scheduler._ALLOW_DETERMINISTIC_SCHEDULING = deterministic  # type: ignore[misc]


async def _play(world: World) -> None:
    async with trio.open_nursery() as watching:
        watching.start_soon(_watch, world, watching.cancel_scope)
        with suppress(StoryEnds):
            await live(world, story.begin)
            acts = story.acts_of(world)
            while acts:
                await live(world, partial(story.play, acts=acts))
            world.fate = None
            await live(world, story.converge)
            await live(world, story.look_again)
        watching.cancel_scope.cancel()


async def _watch(world: World, everything: trio.CancelScope) -> None:
    """A story that does not end has met a deadlock: say where everybody waits, and let them go."""
    await trio.sleep(_STUCK_S)
    world.wrong("the engine hangs")
    root = trio.lowlevel.current_root_task()
    assert root is not None
    for task in _tasks(root):
        world.trace.add(f"waits: {task.name} {_place_of(task)}")
        status: Any = task._cancel_status
        while status is not None:
            status._scope.shield = False
            status = status._parent
    everything.cancel()


def _tasks(task: trio.lowlevel.Task) -> Iterator[trio.lowlevel.Task]:
    yield task
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield from _tasks(child)


def _place_of(task: trio.lowlevel.Task) -> str:
    frames = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in task.iter_await_frames()]
    return " > ".join(frames[-6:])
