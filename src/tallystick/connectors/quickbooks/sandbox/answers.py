"""Envelopes and faults as QuickBooks writes them. Source: providers.md §§2.3, 3.3."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.responses import Response

from tallystick.connectors.quickbooks.sandbox.dialect import answered
from tallystick.connectors.sandbox.quirks import Quirks

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def json_response(body: Any, status: int = 200) -> Response:
    """Any value as JSON, with the id by which Intuit's support knows a call."""
    content = body if isinstance(body, bytes) else _ENCODER.encode(body)
    return Response(
        content, status, media_type="application/json", headers={"intuit_tid": f"1-{uuid.uuid4()}"}
    )


def rows_response(entity: str, rows: Sequence[bytes], *, start: int, now: datetime) -> Response:
    """Rows of a query. Where there are none, not even the entity's name is told (quirk 47)."""
    told = b"{}"
    if rows:
        head = f'{{"{entity}":['.encode()
        tail = f'],"startPosition":{start},"maxResults":{len(rows)}}}'.encode()
        told = head + b",".join(rows) + tail
    return json_response(b'{"QueryResponse":%b,"time":"%b"}' % (told, answered(now).encode()))


def count_response(count: int, now: datetime) -> Response:
    """How many rows there are."""
    return json_response({"QueryResponse": {"totalCount": count}, "time": answered(now)})


def changes_response(changes: Mapping[str, Sequence[bytes]], now: datetime) -> Response:
    """What has changed, an object an entity; the object of one without changes is empty."""
    told = []
    for entity, rows in changes.items():
        if rows:
            head = f'{{"{entity}":['.encode()
            tail = f'],"startPosition":1,"maxResults":{len(rows)}}}'.encode()
            told.append(head + b",".join(rows) + tail)
        else:
            told.append(b"{}")
    body = b'{"CDCResponse":[{"QueryResponse":[%b]}],"time":"%b"}'
    return json_response(body % (b",".join(told), answered(now).encode()))


def single(entity: str, row: bytes, now: datetime) -> Response:
    """One entity."""
    return json_response(b'{"%b":%b,"time":"%b"}' % (entity.encode(), row, answered(now).encode()))


def service_fault(
    code: str, message: str, detail: str, now: datetime, *, kind: str = "ValidationFault", status: int = 400
) -> Response:
    """What the services say."""
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return json_response({"Fault": {"Error": [error], "type": kind}, "time": answered(now)}, status)


def gateway_fault(code: str, message: str, detail: str, now: datetime, *, kind: str, status: int) -> Response:
    """What the gateway says: small keys, and zeros before the code in the message (quirk 48)."""
    said = f"message={message}; errorCode={code:0>6}; statusCode={status}"
    body: dict[str, Any] = {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [{"message": said, "detail": detail, "code": code, "element": None}],
            "type": kind,
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    return json_response(body, status)


def unauthorised(now: datetime, detail: str) -> Response:
    """401: the token is over, or never was one."""
    return gateway_fault("3200", "AuthenticationFailed", detail, now, kind="AUTHENTICATION", status=401)


def forbidden(now: datetime) -> Response:
    """403: the token is good, for another company."""
    return gateway_fault(
        "3100",
        "ApplicationAuthorizationFailed",
        "The application is not authorised for this company",
        now,
        kind="AUTHORIZATION",
        status=403,
    )


def throttled(now: datetime, quirks: Quirks) -> Response:
    """429, or 403 in the older form (quirk 53); nobody says how long to wait."""
    detail = "The request limit was reached.  Try again later"
    if 53 in quirks:
        said = "message=ThrottleExceeded; errorCode=003001; statusCode=403"
        return service_fault("3001", said, detail, now, kind="SERVICE", status=403)
    return gateway_fault("3001", "ThrottleExceeded", detail, now, kind="THROTTLE", status=429)


def server_error(now: datetime) -> Response:
    """500, with a fault that tells nothing."""
    return service_fault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: ",
        now,
        kind="SystemFault",
        status=500,
    )


def unavailable() -> Response:
    """503, as its gateway says it: no JSON."""
    return Response("<html><body>Service Unavailable</body></html>", 503, media_type="text/html")
