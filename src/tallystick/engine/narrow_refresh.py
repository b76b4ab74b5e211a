"""One narrow refresh: a few records, each read anew by its own call, stored together in one transaction.

No cursor moves and no dataset is made: the next sync meets the same records again as unchanged. Never beside
a sync of the same connection, whose pages may have been fetched before what is read here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.connectors import Calls, Connector, Resource
from tallystick.engine.changes import Change
from tallystick.engine.doubting import renew_issues
from tallystick.engine.mapping import MappedPage, PageMapper
from tallystick.engine.page_identity import met_by
from tallystick.engine.places import UNSEEN_BYTES, Place, Places
from tallystick.engine.reconciliation import Reconciliation
from tallystick.errors import NotSupported, PermissionMissing, RateLimited, RecordRejected, TallystickError
from tallystick.standard import DataType
from tallystick.store import (
    ConnectionRow,
    NewPage,
    Store,
    cursors,
    deletions,
    issues,
    outbox,
    pages,
    refreshes,
    supplemental,
)
from tallystick.store import connections as connection_rows
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection

#: Calls of one refresh at once: enough to hide their latency, and few beside what the provider allows.
_CALLS_AT_ONCE: Final = 4
#: When lists are read of which a record could not be: what kept it may be over by then.
_SOON: Final = timedelta(minutes=2)
#: Failures that reading the list would only meet again, or that know themselves when they are over.
_NOT_SOON: Final = (RateLimited, PermissionMissing, NotSupported)


@define
class Refreshed:
    """What a narrow refresh did."""

    changed: int = 0  #: records of ours
    failures: dict[Change, TallystickError] = field(factory=dict)
    brought_forward: bool = False  #: lists are due sooner than they were


@frozen(kw_only=True)
class NarrowRefresh:
    """Reads records of one connection. `run` may be cancelled at any moment."""

    connection: ConnectionRow
    connector: Connector
    calls: Callable[[Place], Calls]
    store: Store
    clock: Clock
    places: Places
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: the company's share of the processor
    hurried: Callable[[], bool]
    reconciliation: Reconciliation

    async def run(self, changes: Sequence[Change]) -> Refreshed:
        """Read, map and store. A record that fails keeps no other one from being stored.

        All answers of a refresh have one place among the pages in flight, so that none ever waits for a
        second one. Raises: `StoreUnusable`.
        """
        done = Refreshed()
        mapper = PageMapper(self.connector, self.turn, self.hurried)
        await mapper.know(self.store, self.connection, self.clock)
        place = await self.places.take(UNSEEN_BYTES)
        try:
            mapped = await self._read(changes, self.calls(place), mapper, done)
            place.weigh(sum(len(page.page.raw) for _, page in mapped))
            soon = self._hasty(done.failures)
            if mapped or soon:
                done.changed = await self.store.write(self._store, mapped, soon)
                done.brought_forward = bool(soon)
        finally:
            place.release()
        return done

    async def _read(
        self, changes: Sequence[Change], calls: Calls, mapper: PageMapper, done: Refreshed
    ) -> list[tuple[Resource, MappedPage]]:
        found: dict[Change, tuple[Resource, MappedPage]] = {}
        limit = trio.CapacityLimiter(min(_CALLS_AT_ONCE, self.connector.manifest.limits.calls_in_flight))

        async def read(change: Change) -> None:
            resource = self.connector.manifest.resource(change.resource)
            try:
                async with limit:
                    page = await self.connector.client.one(calls, resource, change.key)
                mapped = await mapper.map(resource, page)
            except TallystickError as error:
                done.failures[change] = error
                return
            if mapped.rejected:
                doubts = [issue for issue in mapped.issues if issue.severity == "rejected"]
                told = (doubts[0].path, doubts[0].message) if doubts else ("$", "it cannot be told")
                done.failures[change] = RecordRejected(path=told[0], reason=told[1])
            found[change] = (resource, mapped)

        async with trio.open_nursery() as nursery:
            for change in changes:
                nursery.start_soon(read, change)
        return [found[change] for change in changes if change in found]

    def _hasty(self, failures: Mapping[Change, TallystickError]) -> list[DataType]:
        """The data types of lists that are to be read soon, since a record of them could not be."""
        names = {change.resource for change, error in failures.items() if not isinstance(error, _NOT_SOON)}
        return [t for name in sorted(names) for t in self.connector.manifest.resource(name).data_types]

    def _store(
        self,
        database: SqliteConnection,
        mapped: Iterable[tuple[Resource, MappedPage]],
        soon: Sequence[DataType],
    ) -> int:
        """Returns how many records changed: they are announced like those of a sync, with no dataset."""
        row = connection_rows.find(database, self.connection.id)
        if row is None or row.status != "Linked":
            return 0
        now = self.clock()
        changed: dict[DataType, int] = {}
        for resource, page in mapped:
            new = NewPage(
                connection=row.number,
                resource=resource.name,
                fetched_at=now,
                raw=page.page.raw,
                records=page.records,
                mapping=self.connector.mapping_version,
            )
            stored = pages.store_page(database, new, now)
            for data_type, tally in stored.tallies.items():
                changed[data_type] = changed.get(data_type, 0) + tally.created + tally.updated
            named = [(each.data_type, each.id) for each in page.gone]
            gone = deletions.named(database, row.number, named)
            for data_type, count in deletions.delete(database, gone, now).items():
                changed[data_type] = changed.get(data_type, 0) + count
            issues.forget(database, row.number, named)
            # Without a dataset of its own its doubts are the latest one's, whose figures stay as they are.
            renew_issues(database, row, {}, resource, page, raw_page=stored.raw_page, once_more=True)
            self._met(database, row, resource, page)
            its = supplemental.list_of(row, resource.name, resource.data_types)
            supplemental.note_page(database, its, page.supplemented, whole=False)
            if page.base_currency is not None:
                connection_rows.note_base_currency(database, row.number, page.base_currency)
        for data_type, count in changed.items():
            if count:
                outbox.add(
                    database,
                    "read.completed",
                    company_id=row.company_id,
                    connection_id=row.id,
                    body={"dataType": data_type, "status": "Complete", "recordsModified": count},
                    now=now,
                )
        refreshes.hasten(database, row.id, soon, now + _SOON)
        return sum(changed.values())

    def _met(
        self, database: SqliteConnection, row: ConnectionRow, resource: Resource, page: MappedPage
    ) -> None:
        """What was read stands: a whole reading that is interrupted, or done, must not call it gone."""
        met = met_by(resource, page)
        cursor = cursors.load(database, row.number, resource.name)
        if cursor.next is not None and cursor.tracking:
            self.reconciliation.note(database, row.number, resource, met, anew=False)
        if deletions.is_holding(database, row.number, resource.name):
            self.reconciliation.spare(database, row.number, resource, met)
