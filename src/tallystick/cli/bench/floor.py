"""The reference: fetch, parse and insert, with nothing that a product would add.

trio, httpx, orjson and plain SQLite: a row with the raw record under its text id, three rows of lines
by `executemany`, a commit a page; no mapping, no encryption, no change detection.
"""

import resource
import sqlite3
import tempfile
import time
from pathlib import Path

import httpx
import trio

from tallystick.errors import ConfigurationInvalid

_SCHEMA = """
    create table invoices (id text primary key, updated text, raw blob);
    create table lines (id text primary key, invoice text, description text, quantity real, amount real);
"""


def measure(url: str) -> dict[str, float]:
    """Read every page. Returns CPU and wall seconds of this process."""
    try:
        import orjson
    except ImportError as error:
        raise ConfigurationInvalid(message="the bench needs orjson: install tallystick[bench]") from error

    async def read(database: sqlite3.Connection) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            page, count = 1, 1
            while page <= count:
                response = await http.get(f"{url}/Invoices", params={"page": str(page)})
                found = orjson.loads(response.content)
                count = found["pagination"]["pageCount"]
                rows = found["Invoices"]
                database.executemany(
                    "insert into invoices values (?, ?, ?)",
                    [(r["InvoiceID"], r["UpdatedDateUTC"], orjson.dumps(r)) for r in rows],
                )
                database.executemany(
                    "insert into lines values (?, ?, ?, ?, ?)",
                    [
                        (
                            line["LineItemID"],
                            r["InvoiceID"],
                            line["Description"],
                            line["Quantity"],
                            line["LineAmount"],
                        )
                        for r in rows
                        for line in r["LineItems"]
                    ],
                )
                database.commit()
                page += 1

    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "floor.db")
        database.execute("pragma journal_mode = wal")
        database.executescript(_SCHEMA)
        before, started = _cpu(), time.perf_counter()
        trio.run(read, database)
        spent = {"cpu_s": _cpu() - before, "wall_s": time.perf_counter() - started}
        database.close()
    return spent


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
