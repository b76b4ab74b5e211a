"""What is looked at when a sync has ended and everything is stored: references, numbers, and sums of lists.

Datasets have ended by then and stay as they ended: what is found is warnings on them. Nothing is read on the
loop; a comparison is only made where one of its lists has changed since it was last made.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from tallystick.connectors import Manifest
from tallystick.engine import cross_references
from tallystick.engine.comparing import WAYS, Books, Way
from tallystick.engine.gathering import Gathered
from tallystick.engine.quality_events import BooksCompared, RecordsDoubted
from tallystick.standard import ZERO, DataType
from tallystick.standard.rules.comparisons import COUNT, PROVIDER
from tallystick.standard.rules.rule import Rule
from tallystick.standard.rules.sums import told
from tallystick.store import ConnectionRow, Dataset, Store, StoredIssue, comparisons, datasets, issues
from tallystick.store import connections as connection_rows
from tallystick.store.comparisons import Compared, Comparison, Due
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection, snapshot
from tallystick.telemetry import Telemetry


@frozen(kw_only=True)
class _Seen:
    """What is to be done after a sync."""

    row: ConnectionRow | None  #: None: the connection is gone
    over: Sequence[int]  #: doubts that are mended
    found: Sequence[StoredIssue]
    counted: Sequence[Dataset]  #: with the rows of a whole reading and the provider's total
    due: Mapping[tuple[DataType, DataType], Due]  #: comparisons of lists that have changed


@frozen(kw_only=True)
class Validation:
    """The look over one connection's books after a sync. It may be cancelled: the next one does it again."""

    client_id: str
    connection: ConnectionRow
    manifest: Manifest
    store: Store
    telemetry: Telemetry
    clock: Clock

    async def run(self, ended: Mapping[DataType, Dataset], gathered: Gathered) -> None:
        """Look up what a sync gathered, and compare what it changed. Raises: `StoreUnusable`."""
        seen = await self.store.read(self._look, [dataset.id for dataset in ended.values()], gathered)
        if seen.over or seen.found:
            self._tell(await self.store.write(self._save, seen.over, seen.found))
        if seen.counted:
            await self.store.write(self._compare_counts, seen.counted)
        if seen.row is None:
            return
        for way in self._possible():
            due = seen.due.get((way.data_type, way.against))
            if due is not None:
                await self._compare(seen.row, way, due)

    def _look(self, database: SqliteConnection, ended: Sequence[str], gathered: Gathered) -> "_Seen":
        """All that is to be done, in one visit to a reading thread: mostly nothing."""
        number = self.connection.number
        with snapshot(database):
            found: list[StoredIssue] = []
            absent = cross_references.missing(database, self.connection, gathered)
            if absent:
                found += cross_references.dangling(database, number, self.manifest, absent)
            if gathered.twice:
                found += cross_references.borne_twice(database, number, gathered)
            looked = [datasets.find(database, each) for each in ended]
            ways = [(way.data_type, way.against, self._given(way)) for way in self._possible()]
            return _Seen(
                row=connection_rows.find(database, self.connection.id),
                over=cross_references.mended(database, number),
                found=found,
                counted=[each for each in looked if each and None not in (each.read_rows, each.told_total)],
                due=comparisons.due(database, number, ways),
            )

    def _possible(self) -> list[Way]:
        """The comparisons of which the provider gives both sides."""
        given = self.manifest.data_types
        return [way for way in WAYS if way.data_type in given and way.against in given]

    def _given(self, way: Way) -> list[DataType]:
        """What a comparison reads of all that the provider gives."""
        return [each for each in way.reads if each in self.manifest.data_types]

    def _save(
        self, database: SqliteConnection, over: Sequence[int], found: Sequence[StoredIssue]
    ) -> list[StoredIssue]:
        """Drop what is mended and keep what is new. Returns what is new."""
        number = self.connection.number
        issues.drop(database, over)
        known = {_same(doubt) for _, doubt in issues.about_others(database, number)}
        new = [doubt for doubt in found if _same(doubt) not in known]
        by_type: defaultdict[DataType, list[StoredIssue]] = defaultdict(list)
        for doubt in new:
            if doubt.data_type is not None:
                by_type[doubt.data_type].append(doubt)
        for data_type, mine in by_type.items():
            dataset_id = datasets.newest(database, self.connection.id, data_type)
            if dataset_id is not None:
                issues.save(database, number=number, dataset_id=dataset_id, page=None, found=mine)
        return new

    def _tell(self, found: Sequence[StoredIssue]) -> None:
        by_type: defaultdict[DataType, Counter[str]] = defaultdict(Counter)
        for doubt in found:
            if doubt.data_type is not None and doubt.rule_id is not None:
                by_type[doubt.data_type][doubt.rule_id] += 1
        for data_type, rules in by_type.items():
            self.telemetry.emit(
                RecordsDoubted(
                    platform=self.manifest.slug,
                    client_id=self.client_id,
                    connection_id=self.connection.id,
                    data_type=data_type,
                    findings=rules.total(),
                    by_rule=tuple(sorted(rules.items())),
                )
            )

    async def _compare(self, row: ConnectionRow, way: Way, due: Due) -> None:
        """Make one comparison, where all of its lists were read once; one that cannot be made is dropped."""
        today = self.clock().date()

        def look(database: SqliteConnection) -> tuple[bool, Compared | None]:
            with snapshot(database):
                if not all(datasets.ever_read(database, row.company_id, each) for each in self._given(way)):
                    return False, None
                books = Books(connection=database, number=row.number, currency=row.base_currency, today=today)
                try:
                    return True, way.compare(books)
                except ArithmeticError:  # amounts too far apart to be added
                    return True, None

        was_looked_at, found = await self.store.read(look)
        rule = way.rule if way.warns else None
        if found is not None:
            await self.store.write(self._keep, way.data_type, way.against, rule, due.basis, found)
            self._compared(way.data_type, way.against, found)
        elif was_looked_at and due.is_kept:
            await self.store.write(self._forget, way.data_type, way.against, rule)

    def _compare_counts(self, database: SqliteConnection, counted: Sequence[Dataset]) -> None:
        """Rows of whole readings against what the provider says that there are."""
        for dataset in counted:
            assert dataset.read_rows is not None
            assert dataset.told_total is not None
            compared = count_compared(dataset.read_rows, dataset.told_total)
            self._keep(database, dataset.data_type, PROVIDER, COUNT, dataset.id, compared)

    def _forget(
        self, database: SqliteConnection, data_type: DataType, against: str, rule: Rule | None
    ) -> None:
        """Drop a comparison that can no longer be made, and what it warned of."""
        comparisons.drop(database, self.connection.number, data_type, against)
        if rule is not None:
            issues.drop_about(database, self.connection.number, rule.id_for(data_type), f"{against}/")

    def _keep(
        self,
        database: SqliteConnection,
        data_type: DataType,
        against: str,
        rule: Rule | None,
        made: str,
        compared: Compared,
    ) -> None:
        """Keep a comparison, and warn by a rule of a difference on the latest dataset that it is about."""
        comparison = Comparison(
            connection=self.connection.number,
            data_type=data_type,
            against=against,
            computed_at=self.clock(),
            compared=compared,
        )
        comparisons.save(database, comparison, made)
        if rule is None:
            return
        rule_id = rule.id_for(data_type)
        issues.drop_about(database, self.connection.number, rule_id, f"{against}/")
        dataset_id = datasets.newest(database, self.connection.id, data_type)
        if compared.unmatched and compared.status == "Complete" and dataset_id is not None:
            doubt = StoredIssue(
                severity="warning",
                path="$",
                message=_difference(compared, against),
                data_type=data_type,
                record_id=None,
                rule_id=rule_id,
                other=f"{against}/",
            )
            issues.save(
                database, number=self.connection.number, dataset_id=dataset_id, page=None, found=[doubt]
            )

    def _compared(self, data_type: DataType, against: str, compared: Compared) -> None:
        self.telemetry.emit(
            BooksCompared(
                platform=self.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                data_type=data_type,
                against=against,
                agree=not compared.unmatched,
                comparable=compared.status == "Complete",
            )
        )


def count_compared(rows: int, told_total: int) -> Compared:
    """The rows of a whole reading beside the provider's total.

    That total is the smallest one told while it was read: a list that grew meanwhile gives more, as does one
    that is read as several, each with a total of its own.
    """
    short = max(0, told_total - rows)
    message = "rows of the latest whole reading, and how many the provider says the list has"
    if rows > told_total:
        message += "; it tells of a part of them only"
    return Compared(
        status="Complete" if rows <= told_total else "Unknown",
        message=message,
        ours=Decimal(rows),
        theirs=Decimal(told_total),
        matched=min(rows, told_total),
        unmatched=short,
        matched_amount=ZERO,
        unmatched_amount=ZERO,
        rows=[],
    )


def _difference(compared: Compared, against: str) -> str:
    of = compared.matched + compared.unmatched
    return (
        f"compared with {against} ({compared.message}): {compared.unmatched} of {of} do not agree, "
        f"and in all {told(compared.difference)}"
    )


def _same(doubt: StoredIssue) -> tuple[str | None, ...]:
    return (doubt.data_type, doubt.record_id, doubt.rule_id, doubt.other)
