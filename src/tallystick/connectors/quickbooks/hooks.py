"""QuickBooks' messages to us: signed over their raw bytes, in the old form or as CloudEvents.

Source: providers §4. Both forms are read for good: Intuit switches apps over one by one.
"""

import base64
import binascii
import hmac
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct, field

from tallystick.connectors.contract import HookUnreadable, Notice
from tallystick.connectors.quickbooks.envelope import UNREADABLE
from tallystick.connectors.quickbooks.keys import is_id, key_of, resources_of

SIGNATURE: Final = "intuit-signature"


class _Entity(Struct, rename="camel"):
    name: str
    id: str
    operation: str = ""
    last_updated: str = ""
    deleted_id: str | None = None  #: of a merge: the one that is no more


class _Changes(Struct, rename="camel"):
    entities: list[_Entity] = field(default_factory=list)


class _Notification(Struct, rename="camel"):
    realm_id: str
    data_change_event: _Changes = field(default_factory=_Changes)


class _Old(Struct, rename="camel"):
    event_notifications: list[_Notification]


class _CloudData(Struct, rename="camel"):
    deleted_id: str | None = None


class _CloudEvent(Struct):
    id: str
    type: str  #: `qbo.invoice.updated.v1`
    intuitentityid: str
    intuitaccountid: str
    data: _CloudData | None = None


_OLD: Final = msgspec.json.Decoder(_Old)
_NEW: Final = msgspec.json.Decoder(list[_CloudEvent])
#: What is told of by name, as far as we read it; CloudEvents write it in small letters.
_ENTITIES: Final = (
    "Account", "Bill", "BillPayment", "Class", "CreditMemo", "Customer", "Department", "Deposit", "Invoice",
    "Item", "JournalEntry", "Payment", "PaymentMethod", "Purchase", "PurchaseOrder", "RefundReceipt",
    "SalesReceipt", "Transfer", "Vendor", "VendorCredit",
)  # fmt: skip
_BY_WORD: Final = {entity.lower(): entity for entity in _ENTITIES}


class QuickBooksHooks:
    """`contract.Hooks` for QuickBooks."""

    def verify(self, body: bytes, headers: Mapping[str, str], key: str) -> bool:
        """Whether `intuit-signature` is the base64 of the HMAC-SHA256 of these bytes. Never raises."""
        try:
            told = base64.b64decode(headers.get(SIGNATURE, "").strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return bool(key) and hmac.compare_digest(told, hmac.digest(key.encode(), body, sha256))

    def notices(self, body: bytes) -> Sequence[Notice]:
        """See `contract.Hooks.notices`. A deletion, a void and a merge are read anew like everything else."""
        try:
            if body.lstrip()[:1] == b"[":
                told = [each for event in _NEW.decode(body) for each in _of_event(event)]
            else:
                found = _OLD.decode(body).event_notifications
                told = [each for notification in found for each in _of_notification(notification)]
        except UNREADABLE as error:
            raise HookUnreadable(str(error)) from error
        return told


def _of_event(event: _CloudEvent) -> Iterator[Notice]:
    words = event.type.lower().split(".")
    if len(words) < 3 or words[0] != "qbo":
        raise HookUnreadable("an event whose type is not QuickBooks' own")
    deleted = event.data.deleted_id if event.data is not None else None
    for id_ in (event.intuitentityid, *([deleted] if deleted else ())):
        yield from _notices(words[1], id_, event.intuitaccountid, event.id)


def _of_notification(notification: _Notification) -> Iterator[Notice]:
    for entity in notification.data_change_event.entities:
        told = f"{entity.operation}/{entity.last_updated}"
        for id_ in (entity.id, *([entity.deleted_id] if entity.deleted_id else ())):
            yield from _notices(entity.name, id_, notification.realm_id, told)


def _notices(name: str, id_: str, realm: str, told: str) -> Iterator[Notice]:
    """One for each resource in which the entity is read. Raises: `HookUnreadable`."""
    entity = _BY_WORD.get(name.lower())
    if entity is None:
        return
    if not is_id(id_) or not is_id(realm):
        raise HookUnreadable(f"an id of {entity} that is no number")
    for resource in resources_of(entity):
        key = key_of(resource, entity, id_)
        yield Notice(id=f"{told}/{realm}/{resource}/{key}", tenant=realm, resource=resource, key=key)
