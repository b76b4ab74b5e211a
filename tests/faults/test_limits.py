"""A process whose file descriptors or memory are limited: it says so, and goes on with what it has.

The limits are set in a process of its own. Invariants: I1, I2 for what was stored before; no crash.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

_BEGIN = """
import resource, sys, trio
from datetime import UTC, datetime
from pathlib import Path
from tallystick.access import Access
from tallystick.errors import StoreUnusable
from tallystick.store import DataFolder, open_stores, companies, Company
from tallystick.telemetry import Telemetry
now = lambda: datetime(2026, 3, 1, tzinfo=UTC)
folder = DataFolder.open(Path(sys.argv[1]), bytes(32), create=True)
"""


def _run(program: str, tmp_path: Path) -> str:
    text = _BEGIN + textwrap.dedent(program)
    command = [sys.executable, "-c", text, str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_files_that_cannot_be_opened_for_want_of_descriptors_are_told_and_the_open_ones_work_on(
    tmp_path: Path,
) -> None:
    said = _run(
        """
        async def main():
            async with open_stores(folder, Telemetry(), now) as stores:
                clients = [(await Access(stores).create_client(str(n))).id for n in range(40)]
                resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
                opened, refused = [], 0
                for client in clients:
                    try:
                        async with stores.client(client) as store:
                            opened.append(client)
                    except StoreUnusable:
                        refused += 1
                async with stores.client(opened[0]) as store:
                    company = Company(id="c", name="n", description=None, tags={}, created_at=now())
                    await store.write(companies.add, company)
                    assert await store.read(companies.find, "c") == company
                print(len(opened), refused)
        trio.run(main)
        """,
        tmp_path,
    )
    opened, refused = map(int, said.split())
    assert opened > 5
    assert refused > 5


@pytest.mark.slow
def test_a_job_that_finds_no_memory_fails_alone(tmp_path: Path) -> None:
    said = _run(
        """
        async def main():
            async with open_stores(folder, Telemetry(), now) as stores:
                client = (await Access(stores).create_client("Acme")).id
                async with stores.client(client) as store:
                    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
                    resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, -1))
                    huge = Company(id="h", name="x", description=None, tags={}, created_at=now())
                    def greedy(connection):
                        companies.add(connection, huge)
                        return bytes(400_000_000)
                    try:
                        await store.write(greedy)
                    except MemoryError:
                        print("refused")
                    small = Company(id="s", name="n", description=None, tags={}, created_at=now())
                    await store.write(companies.add, small)
                    assert await store.read(companies.find, "h") is None
                    assert await store.read(companies.find, "s") == small
        trio.run(main)
        """,
        tmp_path,
    )
    assert said == "refused\n"
