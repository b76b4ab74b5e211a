"""What is doubted of the data: of a dataset, and of one record. Source: api-contract §§1.2, 2.

Errors left a record out, warnings did not: a dataset with warnings is complete. A doubt belongs to the
dataset that met its record last, and is gone when the record is well or gone; `summary` tells what the
dataset met.
"""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from tallystick.http.api.books import books_of, look_into, no_data
from tallystick.http.api.call import Call, answer, no_company
from tallystick.http.api.shapes import Shape
from tallystick.http.problem import Problem
from tallystick.standard import DataType
from tallystick.standard.rules import noun_of
from tallystick.store import StoredIssue, companies, datasets, issues, records
from tallystick.store.issues import IssueCount
from tallystick.store.sqlcipher import SqliteConnection

#: Who found it: the provider's words could not all be told, or the standard model's rules are not kept.
_MAPPING: Final = "mapping"
_RULES: Final = "rules"
_COUNTING: Final = "summary"


class SyncIssue(Shape, frozen=True, kw_only=True):
    """One doubt."""

    rule_id: str
    item_id: str | None  #: the record's id; null where it is about the list as a whole
    message: str
    validator_name: str  #: `mapping` or `rules`; `summary` for what is counted and not listed


class RuleSummary(Shape, frozen=True, kw_only=True):
    """How often a dataset met one kind of doubt. Beyond Codat."""

    rule_id: str
    found: int  #: all of them, also those that are over since
    listed: int  #: those that are told one by one above


class ValidationResult(Shape, frozen=True, kw_only=True):
    """All doubts about a dataset: errors left a record out, warnings did not."""

    errors: Sequence[SyncIssue]
    warnings: Sequence[SyncIssue]
    summary: Sequence[RuleSummary]


class RecordValidation(Shape, frozen=True, kw_only=True):
    """All doubts about one record as it is now. Beyond Codat."""

    errors: Sequence[SyncIssue]
    warnings: Sequence[SyncIssue]


async def of_dataset(call: Call) -> Response:
    """What was doubted in a dataset.

    Of each rule 200 warnings are told one by one, and 1000 refused records; where there are more, one item
    more tells how many were only counted.
    """
    dataset_id = call.path("datasetId")

    def look(connection: SqliteConnection) -> ValidationResult:
        company = companies.find(connection, call.path("companyId"))
        if company is None:
            raise no_company(call.path("companyId"))
        dataset = datasets.find(connection, dataset_id)
        if dataset is None or dataset.company_id != company.id:
            raise Problem(404, f"No dataset was found with ID {dataset_id[:100]}")
        found, counts = issues.of_dataset(connection, dataset.id), issues.counts(connection, dataset.id)
        return ValidationResult(
            errors=[*_told(found, "rejected"), *_counted(counts, "rejected", dataset.data_type)],
            warnings=[*_told(found, "warning"), *_counted(counts, "warning", dataset.data_type)],
            summary=[
                RuleSummary(
                    rule_id=each.rule_id or _mapping_rule(dataset.data_type, each.severity),
                    found=each.found,
                    listed=each.kept,
                )
                for each in counts
            ],
        )

    return answer(await look_into(call, look))


async def of_record(call: Call) -> Response:
    """What is doubted of one record: also of one that was refused, and is not stored for that reason."""
    record_id = call.path("recordId")

    def look(connection: SqliteConnection) -> RecordValidation | None:
        books = books_of(connection, call, call.path("dataType"))
        found = issues.of_record(
            connection, connections=books.connections, data_type=books.data_type, record_id=record_id
        )
        stored = records.get_record(
            connection, connections=books.connections, data_type=books.data_type, record_id=record_id
        )
        if stored is None and not found:
            return None
        return RecordValidation(errors=_told(found, "rejected"), warnings=_told(found, "warning"))

    result = await look_into(call, look)
    if result is None:
        raise no_data(call.path("dataType"), record_id)
    return answer(result)


def _told(found: Sequence[StoredIssue], severity: str) -> list[SyncIssue]:
    return [_issue(issue) for issue in found if issue.severity == severity]


def _issue(issue: StoredIssue) -> SyncIssue:
    message = f"{issue.path}: {issue.message}"
    return SyncIssue(
        rule_id=issue.rule_id or _mapping_rule(issue.data_type, issue.severity),
        item_id=issue.record_id,
        message=f"{message}: {issue.other.rstrip('/')}" if issue.other and issue.record_id else message,
        validator_name=_RULES if issue.rule_id else _MAPPING,
    )


def _counted(counts: Sequence[IssueCount], severity: str, data_type: DataType) -> list[SyncIssue]:
    """An item for each kind that has its fill of items."""
    kept = issues.REJECTED_KEPT if severity == "rejected" else issues.WARNINGS_KEPT
    return [
        SyncIssue(
            rule_id=each.rule_id or _mapping_rule(data_type, severity),
            item_id=None,
            message=f"{each.found - kept} more were counted and are not listed: of each rule {kept} are",
            validator_name=_COUNTING,
        )
        for each in counts
        if each.severity == severity and each.found > kept
    ]


def _mapping_rule(data_type: DataType | None, severity: str) -> str:
    noun = "record" if data_type is None else noun_of(data_type)
    return f"accounting-{noun}-{severity}"
