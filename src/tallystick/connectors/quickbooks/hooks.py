"""QuickBooks' messages to us: signed over their raw bytes, in the old form or as CloudEvents.

Source: providers §4. Both forms are read for good: Intuit switches apps over one by one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from tallystick.connectors.contract import HookUnreadable, Notice
from tallystick.connectors.quickbooks.keys import is_id, key_of, resources_of
from tallystick.connectors.signatures import is_signed
from tallystick.connectors.unreadable import UNREADABLE

SIGNATURE: Final = "intuit-signature"


class _Entity(Struct, rename="camel"):
    name: str
    id: str
    operation: str = ""
    last_updated: str = ""
    deleted_id: str | None = None  #: of a merge: the one that is no more


class _Named(Struct):
    name: str


class _Changes(Struct, rename="camel"):
    entities: list[Raw] = field(default_factory=list)


class _Notification(Struct, rename="camel"):
    realm_id: str
    data_change_event: _Changes = field(default_factory=_Changes)


class _Old(Struct, rename="camel"):
    event_notifications: list[_Notification]


class _CloudData(Struct, rename="camel"):
    deleted_id: str | None = None


class _Typed(Struct):
    type: str


class _CloudEvent(Struct):
    id: str
    type: str  #: `qbo.invoice.updated.v1`
    intuitentityid: str
    intuitaccountid: str
    data: _CloudData | None = None


_OLD: Final = msgspec.json.Decoder(_Old)
_NEW: Final = msgspec.json.Decoder(list[Raw])
_NAMED: Final = msgspec.json.Decoder(_Named)
_ENTITY: Final = msgspec.json.Decoder(_Entity)
_TYPED: Final = msgspec.json.Decoder(_Typed)
_EVENT: Final = msgspec.json.Decoder(_CloudEvent)
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
        return is_signed(body, headers.get(SIGNATURE, ""), key)

    def notices(self, body: bytes) -> Sequence[Notice]:
        """See `contract.Hooks.notices`. A deletion, a void and a merge are read anew like everything else.

        An event that cannot be read keeps no other one from being heard.
        """
        try:
            if body.lstrip()[:1] == b"[":
                told = [_of_event(event) for event in _NEW.decode(body)]
            else:
                told = [
                    _of_entity(entity, notification.realm_id)
                    for notification in _OLD.decode(body).event_notifications
                    for entity in notification.data_change_event.entities
                ]
        except UNREADABLE as error:
            raise HookUnreadable(str(error)) from error
        if told and all(isinstance(each, str) for each in told):
            raise HookUnreadable(str(told[0]))
        return [notice for each in told if not isinstance(each, str) for notice in each]


def _of_event(told: Raw) -> list[Notice] | str:
    """What a CloudEvent says: nothing where we do not read it; why, in words, where it cannot be read."""
    try:
        words = _TYPED.decode(told).type.lower().split(".")
        if len(words) < 3 or words[0] != "qbo":
            return "an event whose type is not QuickBooks' own"
        if words[1] not in _BY_WORD:
            return []
        event = _EVENT.decode(told)
    except UNREADABLE as error:
        return str(error)
    deleted = event.data.deleted_id if event.data is not None else None
    ids = (event.intuitentityid, *([deleted] if deleted else ()))
    return _notices(_BY_WORD[words[1]], ids, event.intuitaccountid, event.id)


def _of_entity(told: Raw, realm: str) -> list[Notice] | str:
    """The same of an entity in a message of the older form."""
    try:
        name = _NAMED.decode(told).name.lower()
        if name not in _BY_WORD:
            return []
        entity = _ENTITY.decode(told)
    except UNREADABLE as error:
        return str(error)
    ids = (entity.id, *([entity.deleted_id] if entity.deleted_id else ()))
    return _notices(_BY_WORD[name], ids, realm, f"{entity.operation}/{entity.last_updated}")


def _notices(entity: str, ids: Sequence[str], realm: str, told: str) -> list[Notice] | str:
    """One for each id, and each resource in which the entity is read."""
    if not is_id(realm) or not all(map(is_id, ids)):
        return f"an id of {entity} that is no number"
    found: list[Notice] = []
    for id_ in ids:
        for resource in resources_of(entity):
            key = key_of(resource, entity, id_)
            name = f"{told}/{realm}/{resource}/{key}"
            found.append(Notice(id=name, tenant=realm, resource=resource, key=key))
    return found
