"""One stored answer of a provider by today's mapping, the way a sync maps it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import msgspec
from attrs import define, field, frozen

from tallystick.connectors import Books, Connector, Gone, Issue, Mapper, Page, Resource
from tallystick.engine.mapping import MappedPage, PageMapper
from tallystick.engine.supplementing import Supplements
from tallystick.errors import PageUnreadable
from tallystick.standard import DataType, StandardRecord
from tallystick.store import ConnectionRow, Store
from tallystick.store.instants import Clock
from tallystick.store.remapping import MappedAnswer, Rejection
from tallystick.store.remaps import RawPage, RemapTask


@define
class _Watched:
    """A mapper, and of which of the rows that it is given it rejects something."""

    mapper: Mapper
    place: int = 0
    rejected: dict[int, Issue] = field(factory=dict)

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        return self.mapper.split(resource, raw)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        before = len(issues)
        found = self.mapper.records(resource, row, books, issues)
        for issue in issues[before:]:
            if issue.severity == "rejected":
                self.rejected.setdefault(self.place, issue)
        self.place += 1
        return found


@frozen
class _WithMapper:
    """A connector with another mapper in its place."""

    connector: Connector
    mapper: Mapper

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connector, name)


@frozen(kw_only=True)
class Remapped:
    """What an answer gives now."""

    answer: MappedAnswer
    mapped: MappedPage


@define(eq=False, kw_only=True)
class AnswerMapper:
    """Maps the stored answers of one list. What one of them tells of the company does not change the next."""

    connector: Connector
    resource: Resource
    task: RemapTask
    turn: Callable[[], AbstractAsyncContextManager[object]]
    hurried: Callable[[], bool]
    _books: Books = field(factory=Books, init=False)
    supplements: Supplements = field(factory=Supplements, init=False)

    async def know(self, store: Store, connection: ConnectionRow, clock: Clock) -> None:
        """Learn what is stored of the company; before the first answer."""
        mapper = self._mapper(self.connector)
        await mapper.know(store, connection, clock)
        self._books, self.supplements = mapper.books, mapper.supplements

    async def map(self, page: RawPage) -> Remapped | None:
        """What an answer gives now, a slice of its rows a turn; None where it cannot be read at all."""
        try:
            rows = self.connector.mapper.split(self.resource, page.raw)
        except PageUnreadable:
            return None
        watched = _Watched(self.connector.mapper)
        mapper = self._mapper(cast(Connector, _WithMapper(self.connector, watched)))
        mapper.books, mapper.supplements = self._books, self.supplements
        mapped = await mapper.map(self.resource, Page(raw=page.raw, records=rows, next=None))
        wanted = set(self.task.data_types)
        answer = MappedAnswer(
            connection=self.task.connection,
            page=page.number,
            data_types=self.task.data_types,
            siblings=self.resource.data_types,
            records=[record for record in mapped.records if record.data_type in wanted],
            rejections=self._rejections(watched.rejected, mapped.issues),
            mapping=self.task.mapping,
        )
        return Remapped(answer=answer, mapped=mapped)

    def _mapper(self, connector: Connector) -> PageMapper:
        return PageMapper(connector, self.turn, self.hurried)

    def _rejections(self, by_place: dict[int, Issue], issues: Sequence[Issue]) -> list[Rejection]:
        """Rows with something rejected: by the mapper, or by what looks at its records after it."""
        found = [self._rejection(issue, place) for place, issue in by_place.items()]
        told = {id(issue) for issue in by_place.values()}
        known = {rejection.record_id for rejection in found}
        for issue in issues:
            untold = issue.severity == "rejected" and id(issue) not in told
            if untold and issue.record_id is not None and issue.record_id not in known:
                known.add(issue.record_id)
                found.append(self._rejection(issue, None))
        return found

    def _rejection(self, issue: Issue, place: int | None) -> Rejection:
        data_type: DataType = issue.data_type or self.resource.data_types[0]
        return Rejection(place=place, data_type=data_type, record_id=issue.record_id)
