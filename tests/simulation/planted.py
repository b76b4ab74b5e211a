"""Faults of our own, put into the engine on purpose: what a simulation does not find, it does not test."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from attrs import define, evolve, field
from tests.simulation.life import Life

from tallystick.connectors import Calls, Client, Connector, Page, Resource
from tallystick.connectors.xero.connector import XeroConnector
from tallystick.store.drivers import Driver, Work

T = TypeVar("T")


@define(eq=False)
class _Spied:
    """A database connection that leaves some statements out, or to a later transaction."""

    connection: Any
    held: Callable[[str], bool]
    kept: list[tuple[str, Any]]

    def execute(self, sql: str, values: Any = ()) -> Any:
        if self.held(sql):
            self.kept.append((sql, values))
            return self.connection.execute("select 1")
        return self.connection.execute(sql, values)

    @property
    def in_transaction(self) -> bool:
        return bool(self.connection.in_transaction)


@define(eq=False)
class CursorFirst:
    """A driver that commits records one transaction later than the cursor that speaks of them."""

    inner: Driver
    _late: list[tuple[str, Any]] = field(factory=list)

    async def write(self, work: Work[T]) -> T:
        return await self.inner.write(lambda connection: self._work(connection, work))

    async def read(self, work: Work[T]) -> T:
        return await self.inner.read(lambda connection: work(self._caught_up(connection)))

    async def aclose(self) -> None:
        await self.inner.read(self._caught_up)
        await self.inner.aclose()

    def _work(self, connection: Any, work: Work[T]) -> T:
        self._caught_up(connection)
        return work(_Spied(connection, lambda sql: sql.startswith("insert into records"), self._late))

    def _caught_up(self, connection: Any) -> Any:
        late, self._late = self._late, []
        for sql, values in late:
            connection.execute(sql, values)
        return connection


@define(eq=False)
class Unannounced:
    """A driver that loses what was to be announced."""

    inner: Driver

    async def write(self, work: Work[T]) -> T:
        return await self.inner.write(
            lambda connection: work(_Spied(connection, lambda sql: sql.startswith("insert into outbox"), []))
        )

    async def read(self, work: Work[T]) -> T:
        return await self.inner.read(work)

    async def aclose(self) -> None:
        await self.inner.aclose()


@define(eq=False)
class Forgetful:
    """A driver of the directory that notes no due time."""

    inner: Driver

    async def write(self, work: Work[T]) -> T:
        return await self.inner.write(
            lambda connection: work(
                _Spied(connection, lambda sql: sql.startswith("update directory set next_due_at"), [])
            )
        )

    async def read(self, work: Work[T]) -> T:
        return await self.inner.read(work)

    async def aclose(self) -> None:
        await self.inner.aclose()


@define(eq=False)
class _ShortPageIsLast:
    """A client that takes a page which is not full for the last one, as if sizes were never capped."""

    inner: Client

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        page = await self.inner.page(calls, resource, since=since, at=at)
        return evolve(page, next=None, ahead=(), total=None) if len(page.records) < 100 else page


def short_page_is_last(connector: Connector) -> Connector:
    """Put the short-sighted client into a connector."""
    assert isinstance(connector, XeroConnector)
    return evolve(connector, client=_ShortPageIsLast(connector.client))  # type: ignore[arg-type]


async def cursor_first(life: Life) -> None:
    """Put the driver under every client's file."""
    await _under_every_file(life, CursorFirst)


async def unannounced(life: Life) -> None:
    """Likewise."""
    await _under_every_file(life, Unannounced)


async def forgetful(life: Life) -> None:
    """Put the driver under the directory."""
    life.stores.control.database.driver = Forgetful(life.stores.control.database.driver)


async def _under_every_file(life: Life, made: Callable[[Driver], Driver]) -> None:
    for client_id in sorted({link.client_id for link in life.world.links}):
        async with life.stores.client(client_id) as store:
            store.database.driver = made(store.database.driver)
