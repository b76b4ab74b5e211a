"""Everything of one seed that outlives the engine: time, provider, folder, and what has been seen so far."""

import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import trio
from attrs import define, field
from tests.simulation.books import Books, Kind
from tests.simulation.life import Life
from tests.simulation.provider import Provider, page_size_of
from tests.simulation.tokens import TokenEndpoint
from tests.simulation.trace import Trace
from tests.simulation.weather import Trouble, Weather

from tallystick.actors.events import ActorParked
from tallystick.connectors import Connector

#: Rows of a list that vanish: more at once would be held for a person, and no story has one.
_FEW: Final = 2
START: Final = datetime(2026, 3, 27, 22, 0, tzinfo=UTC)  #: two days before British clocks change


@define(eq=False)
class Fate:
    """What happens when a point has been passed so many times."""

    kind: Literal["kill", "io_error"]
    point: str
    left: int

    def meets(self, point: str) -> bool:
        """Count it, if it is the one."""
        self.left -= point == self.point
        return self.left <= 0


@define(eq=False)
class WallClock:
    """The time that the engine believes in: it may jump. Trio's own clock never does."""

    offset: timedelta = timedelta(0)
    highest: timedelta = timedelta(0)  #: of what it has been off by

    def __call__(self) -> datetime:
        self.highest = max(self.highest, self.offset)
        return true_time() + self.offset


@define(eq=False)
class Link:
    """One connection of the story, and whether its company has taken back its consent."""

    client_id: str
    company_id: str
    connection_id: str
    tenant: str
    unlinked: bool = False


@define(eq=False)
class World:
    """One seed's world."""

    seed: int
    place: Path
    chance: random.Random = field(init=False)
    trace: Trace = field(factory=Trace)
    clock: WallClock = field(factory=WallClock)
    provider: Provider = field(init=False)
    links: list[Link] = field(factory=list)
    fate: Fate | None = None
    kills: dict[str, int] = field(factory=dict)
    violations: list[str] = field(factory=list)
    events: list[object] = field(factory=list)
    seen: "Seen" = field(init=False)
    folder: Path = field(init=False)
    commit_jobs: int = field(init=False)
    pages_in_flight: int = field(init=False)
    changed_connector: Callable[[Connector], Connector] = lambda connector: connector
    plant: Callable[[Life], Awaitable[None]] = field(init=False)
    acts: tuple[str, ...] = ()  #: the only ones that happen; none: any
    trouble: Trouble | None = None  #: the only one at the provider; None: as the seed has it
    aim: str | None = None  #: where every kill at a point is aimed
    busy: float = 0.0  #: how likely the books change while a request is on its way
    _folders: int = 0

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(f"script {self.seed}")
        weather = Weather.of(random.Random(f"weather {self.seed}"))
        if self.trouble is not None:
            weather.only(self.trouble)
        tokens = TokenEndpoint(true_time, lifetime_s=self.chance.choice((120, 300, 1800)))
        self.provider = Provider(true_time, weather, tokens, page_size_of(self.chance))
        self.provider.unchanged = random.Random(f"unchanged {self.seed}").choice(("list", "dated", "undated"))
        self.provider.between = self._meanwhile
        self.provider.told = self.trace.add
        self.busy = self.chance.choice((0.0, 0.1, 0.4))
        self.commit_jobs = self.chance.choice((1, 2, 5))
        self.pages_in_flight = self.chance.choice((1, 3, 6))
        self.seen = Seen()
        self.plant = _nothing
        self.folder = self.next_folder()

    @property
    def key(self) -> bytes:
        """The key-encryption key."""
        return bytes(32)

    def next_folder(self) -> Path:
        """Where the next life's data is."""
        self._folders += 1
        return self.place / f"life-{self._folders}"

    def new_id(self) -> str:
        """A UUID of the seed's."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def heard(self, event: object) -> None:
        """An event of the engine that lives now."""
        self.trace.event(event)
        self.events.append(event)
        if isinstance(event, ActorParked):
            self.wrong(f"I8: a {event.kind} is parked and somebody has to help: {event.reason}")

    def wrong(self, what: str) -> None:
        """A promise was broken."""
        self.trace.add(f"WRONG: {what}")
        self.violations.append(what)

    def change(self, books: Books) -> None:
        """Somebody works in these books."""
        chance, now = self.chance, true_time()
        kind: Kind = chance.choice(("Accounts", "Items", "Contacts", "Invoices", "Invoices", "Organisations"))
        modified = now + timedelta(seconds=chance.choice((0, 0, 0, -200, 60, 86_400)))
        seen_from = now + timedelta(seconds=chance.choice((0, 0, 0, 20)))
        rows = books.living(kind)
        if not rows or (kind != "Organisations" and chance.random() < 0.4):
            row = books.create(kind, modified, seen_from)
        elif kind in ("Items", "Contacts") and books.vanished(kind) < _FEW and chance.random() < 0.3:
            row = chance.choice(rows)
            books.vanish(row)
            self.trace.add(f"{books.tenant}: {kind} {row.id[:8]} vanishes")
            return
        else:
            gone = kind == "Invoices" and chance.random() < 0.2
            row = chance.choice(rows)
            books.update(row, modified, seen_from, gone=gone)
        version = row.now
        self.trace.add(
            f"{books.tenant}: {kind} {row.id[:8]} is v{version.number}, dated {version.modified - now}, "
            f"seen after {version.seen_from - now}"
        )

    def lose_all_contacts(self, books: Books) -> None:
        """More rows than are believed to be gone: their deletion waits for a person."""
        for row in books.living("Contacts"):
            books.vanish(row)
        self.trace.add(f"{books.tenant}: all contacts vanish")

    def change_many(self, books: Books) -> None:
        """An import: more rows than a page holds, all with one date."""
        now = true_time()
        for row in books.living("Invoices")[: 3 * self.provider.page_size]:
            books.update(row, now, now)
        for _ in range(self.provider.page_size + 1):
            books.create("Invoices", now, now)

    def _meanwhile(self) -> None:
        if self.chance.random() < self.busy:
            self.change(self.provider.books[self.chance.choice(sorted(self.provider.books))])


@define(eq=False)
class Seen:
    """What earlier looks at the stored rows showed: some things may only grow."""

    modified_at: dict[tuple[int, int, str], tuple[int, bytes]] = field(factory=dict)
    since: dict[tuple[int, str], tuple[int, int | None]] = field(factory=dict)
    outbox: dict[str, str] = field(factory=dict)


def true_time() -> datetime:
    """The time that it really is, at the provider for one."""
    return START + timedelta(seconds=trio.current_time())


async def _nothing(_: Life) -> None:
    await trio.lowlevel.checkpoint()
