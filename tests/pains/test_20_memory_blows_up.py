"""One large page, or very many records, and the process takes gigabytes.

Here what is in flight is bounded by bytes, and of a large page no copy is made. (A million records: the bench.)
"""

import json
import subprocess
import sys

import pytest

_ENGINE = """
import json, sys, tempfile, trio
from pathlib import Path
from tallystick.cli.bench import page_server
from tallystick.cli.bench.engine import engine_over

async def main(folder, url, rows):
    async with engine_over(folder, url, 1000) as bench:
        await bench.sync()

rows, page = int(sys.argv[1]), int(sys.argv[2])
with page_server(rows, page) as url, tempfile.TemporaryDirectory() as folder:
    trio.run(main, Path(folder) / "data", url, rows)
# Not `ru_maxrss`: a child begins with what its parent has.
(line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps(int(line.split()[1]) // 1024))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "page"),
    [(37_000, 37_000), (74_000, 37_000), (30_000, 1000)],
    ids=["one page of 50 MB", "two pages of 50 MB", "thirty pages"],
)
def test_memory_stays_below_its_ceiling(rows: int, page: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENGINE, str(rows), str(page)], check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) < 300, "megabytes"
