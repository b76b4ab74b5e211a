import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest

AUTHORIZE = "/xero/identity/connect/authorize"
Visit = Callable[..., Awaitable[Any]]
VERIFIER = "a-verifier-of-more-than-forty-three-letters-and-digits-0123456789"


def challenge(verifier: str) -> dict[str, str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return {"code_challenge": digest.rstrip(b"=").decode(), "code_challenge_method": "S256"}


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def connections(visitor: Any, token: str, **params: str) -> list[dict[str, Any]]:
    answer = await visitor.http.get(
        "/xero/connections", params=params, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_the_consent_page_offers_every_company_without_a_script(visit: Visit) -> None:
    visitor = await visit()
    page = await visitor.http.get(AUTHORIZE, params=visitor.query(state='"><script>'))
    assert page.status_code == 200
    assert all(f'name="tenant" value="{tenant}"' in page.text for tenant in visitor.tenants)
    assert 'method="post"' in page.text
    assert "<script" not in page.text
    assert "&quot;&gt;&lt;script&gt;" in page.text


async def test_allowing_sends_the_browser_back_with_a_code_and_the_state(visit: Visit) -> None:
    visitor = await visit()
    back = await visitor.consent(visitor.tenants[0], state='odd & "state"')
    assert back["state"] == 'odd & "state"'
    assert back["code"]


async def test_denying_sends_the_browser_back_without_a_code(visit: Visit) -> None:
    visitor = await visit()
    assert await visitor.consent(decision="deny") == {"error": "access_denied", "state": "s&1"}


async def test_allowing_nothing_shows_the_page_again(visit: Visit) -> None:
    visitor = await visit()
    answer = await visitor.http.post(AUTHORIZE, data={**visitor.query(), "decision": "allow"})
    assert answer.status_code == 400
    assert "at least one" in answer.text


@pytest.mark.parametrize(
    "words",
    [{"client_id": "someone-else"}, {"redirect_uri": ""}, {"redirect_uri": "javascript:alert(1)"}],
    ids=["unknown client", "no redirect", "redirect that is no address"],
)
async def test_a_browser_is_never_sent_where_nobody_can_be_trusted(
    visit: Visit, words: dict[str, str]
) -> None:
    visitor = await visit()
    answer = await visitor.http.get(AUTHORIZE, params=visitor.query(**words))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
    ids=["no code asked", "no scope", "plain challenge"],
)
async def test_a_wrong_request_is_told_to_the_app(visit: Visit, words: dict[str, str], error: str) -> None:
    visitor = await visit()
    assert (await visitor.consent(visitor.tenants[0], **words))["error"] == error


async def test_a_code_gives_tokens_that_name_their_consent(visit: Visit) -> None:
    visitor = await visit()
    tokens = await visitor.link(visitor.tenants[1])
    assert tokens["expires_in"] == 1800
    assert tokens["token_type"] == "Bearer"
    assert tokens["access_token"].count(".") == 2
    event = claims(tokens["access_token"])["authentication_event_id"]
    found = await connections(visitor, tokens["access_token"], authEventId=event)
    assert [each["tenantId"] for each in found] == [visitor.tenants[1]]
    assert found[0]["tenantType"] == "ORGANISATION"


async def test_connections_are_the_users_and_each_knows_its_last_consent(visit: Visit) -> None:
    """Two consents of one user: each token sees both organisations, and tells its own by the event."""
    visitor = await visit()
    first = (await visitor.link(visitor.tenants[0]))["access_token"]
    second = (await visitor.link(visitor.tenants[1]))["access_token"]
    assert len(await connections(visitor, first)) == 2
    own = await connections(visitor, second, authEventId=claims(second)["authentication_event_id"])
    assert [each["tenantId"] for each in own] == [visitor.tenants[1]]


async def test_another_user_sees_only_their_own_connections(visit: Visit) -> None:
    visitor = await visit()
    await visitor.link(visitor.tenants[0])
    other = (await visitor.link(visitor.tenants[1], user="other@example.com"))["access_token"]
    assert [each["tenantId"] for each in await connections(visitor, other)] == [visitor.tenants[1]]
    refused = await visitor.ask("Invoices", tenant=visitor.tenants[0])
    assert refused.status_code == 403


async def test_a_code_is_good_once(visit: Visit) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0]))["code"]
    assert (await visitor.redeem(code)).status_code == 200
    again = await visitor.redeem(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


async def test_a_code_is_good_for_five_minutes(visit: Visit) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0]))["code"]
    await visitor.control("clock", {"advance": 301})
    assert (await visitor.redeem(code)).json() == {"error": "invalid_grant"}


async def test_a_code_is_good_for_its_own_redirect_only(visit: Visit) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0]))["code"]
    answer = await visitor.redeem(code, redirect_uri="http://127.0.0.1:1/elsewhere")
    assert answer.json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("verifier", ["wrong" * 10, None], ids=["another verifier", "no verifier"])
async def test_a_challenge_is_answered_only_by_its_verifier(visit: Visit, verifier: str | None) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0], **challenge(VERIFIER)))["code"]
    answer = await visitor.redeem(code, **({"code_verifier": verifier} if verifier else {}))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


async def test_a_public_client_with_its_verifier_needs_no_secret(visit: Visit) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0], **challenge(VERIFIER)))["code"]
    answer = await visitor.redeem(code, code_verifier=VERIFIER, secret=None)
    assert answer.status_code == 200
    refreshed = await visitor.ask_token(
        secret=None, grant_type="refresh_token", refresh_token=answer.json()["refresh_token"]
    )
    assert refreshed.status_code == 200


async def test_a_client_without_secret_or_verifier_gets_nothing(visit: Visit) -> None:
    visitor = await visit()
    code = (await visitor.consent(visitor.tenants[0]))["code"]
    answer = await visitor.redeem(code, secret=None)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


@pytest.mark.parametrize("basic", [True, False], ids=["in the header", "in the form"])
@pytest.mark.parametrize("good", [True, False], ids=["right", "wrong"])
async def test_the_secret_counts_wherever_it_stands(visit: Visit, basic: bool, good: bool) -> None:
    visitor = await visit()
    back = await visitor.consent(visitor.tenants[0])
    secret = visitor.app["clientSecret"] if good else "nonsense"
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": "http://127.0.0.1:1/callback",
    }
    auth = httpx.BasicAuth(visitor.app["clientId"], secret) if basic else None
    own = {} if basic else {"client_id": visitor.app["clientId"], "client_secret": secret}
    answer = await visitor.http.post("/xero/connect/token", data={**form, **own}, auth=auth)
    assert answer.status_code == (200 if good else 400)
    assert good or answer.json() == {"error": "invalid_client"}


async def test_refreshing_gives_a_new_token_and_the_old_one_lives_half_an_hour(visit: Visit) -> None:
    visitor = await visit()
    old = (await visitor.link())["refresh_token"]
    new = (await visitor.refresh(old)).json()["refresh_token"]
    assert new != old
    await visitor.control("clock", {"advance": 29 * 60})
    assert (await visitor.refresh(old)).status_code == 200
    await visitor.control("clock", {"advance": 2 * 60})
    late = await visitor.refresh(old)
    assert (late.status_code, late.json()) == (400, {"error": "invalid_grant"})


async def test_the_loser_of_a_refresh_race_is_locked_out_after_the_grace(visit: Visit) -> None:
    """Two refreshes with one token: the first answer's refresh token is replaced by the second's."""
    visitor = await visit()
    old = (await visitor.link())["refresh_token"]
    loser = (await visitor.refresh(old)).json()["refresh_token"]
    winner = (await visitor.refresh(old)).json()["refresh_token"]
    await visitor.control("clock", {"advance": 31 * 60})
    assert (await visitor.refresh(loser)).status_code == 400
    assert (await visitor.refresh(winner)).status_code == 200


async def test_a_refresh_token_dies_unused_after_sixty_days(visit: Visit) -> None:
    visitor = await visit()
    token = (await visitor.link())["refresh_token"]
    await visitor.control("clock", {"advance": 61 * 86400})
    assert (await visitor.refresh(token)).json() == {"error": "invalid_grant"}


async def test_without_offline_access_there_is_no_refresh_token(visit: Visit) -> None:
    visitor = await visit()
    assert "refresh_token" not in await visitor.link(scope="accounting.settings.read")


async def test_another_grant_type_is_refused(visit: Visit) -> None:
    visitor = await visit()
    answer = await visitor.ask_token(grant_type="password", username="me")
    assert answer.json() == {"error": "unsupported_grant_type"}


async def test_an_access_token_expires_after_half_an_hour(visitor: Any) -> None:
    await visitor.control("clock", {"advance": 1801})
    answer = await visitor.ask("Invoices")
    assert answer.status_code == 401
    assert answer.json()["Detail"].startswith("TokenExpired: token expired at ")


async def test_a_token_that_was_tampered_with_opens_nothing(visitor: Any) -> None:
    head, body, signature = visitor.tokens["access_token"].split(".")
    visitor.tokens["access_token"] = f"{head}.{body[:-4]}AAAA.{signature}"
    answer = await visitor.ask("Invoices")
    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthenticationUnsuccessful")


async def test_letting_one_organisation_go_leaves_the_token_good_for_the_others(visitor: Any) -> None:
    access = visitor.tokens["access_token"]
    first = next(
        each for each in await connections(visitor, access) if each["tenantId"] == visitor.tenants[0]
    )
    path, headers = f"/xero/connections/{first['id']}", {"authorization": f"Bearer {access}"}
    assert (await visitor.http.delete(path, headers=headers)).status_code == 204
    assert (await visitor.http.delete(path, headers=headers)).status_code == 404
    gone = await visitor.ask("Invoices", tenant=visitor.tenants[0])
    assert gone.status_code == 403
    assert gone.json()["detail"] == "AuthenticationUnsuccessful"
    assert (await visitor.ask("Invoices", tenant=visitor.tenants[1])).status_code == 200


async def test_revoking_ends_the_grant_and_all_of_the_users_connections(visitor: Any) -> None:
    words = {"client_id": visitor.app["clientId"], "client_secret": visitor.app["clientSecret"]}
    refresh = visitor.tokens["refresh_token"]
    for _ in range(2):  # safe to repeat
        answer = await visitor.http.post("/xero/connect/revocation", data={**words, "token": refresh})
        assert answer.status_code == 200
    assert (await visitor.refresh(refresh)).status_code == 400
    assert (await visitor.ask("Invoices")).status_code == 401
    again = (await visitor.link(visitor.tenants[0]))["access_token"]
    assert [each["tenantId"] for each in await connections(visitor, again)] == [visitor.tenants[0]]
