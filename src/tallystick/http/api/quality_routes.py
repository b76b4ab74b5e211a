"""The operations on the quality of data, as data: what is doubted, and how lists agree."""

from typing import Final

from tallystick.http.api import integrity, validation
from tallystick.http.api.call import Operation
from tallystick.http.api.paths import COMPANY

_INTEGRITY: Final = "/data" + COMPANY + "/assess/dataTypes/{dataType}/dataIntegrity"

QUALITY_OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        id="get-validation-results",
        method="GET",
        path=COMPANY + "/sync/{datasetId}/validation",
        handler=validation.of_dataset,
        summary="Get what was doubted in a dataset",
        tag="Refresh data",
        answer=validation.ValidationResult,
    ),
    Operation(
        id="get-record-validation",
        method="GET",
        path=COMPANY + "/data/{dataType}/{recordId:path}/validation",
        handler=validation.of_record,
        summary="Get what is doubted of a record (beyond Codat)",
        tag="Data integrity",
        answer=validation.RecordValidation,
    ),
    Operation(
        id="get-data-integrity-status",
        method="GET",
        path=_INTEGRITY + "/status",
        handler=integrity.statuses,
        summary="Get what a data type was compared with",
        tag="Data integrity",
        answer=integrity.DataIntegrityStatuses,
    ),
    Operation(
        id="get-data-integrity-summaries",
        method="GET",
        path=_INTEGRITY + "/summaries",
        handler=integrity.summaries,
        summary="Get how much of a data type agrees with what it was compared with",
        tag="Data integrity",
        parameters=("query",),
        answer=integrity.DataIntegritySummaries,
        errors=(400, 401, 404, 429),
    ),
    Operation(
        id="list-data-integrity-details",
        method="GET",
        path=_INTEGRITY + "/details",
        handler=integrity.details,
        summary="List what was compared, one by one",
        tag="Data integrity",
        parameters=("page", "pageSize", "query", "orderBy"),
        answer=integrity.DataIntegrityDetail,
        is_page=True,
        errors=(400, 401, 404, 429),
    ),
)
