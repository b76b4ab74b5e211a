"""Judges a request by its first lines: method, target, headers. No body is read for it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from starlette.types import Scope

from tallystick.config import ServerSettings
from tallystick.monitoring import RejectReason

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_KNOWN_AND_REFUSED: Final = frozenset({"TRACE", "CONNECT"})
_URL_BYTES: Final = 8 * 1024
_HEADERS: Final = 100
#: Control characters, and the backslash, which some proxies take for a slash.
_BAD_IN_PATH: Final = re.compile(r"[\x00-\x1f\x7f\\]")


@frozen
class Refusal:
    """Why a request is turned away."""

    status: int
    reason: RejectReason
    text: str
    headers: Mapping[str, str] = field(factory=dict)

    @staticmethod
    def too_large(limit: int) -> "Refusal":
        """A body past the limit."""
        return Refusal(413, "body_size", f"The request's body is larger than {limit} bytes.")


def refusal_of(scope: Scope, settings: ServerSettings) -> Refusal | None:
    """Why this request is turned away; None for one that may go on."""
    return _method(scope) or _target(scope) or _headers(scope, settings)


def _method(scope: Scope) -> Refusal | None:
    method = scope["method"]
    if method in METHODS:
        return None
    if method in _KNOWN_AND_REFUSED:
        allowed = {"allow": ", ".join(sorted(METHODS))}
        return Refusal(405, "method", f"The method {method} is not allowed.", allowed)
    return Refusal(501, "method", "There is no such method.")


def _target(scope: Scope) -> Refusal | None:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(raw) + len(scope["query_string"]) > _URL_BYTES:
        return Refusal(414, "url_size", f"The URL is longer than {_URL_BYTES} bytes.")
    if not raw.startswith(b"/"):  # absolute-form, asterisk-form
        return Refusal(400, "target", "The request's target must be a path.")
    path: str = scope["path"]
    if _BAD_IN_PATH.search(path) or {".", ".."} & set(path.split("/")):
        return Refusal(400, "target", "The request's path holds characters that no path of ours has.")
    return None


def _headers(scope: Scope, settings: ServerSettings) -> Refusal | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if len(headers) > _HEADERS or size > settings.header_limit:
        return Refusal(
            431, "header_size", f"More than {_HEADERS} headers, or {settings.header_limit} bytes of them."
        )
    lengths = [value for name, value in headers if name == b"content-length"]
    coded = any(name == b"transfer-encoding" for name, _ in headers)
    if coded and (lengths or scope["http_version"] == "1.0"):
        # A proxy in front may believe the one and we the other: the rest would be a second request.
        return Refusal(
            400, "framing", "A body is framed by Content-Length or by Transfer-Encoding, not both."
        )
    return _length(lengths, settings.body_limit)


def _length(lengths: list[Any], limit: int) -> Refusal | None:
    if not lengths:
        return None
    if len(lengths) > 1 or not lengths[0].isdigit():
        return Refusal(400, "framing", "Content-Length must be one number.")
    return Refusal.too_large(limit) if len(lengths[0]) > 15 or int(lengths[0]) > limit else None
