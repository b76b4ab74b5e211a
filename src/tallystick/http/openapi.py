"""The API's description, made from the table of operations and the classes that bodies are made of."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
import msgspec

import tallystick
from tallystick.http.api import OPERATIONS, Operation
from tallystick.http.api.aged import AGE, AGES, LONGEST_AGE, MOST_AGES
from tallystick.http.api.shapes import PagingInfo
from tallystick.http.api.statements import LONGEST, MOST_PERIODS
from tallystick.http.problem import ErrorMessage
from tallystick.standard import schema

_REF: Final = "#/components/schemas/{name}"
_TOLD: Final = {
    400: "The query, a parameter or the body is wrong; `validation` names what.",
    401: "The API key is missing or not known.",
    404: "There is no such company, connection, dataset, record or data type.",
    409: "The data set was never read to its end, so there is nothing to show yet.",
    429: "The day's quota is spent.",
    500: "Our own code failed.",
    503: "Not answerable at the moment; try again.",
}
_ALWAYS: Final = (500, 503)
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "page": {"schema": {"type": "integer", "minimum": 1, "default": 1}, "description": "From 1."},
    "pageSize": {
        "schema": {"type": "integer", "minimum": 1, "maximum": 5000, "default": 100},
        "description": "Results a page.",
    },
    "query": {
        "schema": {"type": "string", "maxLength": 2048},
        "description": "Such as `{totalAmount > 100 || totalAmount < 50} && status != paid`.",
    },
    "orderBy": {"schema": {"type": "string"}, "description": "A property; `-` before it for descending."},
    "tags": {"schema": {"type": "string", "maxLength": 2048}, "description": "Such as `region=uk`."},
    "connectionId": {
        "schema": {"type": "string", "format": "uuid"},
        "description": "Which connection to refresh.",
    },
    "raw": {
        "schema": {"type": "boolean", "default": True},
        "description": "False leaves the provider's own row out.",
    },
    "periodLength": {
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": LONGEST},
        "description": "Months in a period.",
    },
    "periodsToCompare": {
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PERIODS},
        "description": "How many periods, one after the other; those of which nothing is known are left out.",
    },
    "startMonth": {
        "schema": {"type": "string"},
        "description": "The month that the latest period ends in, such as `2026-03` or a day in it; else the "
        "newest there is.",
    },
    "reportDate": {
        "schema": {"type": "string", "format": "date"},
        "description": "What bears this day or a later one is not counted; today without it.",
    },
    "numberOfPeriods": {
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_AGES, "default": AGES},
        "description": "How many periods; the oldest has no beginning.",
    },
    "periodLengthDays": {
        "schema": {"type": "integer", "minimum": 1, "maximum": LONGEST_AGE, "default": AGE},
        "description": "Days in a period.",
    },
}
_UUIDS: Final = frozenset({"companyId", "connectionId", "datasetId"})
_IN_PATH: Final = re.compile(r"\{(\w+)(:path)?\}")


def describe(public_url: str) -> bytes:
    """OpenAPI 3.1 as JSON."""
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Tallystick",
            "version": tallystick.__version__,
            "description": "Companies' books in one standard form.",
        },
        "servers": [{"url": public_url}],
        "security": [{"apiKey": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "`Basic` and the API key in base64, without a colon or a user name.",
                }
            },
        },
    }
    return msgspec.json.encode(document)


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        for path, identity, kind in _variants(operation):
            method = operation.method.lower()
            paths.setdefault(path, {})[method] = _operation(operation, path, identity, kind)
    return paths


def _variants(operation: Operation) -> Iterable[tuple[str, str, Any]]:
    """Each path of an operation with its id and the class of its answer: one for each data type."""
    path = _IN_PATH.sub(r"{\1}", operation.path)
    if not operation.choices:
        yield path, operation.id, operation.answer
    for word, kind in operation.choices.items():
        yield path.replace("{dataType}", word), f"{operation.id}-{word}", kind


def _operation(operation: Operation, path: str, identity: str, kind: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": identity,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
                for name, _ in _IN_PATH.findall(path)
            ),
            *(
                {"name": name, "in": "query", "required": False, **_PARAMETERS[name]}
                for name in operation.parameters
            ),
        ],
        "responses": {
            str(operation.status): _success(operation, kind),
            **{str(status): _error(status) for status in (*operation.errors, *_ALWAYS)},
        },
    }
    if operation.body is not None:
        content = {"application/json": {"schema": _reference(operation.body)}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _path_schema(name: str) -> dict[str, Any]:
    return {"type": "string", "format": "uuid"} if name in _UUIDS else {"type": "string", "minLength": 1}


def _success(operation: Operation, kind: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done."}
    if kind is not None:
        answer = _reference(kind)
        if operation.is_page:
            results = {"type": "object", "required": ["results"]}
            results["properties"] = {"results": {"type": "array", "items": answer}}  # type: ignore[assignment]
            answer = {"allOf": [results, _reference(PagingInfo)]}
        told["content"] = {"application/json": {"schema": answer}}
    return told


def _error(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference(ErrorMessage)}}
    return {"description": _TOLD[status], "content": content}


def _reference(kind: Any) -> dict[str, Any]:
    (reference,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return dict(reference)


def _schemas() -> dict[str, Any]:
    kinds: dict[Any, None] = {ErrorMessage: None, PagingInfo: None}
    for operation in OPERATIONS:
        kinds |= dict.fromkeys([operation.answer, operation.body, *operation.choices.values()])
    kinds.pop(None, None)
    records = {kind for kind in kinds if attrs.has(kind)}
    ours = [kind for kind in kinds if kind not in records]
    _, components = msgspec.json.schema_components(ours, ref_template=_REF)
    return {**components, **schema.definitions(records, _REF)}
