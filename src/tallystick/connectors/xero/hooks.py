"""Xero's messages to us: signed over their raw bytes; each event names a record, which is then read anew.

Source: providers §4. The addresses that events name are text that anybody may have made up: unused. Before
a hook goes live Xero sends the *intent to receive*: messages without events, some with a wrong signature on
purpose, which must be refused.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tallystick.connectors.contract import HookUnreadable, Notice
from tallystick.connectors.signatures import is_signed
from tallystick.connectors.unreadable import UNREADABLE
from tallystick.connectors.xero.keys import is_uuid

SIGNATURE: Final = "x-xero-signature"


class _Event(Struct, rename="camel"):
    resource_id: str
    tenant_id: str
    event_category: str
    event_type: str = ""
    event_date_utc: str = ""


class _Glimpse(Struct, rename="camel"):
    event_category: str


class _Message(Struct):
    events: list[Raw]


_MESSAGE: Final = msgspec.json.Decoder(_Message)
_GLIMPSE: Final = msgspec.json.Decoder(_Glimpse)
_EVENT: Final = msgspec.json.Decoder(_Event)
#: What is told of that we read; `SUBSCRIPTION` is about the app's own customers.
_RESOURCES: Final[Mapping[str, str]] = {
    "CONTACT": "Contacts",
    "INVOICE": "Invoices",
    "CREDITNOTE": "CreditNotes",
}


class XeroHooks:
    """`contract.Hooks` for Xero."""

    def verify(self, body: bytes, headers: Mapping[str, str], key: str) -> bool:
        """Whether `x-xero-signature` is the base64 of the HMAC-SHA256 of these bytes. Never raises."""
        return is_signed(body, headers.get(SIGNATURE, ""), key)

    def notices(self, body: bytes) -> Sequence[Notice]:
        """See `contract.Hooks.notices`. An event that cannot be read keeps no other one from being heard."""
        try:
            events = _MESSAGE.decode(body).events
        except UNREADABLE as error:
            raise HookUnreadable(str(error)) from error
        told = [_heard(event) for event in events]
        if events and all(isinstance(each, str) for each in told):
            raise HookUnreadable(str(told[0]))
        return [each for each in told if isinstance(each, Notice)]


def _heard(told: Raw) -> Notice | str | None:
    """What an event says; None for what we do not read, and why in words where it cannot be read."""
    try:
        if _GLIMPSE.decode(told).event_category.upper() not in _RESOURCES:
            return None
        return _notice(_EVENT.decode(told))
    except UNREADABLE as error:
        return str(error)


def _notice(event: _Event) -> Notice | str:
    if not is_uuid(event.resource_id) or not is_uuid(event.tenant_id):
        return f"an id of {event.event_category.upper()} that is no UUID"
    tenant, key = event.tenant_id.lower(), event.resource_id.lower()
    category = event.event_category.upper()
    told = f"{tenant}/{category}/{key}/{event.event_type}/{event.event_date_utc}"
    return Notice(id=told, tenant=tenant, resource=_RESOURCES[category], key=key)
