"""A client of the API, in a process of its own: reads pages of 100 records at a steady rate."""

import base64
import json
import random
import sys
from typing import Final

import httpx
import trio

_READS_A_SECOND: Final = 25
_PAGES: Final = 20  #: the first ones, read at random


async def read(url: str, api_key: str) -> None:
    """Read pages at a steady rate until stdin closes; prints what each took, in seconds."""
    seconds: list[float] = []
    rng = random.Random(1)  # noqa: S311 - reproducible on purpose
    token = base64.b64encode(api_key.encode()).decode()
    async with (
        httpx.AsyncClient(headers={"authorization": f"Basic {token}"}, trust_env=False, timeout=60) as http,
        trio.open_nursery() as nursery,
    ):

        async def one() -> None:
            began = trio.current_time()
            answer = await http.get(url, params={"page": rng.randint(1, _PAGES), "pageSize": 100})
            seconds.append(trio.current_time() - began)
            assert len(answer.raise_for_status().json()["results"]) == 100, answer.text[:500]

        async def steadily() -> None:
            due = trio.current_time()
            while True:
                nursery.start_soon(one)  # whatever the one before takes: a slow answer is no excuse
                due += 1 / _READS_A_SECOND
                await trio.sleep_until(due)

        await one()
        seconds.clear()  # it opened the connection
        print(" ", end="", flush=True)
        nursery.start_soon(steadily)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()
    print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    trio.run(read, sys.argv[1], sys.argv[2])
