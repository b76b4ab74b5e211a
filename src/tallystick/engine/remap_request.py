"""One remap as it is asked for: whose records it is about, how far it is, and what came of it."""

import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Literal

import trio
from attrs import define, field, frozen

from tallystick.actors import Flow
from tallystick.connectors import Connector
from tallystick.engine.load import Load
from tallystick.engine.mapping import nobody_waits
from tallystick.engine.remap import RemapRun, always_calm
from tallystick.engine.remap_differences import Differences
from tallystick.engine.remap_figures import RemapResult
from tallystick.errors import Retry, StoreUnusable
from tallystick.standard import DataType
from tallystick.store import DirectoryRow, Stores, connections, control
from tallystick.telemetry import Telemetry

State = Literal["queued", "running", "done", "failed", "cancelled"]


class NothingThere(LookupError):
    """A remap names a client, company or connection that is not here; its text says which."""


@frozen(kw_only=True)
class RemapScope:
    """Whose records; None for all."""

    client_id: str | None = None
    company_id: str | None = None
    connection_id: str | None = None
    provider: str | None = None
    data_type: DataType | None = None


@define(eq=False, kw_only=True)
class RemapRequest:
    """A remap that somebody asked for. Read it while it runs; only `remap_all` and its actor change it."""

    scope: RemapScope
    dry_run: bool
    requested_at: datetime
    samples: int = 0  #: of each field that a dry run finds changing: values of clients' records
    id: str = field(factory=lambda: str(uuid.uuid4()))
    state: State = "queued"
    reason: str | None = None  #: why it failed
    connections: int = 0  #: that are done
    connections_all: int = 0
    failures: dict[str, str] = field(factory=dict)  #: why, by the id of the connection: the others went on
    cancelling: trio.CancelScope = field(factory=trio.CancelScope, repr=False)
    differences: Differences = field(init=False)
    _done: RemapResult = field(factory=RemapResult)
    _now: RemapResult | None = None

    def __attrs_post_init__(self) -> None:
        self.differences = Differences(most_samples=self.samples)

    @property
    def result(self) -> RemapResult:
        """The figures so far, of all its connections."""
        whole = RemapResult(differences=self.differences)
        for part in (self._done, self._now):
            if part is not None:
                whole.merge(part)
        return whole

    def begin_one(self) -> RemapResult:
        """The figures of its next connection."""
        self._now = RemapResult(differences=self.differences)
        return self._now

    def end_one(self) -> None:
        """That connection is over, well or not."""
        if self._now is not None:
            self._done.merge(self._now)
        self._now = None
        self.connections += 1


async def targets(stores: Stores, scope: RemapScope) -> list[DirectoryRow]:
    """The connections that a remap is about, unlinked ones too: their records are served.

    Raises: `NothingThere`.
    """
    client_id = scope.client_id
    if client_id is not None and await stores.control.read(control.find_client, client_id) is None:
        raise NothingThere(f"there is no client {client_id[:100]}")
    found: list[DirectoryRow] = await stores.control.read(control.directory)
    rows = [row for row in found if client_id in {None, row.client_id}]
    if scope.provider is not None:
        rows = [row for row in rows if row.provider == scope.provider]
    if scope.company_id is not None:
        rows = [row for row in rows if row.company_id == scope.company_id]
    if scope.connection_id is not None:
        rows = [row for row in rows if row.connection_id == scope.connection_id]
    if not rows and (scope.company_id or scope.connection_id):
        named = " and ".join(filter(None, [scope.company_id, scope.connection_id]))
        raise NothingThere(f"no connection here is of {named[:100]}")
    return rows


def _with_kin(connector: Connector, wanted: DataType) -> frozenset[DataType]:
    """A data type and all that may come of the same rows: a new mapping may turn one into another."""
    kin = (r.data_types for r in connector.manifest.resources if wanted in r.data_types)
    return frozenset({wanted}.union(*kin))


Turns = Callable[[Flow], AbstractAsyncContextManager[object]]


async def remap_all(
    request: RemapRequest,
    *,
    stores: Stores,
    connectors: Mapping[str, Connector],
    telemetry: Telemetry,
    turns: Turns,
    load: Load | None = None,
) -> None:
    """Remap every connection that a request is about, one after the other; one that fails stops no other.

    `turns`: each company's share of the processor. `load`: when to wait, in a process with other work.
    Raises: `NothingThere`.
    """
    rows = await targets(stores, request.scope)
    request.connections_all, wanted = len(rows), request.scope.data_type
    for row in rows:
        figures = request.begin_one()
        try:
            connector = connectors.get(row.provider)
            if connector is None:
                request.failures[row.connection_id] = f"its provider {row.provider} is not enabled here"
                continue
            async with stores.client(row.client_id) as store:
                found = await store.read(connections.find, row.connection_id)
                if found is None:
                    continue
                run = RemapRun(
                    client_id=row.client_id,
                    connection=found,
                    connector=connector,
                    store=store,
                    telemetry=telemetry,
                    clock=stores.clock,
                    turn=partial(turns, Flow(row.client_id, row.company_id)),
                    data_types=None if wanted is None else _with_kin(connector, wanted),
                    dry_run=request.dry_run,
                    hurried=nobody_waits if load is None else load.hurried,
                    calm=always_calm if load is None else load.calm,
                    result=figures,
                )
                await run.run()
        except (StoreUnusable, Retry) as error:
            request.failures[row.connection_id] = f"{error}. {error.fix}"
        finally:
            request.end_one()
