"""Refreshing: ask for datasets, see how they do. Source: api-contract §2."""

from collections.abc import Sequence
from functools import partial

from msgspec import UNSET
from starlette.responses import Response

from tallystick.errors import AlreadySyncing, NotLinked
from tallystick.http.api import shapes
from tallystick.http.api.call import Call, answer, encoded
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.type_names import data_type_of
from tallystick.http.problem import Problem
from tallystick.http.query import DATASETS, compile_query, order_terms, parse
from tallystick.standard import IN_PROGRESS, DataType
from tallystick.store import Condition, ConnectionRow, Dataset, datasets

_REASON = "api"


async def refresh_all(call: Call) -> Response:
    """Queue every data type that is not in progress already, for every linked connection."""
    async with call.store() as store:
        rows = await call.connections(store)
        linked = [row for row in rows if row.status == "Linked"]
        if not linked:
            raise NotLinked(status=rows[-1].status if rows else "not there")
        busy = {
            row.id: {d.data_type for d in await store.read(datasets.unfinished, row.id)} for row in linked
        }
    for row in linked:
        await _queue_the_rest(call, row, busy[row.id])
    return Response(status_code=204)


async def refresh_data_type(call: Call) -> Response:
    """Queue one data type, for the connection that `connectionId` names or the first that has it."""
    async with call.store() as store:
        wanted = call.query.get("connectionId")
        rows = [await call.connection(store, wanted)] if wanted else await call.connections(store)
    data_type = data_type_of(call.path("dataType"), rows, call.reach.engine.manifests)
    return answer(pull_operation(await _queue_one(call, rows, data_type)))


async def refresh_company_info(call: Call) -> Response:
    """Queue the company's own particulars."""
    async with call.store() as store:
        rows = await call.connections(store)
    data_type = data_type_of("company", rows, call.reach.engine.manifests)
    return answer(pull_operation(await _queue_one(call, rows, data_type)))


async def data_status(call: Call) -> Response:
    """Where every data type stands that was ever asked for."""
    async with call.store() as store:
        company = await call.company(store)
        latest = await store.read(datasets.latest, company.id)
    return answer({name: _status(now, good) for name, (now, good) in latest.items()})


async def list_pull_operations(call: Call) -> Response:
    """A company's datasets, newest first unless `orderBy` says otherwise."""
    paging = paging_of(call.request)
    text = call.query.get("query")
    where = compile_query(parse(text), DATASETS) if text else Condition()
    order = order_terms(call.query.get("orderBy"), DATASETS, ("requested_at desc",))
    async with call.store() as store:
        company = await call.company(store)
        total, found = await store.read(
            partial(
                datasets.page,
                company_id=company.id,
                where=where,
                order=order,
                limit=paging.size,
                offset=paging.offset,
            )
        )
    return page_response(call.request, paging, total, (encoded(pull_operation(d)) for d in found))


async def get_pull_operation(call: Call) -> Response:
    """One dataset."""
    return answer(pull_operation(await _dataset(call)))


def pull_operation(dataset: Dataset) -> shapes.PullOperation:
    """A dataset as the API shows it."""
    ended = dataset.status not in IN_PROGRESS
    return shapes.PullOperation(
        id=dataset.id,
        company_id=dataset.company_id,
        connection_id=dataset.connection_id,
        data_type=dataset.data_type,
        status=dataset.status,
        status_description=dataset.error_code,
        error_message=dataset.error_message,
        requested=dataset.requested_at,
        completed=dataset.completed_at or UNSET,
        progress=dataset.progress,
        is_completed=dataset.status == "Complete",
        is_errored=ended and dataset.status not in ("Complete", "Cancelled"),
    )


async def _queue_the_rest(call: Call, row: ConnectionRow, busy: set[DataType]) -> None:
    manifest = call.reach.engine.manifests.get(row.provider)
    wanted = [] if manifest is None else [name for name in manifest.data_types if name not in busy]
    while wanted:
        try:
            await call.reach.engine.sync(
                call.client_id, row.id, wanted, _REASON, correlation_id=call.correlation_id
            )
        except AlreadySyncing as running:  # begun since we looked: the others are still wanted
            wanted = [name for name in wanted if name != running.data_type]
        else:
            return


async def _queue_one(call: Call, rows: Sequence[ConnectionRow], data_type: DataType) -> Dataset:
    manifests = call.reach.engine.manifests
    for row in rows:
        manifest = manifests.get(row.provider)
        if row.status == "Linked" and manifest is not None and data_type in manifest.data_types:
            try:
                (dataset,) = await call.reach.engine.sync(
                    call.client_id, row.id, [data_type], _REASON, correlation_id=call.correlation_id
                )
            except AlreadySyncing as running:
                told = (
                    f"DatasetAlreadyInProgressException: Cannot queue {data_type} sync for "
                    f"{row.company_id} as previous sync {running.dataset_id} is still in progress"
                )
                raise Problem(400, told) from running
            return dataset
    raise NotLinked(status=rows[-1].status if rows else "not there")


async def _dataset(call: Call) -> Dataset:
    dataset_id = call.path("datasetId")
    async with call.store() as store:
        company = await call.company(store)
        dataset = await store.read(datasets.find, dataset_id)
        if dataset is None or dataset.company_id != company.id:
            raise Problem(404, f"No dataset was found with ID {dataset_id[:100]}")
        return dataset


def _status(now: Dataset, good: Dataset | None) -> shapes.DataStatus:
    return shapes.DataStatus(
        data_type=now.data_type,
        current_status=now.status,
        latest_sync_id=now.id,
        last_successful_sync=UNSET if good is None or good.completed_at is None else good.completed_at,
        latest_successful_sync_id=UNSET if good is None else good.id,
    )
