from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import trio

from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.limits import Allowance, Meter, Refusal

Visit = Callable[..., Awaitable[Any]]


async def test_without_limits_no_answer_speaks_of_them(visitor: Any) -> None:
    answer = await visitor.ask("Accounts")
    assert not [name for name in answer.headers if "limit" in name.lower()]


async def test_every_answer_says_what_is_left(visit: Visit) -> None:
    visitor = await visit(limits="real")
    await visitor.link()
    answer = await visitor.ask("Accounts")
    assert answer.headers["x-minlimit-remaining"] == "59"
    assert answer.headers["x-daylimit-remaining"] == "4999"
    assert answer.headers["x-appminlimit-remaining"] == "9999"


async def test_one_call_too_many_in_a_minute_is_refused_until_it_is_over(visit: Visit) -> None:
    visitor = await visit(limits=3)
    await visitor.link()
    assert [(await visitor.ask("Accounts")).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = await visitor.ask("Accounts")
    assert refused.headers["x-rate-limit-problem"] == "minute"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-minlimit-remaining"] == "0"
    other = await visitor.ask("Accounts", tenant=visitor.tenants[1])
    assert other.status_code == 200
    await visitor.control("clock", {"advance": 60})
    assert (await visitor.ask("Accounts")).status_code == 200


async def test_tokens_and_connections_cost_no_tenants_calls(visit: Visit) -> None:
    visitor = await visit(limits=1)
    for _ in range(3):
        await visitor.link()
    assert (await visitor.ask("Accounts")).status_code == 200


async def test_a_sixth_call_at_once_is_refused(visit: Visit) -> None:
    visitor = await visit(limits="real", latency_s=0.2)
    await visitor.link()
    answers: list[Any] = []

    async def ask() -> None:
        answers.append(await visitor.ask("Accounts"))

    async with trio.open_nursery() as nursery:
        for _ in range(7):
            nursery.start_soon(ask)
    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 2
    assert {each.headers["x-rate-limit-problem"] for each in refused} == {"concurrent"}


def test_the_day_and_the_apps_minute_are_limits_of_their_own() -> None:
    clock = Clock()
    meter = Meter(Allowance(day=2), clock)
    assert [meter.enter("a"), meter.enter("a")] == [None, None]
    refusal = meter.enter("a")
    assert isinstance(refusal, Refusal)
    assert refusal.scope == "day"
    assert refusal.retry_after_s > 86_000
    clock.advance(timedelta(days=1).total_seconds())
    assert meter.enter("a") is None
    app = Meter(Allowance(app_minute=2), clock)
    assert [app.enter("a"), app.enter("b")] == [None, None]
    full = app.enter("c")
    assert full is not None
    assert full.scope == "appminute"
