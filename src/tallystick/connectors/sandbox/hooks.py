"""The providers' messages about changes, sent where `POST /_control/hooks` says: signed and batched.

Every `/_control/change` is told in the provider's own words and categories; what it has none for is not told.
On demand also what goes wrong with messages. Source: providers §4.
"""

import base64
import hmac
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

import httpx
import msgspec
from attrs import asdict, define, field, frozen, validators

from tallystick.connectors.sandbox.change import Changed
from tallystick.connectors.sandbox.clock import Clock

Form = Literal["old", "cloud_events"]
Act = Literal["again", "bad_signature", "altered", "out_of_order", "trial", "not_read"]
#: What can be sent on demand.
ACTS: Final[tuple[Act, ...]] = ("again", "bad_signature", "altered", "out_of_order", "trial", "not_read")

_SIGNATURES: Final = {"xero": "x-xero-signature", "quickbooks": "intuit-signature"}
#: What each provider tells of, by our data types.
_CATEGORIES: Final[Mapping[str, Mapping[str, str]]] = {
    "xero": {
        "invoices": "INVOICE",
        "bills": "INVOICE",
        "creditNotes": "CREDITNOTE",
        "billCreditNotes": "CREDITNOTE",
        "customers": "CONTACT",
        "suppliers": "CONTACT",
    },
    "quickbooks": {
        "invoices": "Invoice",
        "bills": "Bill",
        "creditNotes": "CreditMemo",
        "billCreditNotes": "VendorCredit",
        "payments": "Payment",
        "billPayments": "BillPayment",
        "customers": "Customer",
        "suppliers": "Vendor",
        "items": "Item",
        "chartOfAccounts": "Account",
        "bankAccounts": "Account",
        "purchaseOrders": "PurchaseOrder",
        "journalEntries": "JournalEntry",
    },
}
_NOT_READ: Final = {"xero": "SUBSCRIPTION", "quickbooks": "Employee"}
#: Where records are never deleted but put out of use.
_ONLY_UPDATED: Final = frozenset({"Customer", "Vendor", "Item", "Account"})
_LISTS: Final = {"INVOICE": "Invoices", "CREDITNOTE": "CreditNotes", "CONTACT": "Contacts"}
#: The production API, as in Xero's own messages: whoever asked it would not ask this sandbox.
_RESOURCES: Final = "https://api.xero.com/api.xro/2.0"
_EVENTS_A_MESSAGE: Final = 100
_PATIENCE_S: Final = 5.0


@frozen(kw_only=True)
class Hook:
    """Where a provider's messages go."""

    provider: str = field(validator=validators.in_(tuple(_SIGNATURES)))
    url: str = field(validator=validators.matches_re(r"https?://.+"))
    key: str = field(validator=validators.min_len(1))
    form: Form = field(default="cloud_events", validator=validators.in_(("old", "cloud_events")))
    """Of QuickBooks' messages."""


@frozen(kw_only=True)
class Sending:
    """What is to be sent on demand."""

    provider: str = field(validator=validators.in_(tuple(_SIGNATURES)))
    act: Act = field(validator=validators.in_(ACTS))


@frozen
class Event:
    """One change, as a message tells it."""

    tenant: str
    category: str
    id: str
    act: Literal["Create", "Update", "Delete"]
    at: datetime


@define(eq=False)
class HookSender:
    """Sends, and knows what was sent before. A message that is not taken is not sent again by itself."""

    clock: Clock
    hooks: dict[str, Hook] = field(factory=dict)
    _sent: dict[str, list[bytes]] = field(factory=dict, repr=False)  #: the last two messages of each
    _events: int = 0

    async def changed(
        self, provider: str, tenant: str, entity: str, changed: Changed
    ) -> list[dict[str, Any]]:
        """Tell of a change of the books. Returns what each message met."""
        category = _CATEGORIES.get(provider, {}).get(entity)
        if provider not in self.hooks or category is None:
            return []
        now = self.clock.now()
        acts: tuple[tuple[Literal["Create", "Update", "Delete"], list[str]], ...] = (
            ("Create", changed.created),
            ("Update", changed.updated),
            ("Delete", changed.deleted),
        )
        events = [Event(tenant, category, id_, act, now) for act, ids in acts for id_ in ids]
        met = []
        for start in range(0, len(events), _EVENTS_A_MESSAGE):
            body = self._message(self.hooks[provider], events[start : start + _EVENTS_A_MESSAGE])
            self._sent[provider] = [*self._sent.get(provider, ())[-1:], body]
            met.append(await self._post(self.hooks[provider], body))
        return met

    async def send(self, wanted: Sending, tenant: str) -> list[dict[str, Any]]:
        """Send on demand. Raises: `ValueError` where there is no hook, or nothing was sent yet."""
        hook = self.hooks.get(wanted.provider)
        if hook is None:
            raise ValueError(f"{wanted.provider} has no hook: POST /_control/hooks first")
        sent = self._sent.get(wanted.provider, [])
        match wanted.act:
            case "trial":
                bodies = [self._message(hook, []) for _ in range(4)]
                return [
                    await self._post(hook, body, good=place % 2 == 0) for place, body in enumerate(bodies)
                ]
            case "not_read":
                strange = Event(
                    tenant, _NOT_READ[wanted.provider], _id(wanted.provider), "Update", self.clock.now()
                )
                return [await self._post(hook, self._message(hook, [strange]))]
        if not sent or (wanted.act == "out_of_order" and len(sent) < 2):
            raise ValueError("too little was sent yet: POST /_control/change first")
        match wanted.act:
            case "bad_signature":
                return [await self._post(hook, sent[-1], good=False)]
            case "altered":
                return [await self._post(hook, sent[-1].replace(b'"', b' "', 1), signed=sent[-1])]
            case "out_of_order":
                return [await self._post(hook, body) for body in reversed(sent)]
            case _:
                return [await self._post(hook, sent[-1])]

    def _message(self, hook: Hook, events: Sequence[Event]) -> bytes:
        first = self._events + 1
        self._events += len(events)
        if hook.provider == "xero":
            return msgspec.json.encode(_xero(events, first if events else 0))
        return msgspec.json.encode(_quickbooks(events, hook.form))

    async def _post(
        self, hook: Hook, body: bytes, *, good: bool = True, signed: bytes | None = None
    ) -> dict[str, Any]:
        digest = hmac.digest((hook.key if good else f"not {hook.key}").encode(), signed or body, sha256)
        headers = {
            "content-type": "application/json",
            _SIGNATURES[hook.provider]: base64.b64encode(digest).decode(),
        }
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_S) as http:
                began = time.perf_counter()
                answer = await http.post(hook.url, content=body, headers=headers)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return {"error": type(error).__name__}
        return {
            "status": answer.status_code,
            "body": answer.text,
            "cookies": len(answer.cookies),
            "seconds": time.perf_counter() - began,
        }

    def told(self) -> list[dict[str, Any]]:
        """The hooks, without their keys."""
        return [
            asdict(hook, filter=lambda attribute, _: attribute.name != "key") for hook in self.hooks.values()
        ]


def _id(provider: str) -> str:
    return str(uuid.uuid4()) if provider == "xero" else str(secrets.randbelow(10**6))


def _xero(events: Sequence[Event], first: int) -> dict[str, Any]:
    """A message of Xero's; one without events is its *intent to receive*."""
    told = [
        {
            "resourceUrl": f"{_RESOURCES}/{_LISTS.get(event.category, 'Other')}/{event.id}",
            "resourceId": event.id,
            "tenantId": event.tenant,
            "tenantType": "ORGANISATION",
            "eventCategory": event.category,
            "eventType": "CREATE" if event.act == "Create" else "UPDATE",
            "eventDateUtc": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3],
        }
        for event in events
    ]
    return {
        "events": told,
        "firstEventSequence": first,
        "lastEventSequence": first + max(0, len(told) - 1),
        "entropy": secrets.token_urlsafe(12),
    }


def _quickbooks(events: Sequence[Event], form: Form) -> Any:
    """A message of Intuit's, in either form."""
    if form == "old":
        tenants = dict.fromkeys(event.tenant for event in events)
        return {"eventNotifications": [_notification(tenant, events) for tenant in tenants]}
    past = {"Create": "created", "Update": "updated", "Delete": "deleted"}
    return [
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "intuit.c2FuZGJveA==",
            "type": f"qbo.{event.category.lower()}.{past[_act(event)]}.v1",
            "datacontenttype": "application/json",
            "time": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "517Z",
            "intuitentityid": event.id,
            "intuitaccountid": event.tenant,
            "data": {},
        }
        for event in events
    ]


def _notification(tenant: str, events: Sequence[Event]) -> dict[str, Any]:
    return {
        "realmId": tenant,
        "dataChangeEvent": {"entities": list(_entities(event for event in events if event.tenant == tenant))},
    }


def _entities(events: Iterator[Event]) -> Iterator[dict[str, str]]:
    for event in events:
        told_at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        yield {"name": event.category, "id": event.id, "operation": _act(event), "lastUpdated": told_at}


def _act(event: Event) -> Literal["Create", "Update", "Delete"]:
    return "Update" if event.act == "Delete" and event.category in _ONLY_UPDATED else event.act
