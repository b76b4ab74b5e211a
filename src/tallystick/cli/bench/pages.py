"""Serves pre-generated Xero invoices, in a process of its own: what both sides of the bench read.

Three lines, about 1.3 KB, random ids: random ids are most of what writing costs, so nothing else will do.
"""

import random
import sys
import uuid
from decimal import Decimal

import msgspec
import trio

_START_MS = 1_700_000_000_000


def invoice(rng: random.Random, number: int) -> dict[str, object]:
    """One invoice, as Xero writes it on a paged read."""
    lines = []
    net = tax = 0
    for _ in range(3):
        quantity, pence = rng.randint(1, 9), rng.randint(100, 99_999)
        net += quantity * pence
        tax += quantity * pence // 5
        lines.append(
            {
                "LineItemID": _id(rng),
                "Description": f"Work of week {rng.randint(1, 52)}",
                "Quantity": _exact(quantity * 10_000, 4),
                "UnitAmount": _exact(pence, 2),
                "LineAmount": _exact(quantity * pence, 2),
                "TaxType": "OUTPUT2",
                "TaxAmount": _exact(quantity * pence // 5, 2),
                "AccountCode": "200",
                "AccountID": _ACCOUNT,
            }
        )
    date = f"2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T00:00:00"
    return {
        "Type": "ACCREC",
        "InvoiceID": _id(rng),
        "InvoiceNumber": f"INV-{number:06}",
        "Reference": f"PO {rng.randint(1000, 9999)}",
        "AmountDue": _exact(net + tax, 2),
        "AmountPaid": _exact(0, 2),
        "AmountCredited": _exact(0, 2),
        "CurrencyRate": _exact(1_000_000, 6),
        "Contact": {"ContactID": _id(rng), "Name": f"Customer {rng.randint(1, 500)}"},
        "DateString": date,
        "DueDateString": date,
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": lines,
        "SubTotal": _exact(net, 2),
        "TotalTax": _exact(tax, 2),
        "Total": _exact(net + tax, 2),
        "UpdatedDateUTC": f"/Date({_START_MS + number * 1000}+0000)/",
        "CurrencyCode": "GBP",
    }


def _exact(units: int, places: int) -> Decimal:
    return Decimal(units).scaleb(-places)


def _id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


_ACCOUNT = _id(random.Random(0))  # noqa: S311 - reproducible on purpose


def generate(records: int, page_size: int) -> list[bytes]:
    """Every page as one whole HTTP answer."""
    rng = random.Random(1)  # noqa: S311 - reproducible on purpose
    count = -(-records // page_size)
    pages = []
    encoder = msgspec.json.Encoder(decimal_format="number")
    for page in range(count):
        rows = [invoice(rng, n) for n in range(page * page_size, min(records, (page + 1) * page_size))]
        pagination = {"page": page + 1, "pageSize": page_size, "pageCount": count, "itemCount": records}
        body = encoder.encode(
            {
                "Status": "OK",
                "DateTimeUTC": f"/Date({_START_MS})/",
                "pagination": pagination,
                "Invoices": rows,
            }
        )
        pages.append(_answer(body))
    return pages


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_NOTHING = b'{"Status":"OK","pagination":{"page":1,"pageCount":0,"itemCount":0},"Invoices":[]}'


async def serve(records: int, page_size: int, latency_ms: int, quiet: bool) -> None:
    """Answer `?page=N` after a pause, until stdin closes; prints the base URL when ready.

    `quiet`: who asks for changes is told that there are none.
    """
    pages = generate(records, page_size)

    async def answer(stream: trio.SocketStream) -> None:
        received = b""
        async with stream:
            async for chunk in stream:
                received += chunk
                while b"\r\n\r\n" in received:
                    head, _, received = received.partition(b"\r\n\r\n")
                    target = head.split(b" ", 2)[1]
                    number = int(target.partition(b"page=")[2].split(b"&")[0])
                    if latency_ms:
                        await trio.sleep(latency_ms / 1000)
                    if quiet and b"if-modified-since" in head.lower():
                        await stream.send_all(_answer(_NOTHING))
                    else:
                        await stream.send_all(pages[number - 1])

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, answer, 0)
        port = listeners[0].socket.getsockname()[1]
        print(f"http://127.0.0.1:{port}", flush=True)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(serve, int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "quiet")
