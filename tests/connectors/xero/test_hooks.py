"""Xero's messages: whose they are, what they name, and that nothing else of them is used."""

import base64
import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connectors import HookUnreadable
from tallystick.connectors.xero.hooks import XeroHooks

KEY = "a-webhook-key"
TENANT, RECORD = "c2cc0000-7a9d-4b6c-8f55-0123456789ab", "717f0000-1b2c-4d3e-9f00-abcdefabcdef"
HOOKS = XeroHooks()


def signature(body: bytes, key: str = KEY) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, sha256)).decode()


def message(*events: dict[str, Any]) -> bytes:
    told = {
        "events": list(events),
        "firstEventSequence": 1,
        "lastEventSequence": 1,
        "entropy": "S0m3r4Nd0mt3xt",
    }
    return json.dumps(told).encode()


def event(**changes: Any) -> dict[str, Any]:
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Contacts/{RECORD}",
        "resourceId": RECORD,
        "tenantId": TENANT,
        "tenantType": "ORGANISATION",
        "eventCategory": "CONTACT",
        "eventType": "UPDATE",
        "eventDateUtc": "2024-06-21T01:15:39.902",
        **changes,
    }


def test_a_message_with_the_keys_signature_is_xeros() -> None:
    body = message(event())
    assert HOOKS.verify(body, {"x-xero-signature": signature(body)}, KEY)


def test_the_signature_is_that_of_a_worked_example() -> None:
    """HMAC-SHA256 in base64: RFC 4231, test case 2."""
    signed = base64.b64encode(
        bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    ).decode()
    assert HOOKS.verify(b"what do ya want for nothing?", {"x-xero-signature": signed}, "Jefe")


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_message_of_which_a_single_byte_is_altered_is_not(place: int) -> None:
    body = bytearray(message(event()))
    headers = {"x-xero-signature": signature(bytes(body))}
    body[place] ^= 1
    assert not HOOKS.verify(bytes(body), headers, KEY)


def test_a_message_that_only_means_the_same_is_not() -> None:
    body = message(event())
    assert not HOOKS.verify(body + b"\n", {"x-xero-signature": signature(body)}, KEY)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-xero-signature": ""},
        {"x-xero-signature": "not base64 !"},
        {"x-xero-signature": "schlüssel"},
        {"x-xero-signature": "\udcff"},
        {"x-xero-signature": "a" * 100_000},
        {"x-xero-signature": signature(b"{}") + ", " + signature(b"{}")},
        {"x-xero-signature": signature(b"{}", "another key")},
        {"X-Xero-Signature": signature(b"{}")},
        {"intuit-signature": signature(b"{}")},
    ],
)
def test_a_header_that_is_no_signature_is_a_false_one(headers: dict[str, str]) -> None:
    assert HOOKS.verify(b"{}", headers, KEY) is False


@given(st.binary(max_size=50), st.dictionaries(st.just("x-xero-signature"), st.text()), st.text(max_size=5))
def test_nothing_that_is_sent_raises(body: bytes, headers: dict[str, str], key: str) -> None:
    assert HOOKS.verify(body, headers, key.encode("utf-8", "ignore").decode()) in {True, False}


def test_with_an_empty_key_nothing_is_believed() -> None:
    assert not HOOKS.verify(b"{}", {"x-xero-signature": signature(b"{}", "")}, "")


def test_each_event_names_a_record_of_a_list_that_is_read() -> None:
    told = HOOKS.notices(
        message(
            event(),
            event(eventCategory="INVOICE", resourceId=RECORD.upper()),
            event(eventCategory="CREDITNOTE", data={"Type": "ACCRECCREDIT", "Status": "DRAFT"}),
            event(eventCategory="SUBSCRIPTION", resourceId="anything"),
            event(eventCategory="TOMORROWS"),
        )
    )
    assert [(n.tenant, n.resource, n.key) for n in told] == [
        (TENANT, "Contacts", RECORD),
        (TENANT, "Invoices", RECORD),
        (TENANT, "CreditNotes", RECORD),
    ]


def test_the_same_event_has_the_same_id_and_another_one_another() -> None:
    (one,) = HOOKS.notices(message(event()))
    (again,) = HOOKS.notices(message(event(resourceUrl="https://elsewhere.example/")))
    (later,) = HOOKS.notices(message(event(eventDateUtc="2024-06-21T01:15:39.903")))
    (made,) = HOOKS.notices(message(event(eventType="CREATE")))
    assert one == again
    assert len({one.id, later.id, made.id}) == 3


def test_the_intent_to_receive_names_nothing() -> None:
    assert HOOKS.notices(b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"x"}') == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"events":null}',
        b'{"events":[7]}',
        b'{"events":[{"eventCategory":"INVOICE"}]}',
        b"\xff\xfe",
        b'{"events":[' + b"[" * 100_000,
        message(event(resourceId="../../Organisation")),
        message(event(resourceId=RECORD + "?x=1")),
        message(event(tenantId="")),
    ],
)
def test_a_form_that_xero_does_not_describe_cannot_be_read(body: bytes) -> None:
    with pytest.raises(HookUnreadable):
        HOOKS.notices(body)


def test_an_odd_event_keeps_no_other_one_from_being_heard() -> None:
    told = HOOKS.notices(
        message(
            event(eventCategory="SUBSCRIPTION", tenantId=None),
            event(eventCategory="INVOICE", tenantId=None),
            event(),
        )
    )
    assert [(each.resource, each.key) for each in told] == [("Contacts", RECORD)]
