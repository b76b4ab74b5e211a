"""QuickBooks' messages in both of their forms."""

import base64
import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from tallystick.connectors import HookUnreadable
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.hooks import QuickBooksHooks
from tallystick.connectors.quickbooks.keys import read_key

KEY, REALM = "a-verifier-token", "310687"
HOOKS = QuickBooksHooks()


def signature(body: bytes, key: str = KEY) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, sha256)).decode()


def cloud_event(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "88cd52aa-33b6-4351-9aa4-47572edbd068",
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": "qbo.invoice.created.v1",
        "datacontenttype": "application/json",
        "time": "2025-09-10T21:31:25.179851517Z",
        "intuitentityid": "1234",
        "intuitaccountid": REALM,
        "data": {},
        **changes,
    }


def old(*entities: dict[str, Any], realm: str = REALM) -> bytes:
    told = {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": list(entities)}}]}
    return json.dumps(told).encode()


def entity(name: str = "Invoice", **changes: Any) -> dict[str, Any]:
    told = {"id": "1234", "operation": "Create", "name": name, "lastUpdated": "2025-09-08T20:52:31.657Z"}
    return {**told, **changes}


def told_by(body: bytes) -> list[tuple[str, str, str]]:
    return [(notice.tenant, notice.resource, notice.key) for notice in HOOKS.notices(body)]


@pytest.mark.parametrize("body", [old(entity()), json.dumps([cloud_event()]).encode()], ids=["old", "new"])
def test_a_message_is_intuits_by_its_exact_bytes(body: bytes) -> None:
    headers = {"intuit-signature": signature(body)}
    assert HOOKS.verify(body, headers, KEY)
    assert not HOOKS.verify(body.replace(b"1234", b"1235"), headers, KEY)
    assert not HOOKS.verify(body + b" ", headers, KEY)
    assert not HOOKS.verify(body, headers, "another token")
    assert not HOOKS.verify(body, {"x-xero-signature": signature(body)}, KEY)
    assert not HOOKS.verify(body, {"intuit-signature": "ß"}, KEY)


def test_both_forms_name_the_same_record() -> None:
    new = json.dumps([cloud_event()]).encode()
    assert told_by(old(entity())) == told_by(new) == [(REALM, "Invoice", "1234")]


def test_a_time_of_nine_fractional_digits_is_no_obstacle() -> None:
    (notice,) = HOOKS.notices(json.dumps([cloud_event(time="2025-09-10T21:31:25.179851517Z")]).encode())
    assert notice.key == "1234"


def test_a_cloud_event_is_known_again_by_its_own_id() -> None:
    (one,) = HOOKS.notices(json.dumps([cloud_event()]).encode())
    (again,) = HOOKS.notices(json.dumps([cloud_event(time="2026-01-01T00:00:00.000000001Z")]).encode())
    (other,) = HOOKS.notices(json.dumps([cloud_event(id="another")]).encode())
    assert "88cd52aa-33b6-4351-9aa4-47572edbd068" in one.id
    assert one.id == again.id != other.id


def test_an_old_event_is_known_again_by_all_that_it_says() -> None:
    (one,) = HOOKS.notices(old(entity()))
    (again,) = HOOKS.notices(old(entity()))
    others = [
        HOOKS.notices(body)[0].id
        for body in (
            old(entity(operation="Update")),
            old(entity(lastUpdated="2025-09-08T20:52:31.658Z")),
            old(entity(id="1235")),
            old(entity("Bill")),
            old(entity(), realm="310688"),
        )
    ]
    assert one.id == again.id
    assert len({one.id, *others}) == 6


def test_what_several_lists_are_read_from_is_told_to_each_of_them() -> None:
    told = told_by(old(entity("Deposit", id="37")))
    assert told == [
        (REALM, "DirectIncome", "Deposit-37"),
        (REALM, "Transfer", "Deposit-37"),
        (REALM, "AccountTransaction", "Deposit-37"),
    ]
    assert len({notice.id for notice in HOOKS.notices(old(entity("Deposit", id="37")))}) == 3


def test_every_key_is_one_that_the_client_takes() -> None:
    for name in ("Deposit", "Class", "Customer", "Transfer", "SalesReceipt", "Payment"):
        for _, resource, key in told_by(old(entity(name))):
            assert read_key(resource, key) == (name, "1234")
            assert resource in {each.name for each in MANIFEST.resources}


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete", "Void", "Emailed", "Merge"])
def test_whatever_was_done_the_record_is_read_anew(operation: str) -> None:
    assert told_by(old(entity(operation=operation))) == [(REALM, "Invoice", "1234")]


def test_of_a_merge_both_records_are_read_anew() -> None:
    body = old(entity("Customer", operation="Merge", deletedId="99"))
    assert [key for _, _, key in told_by(body)] == ["1234", "99"]
    event = cloud_event(type="qbo.customer.merged.v1", data={"deletedId": "99"})
    assert [key for _, _, key in told_by(json.dumps([event]).encode())] == ["1234", "99"]


@pytest.mark.parametrize("name", ["Employee", "Estimate", "TimeActivity", "SomethingNew"])
def test_what_is_not_read_here_gives_no_notice(name: str) -> None:
    assert told_by(old(entity(name), entity())) == [(REALM, "Invoice", "1234")]
    event = cloud_event(type=f"qbo.{name.lower()}.updated.v1")
    assert told_by(json.dumps([event]).encode()) == []


def test_a_test_event_of_the_portals_gives_no_notice() -> None:
    assert told_by(b'{"eventNotifications":[]}') == told_by(b"[]") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"7",
        b"{}",
        b'{"eventNotifications":[{}]}',
        b"[{}]",
        b"\xff",
        b"[" * 100_000,
        json.dumps([cloud_event(type="com.example.thing")]).encode(),
        json.dumps([cloud_event(intuitentityid="1 OR 1=1")]).encode(),
        json.dumps([cloud_event(intuitaccountid="../x")]).encode(),
        old(entity(id="12/../3")),
        old(entity(id="")),
        old(entity(id="\u0661\u0662")),
    ],
)
def test_a_form_that_intuit_does_not_describe_cannot_be_read(body: bytes) -> None:
    with pytest.raises(HookUnreadable):
        HOOKS.notices(body)


def test_an_odd_event_keeps_no_other_one_from_being_heard() -> None:
    odd = ({"name": "TimeActivity"}, entity(id=7), {**entity(), "lastUpdated": None})
    alone = [(each.resource, each.key) for each in HOOKS.notices(old(entity()))]
    assert [(each.resource, each.key) for each in HOOKS.notices(old(*odd, entity()))] == alone != []
    events = [cloud_event(type="com.intuit.other.v1"), cloud_event(intuitentityid=7), cloud_event()]
    told = HOOKS.notices(json.dumps(events).encode())
    assert [(each.resource, each.key) for each in told] == [
        (each.resource, each.key) for each in HOOKS.notices(json.dumps([cloud_event()]).encode())
    ]
