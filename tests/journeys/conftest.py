"""Real processes: a sandbox, an installation that serves, and whoever talks to them."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from attrs import define, field

from tallystick.connectors.registry import MANIFESTS
from tallystick.connectors.sandbox.endpoints import endpoints_of

PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", Path(__file__).parents[3] / "shared" / "payloads"))
#: Kept below a connection, and not a company, in the API.
OF_A_CONNECTION = frozenset(
    {"accountTransactions", "bankAccounts", "directCosts", "directIncomes", "transfers"}
)


def tallystick(*words: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tallystick", *words],
        cwd=cwd,
        check=check,
        capture_output=True,
        text=True,
        timeout=120,
    )


@define
class Sandbox:
    """A running sandbox."""

    process: subprocess.Popen[str]
    url: str
    control: str

    def state(self) -> dict[str, Any]:
        return httpx.get(f"{self.control}/state", timeout=30).raise_for_status().json()  # type: ignore[no-any-return]

    def post(self, act: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.control}/{act}", json=body, timeout=30).raise_for_status()
        return answer.json() if answer.content else {}

    def requests(self, resource: str | None = None) -> list[dict[str, Any]]:
        """Of one list, or of all."""
        log = httpx.get(f"{self.control}/requests", timeout=30).raise_for_status().json()
        return [r for r in log["requests"] if resource is None or r["path"].endswith(f"/{resource}")]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes; they end with the test."""
    with contextlib.ExitStack() as stack:

        def start(*flags: str) -> Sandbox:
            flags = flags if "--providers" in flags else ("--providers", "xero", *flags)
            process = subprocess.Popen(
                [sys.executable, "-m", "tallystick", "sandbox", "--json", "--port", "0",
                 "--stop-with-stdin", *flags],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path,
            )  # fmt: skip
            stack.callback(_end, process)
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            return Sandbox(process, ready["sandboxUrl"], ready["controlUrl"])

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=20)


@define
class Installation:
    """A data folder with settings, and the engine on it when it runs."""

    folder: Path
    client_id: str
    api_key: str
    process: subprocess.Popen[str] | None = None
    url: str = ""
    metrics_url: str = ""
    http: httpx.Client = field(factory=lambda: httpx.Client(timeout=30))

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(self.api_key.encode()).decode()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tallystick", "serve"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        lines = [self.process.stdout.readline().split() for _ in range(2)]
        assert lines[0], "the engine did not start"
        self.url, self.metrics_url = lines[0][1], lines[1][1]
        self.http.close()
        self.http = httpx.Client(base_url=self.url, headers={"authorization": self.authorization}, timeout=30)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=20)

    def stop(self) -> int:
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def get(self, path: str, **params: Any) -> Any:
        return self.http.get(path, params=params).raise_for_status().json()

    def company(self, name: str) -> str:
        return self.http.post("/companies", json={"name": name}).raise_for_status().json()["id"]  # type: ignore[no-any-return]

    def connect(self, company_id: str, platform_key: str = "gbol") -> dict[str, Any]:
        answer = self.http.post(f"/companies/{company_id}/connections", json={"platformKey": platform_key})
        return answer.raise_for_status().json()  # type: ignore[no-any-return]

    def link(self, tenant: str, name: str = "Amber Kitchens", platform_key: str = "gbol") -> tuple[str, str]:
        """Company and connection, linked by walking the consent page."""
        company_id = self.company(name)
        connection = self.connect(company_id, platform_key)
        end = consent(connection["linkUrl"], tenant)
        assert end.status_code == 200, end.text
        return company_id, connection["id"]

    def wait_until_complete(self, company_id: str, seconds: float = 60) -> dict[str, str]:
        """The state of every data type, once none is under way."""
        moving = {"Queued", "Fetching", "Initial", "Mapping", "Processing"}
        deadline = time.monotonic() + seconds
        while True:
            status = self.get(f"/companies/{company_id}/dataStatus")
            states = {name: entry["currentStatus"] for name, entry in status.items()}
            if states and not moving & set(states.values()):
                return states
            assert time.monotonic() < deadline, states
            time.sleep(0.1 if seconds <= 60 else 1.0)  # each look is a request of the day's quota

    def all_of(
        self, company_id: str, data_type: str, page_size: int = 500, *, connection_id: str | None = None
    ) -> list[dict[str, Any]]:
        """Those of a connection, where one is named."""
        where = f"/connections/{connection_id}" if connection_id else ""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            path = f"/companies/{company_id}{where}/data/{data_type}"
            answer = self.get(path, page=page, pageSize=page_size)
            found += answer["results"]
            if "next" not in answer["_links"]:
                return found
            page += 1


def linked(installed: Installation, slug: str, tenant: str) -> tuple[str, str]:
    """Company and connection, linked with one provider."""
    return installed.link(tenant, platform_key=MANIFESTS[slug].platform_key)


def served(
    installed: Installation, company_id: str, connection_id: str, data_type: str
) -> tuple[list[Any], list[Any]]:
    """What stands, and what is gone."""
    below = connection_id if data_type in OF_A_CONNECTION else None
    found = installed.all_of(company_id, data_type, connection_id=below)
    gone = [record for record in found if record["metadata"]["isDeleted"]]
    return [record for record in found if not record["metadata"]["isDeleted"]], gone


def refresh(installed: Installation, company_id: str, *data_types: str) -> None:
    """Sync some data types to their good end."""
    for data_type in data_types:
        installed.http.post(f"/companies/{company_id}/data/queue/{data_type}").raise_for_status()
    states = installed.wait_until_complete(company_id)
    assert {states[data_type] for data_type in data_types} == {"Complete"}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Makes installations with one provider, a sandbox's; their engines end with the test."""
    made: list[Installation] = []

    def make(stand_in: Sandbox, slug: str = "xero", *, extra: str = "") -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        folder.mkdir()
        tallystick("init", cwd=folder)
        app = stand_in.state()["apps"][slug]
        (folder / "secret").write_text(app["clientSecret"])
        settings = folder / "tallystick.toml"
        urls = endpoints_of(slug, stand_in.url)
        settings.write_text(
            settings.read_text().replace("port = 8080", "port = 0\nmetrics_port = 0")
            + f"""
[providers.{slug}]
client_id = "{app["clientId"]}"
client_secret = "file:{folder / "secret"}"
limits = "off"
"""
            # One that the provider has not is the sandbox's own URL.
            + "".join(f'{name} = "{url}"\n' for name, url in urls.items() if url != stand_in.url)
            + extra
        )
        client = json.loads(tallystick("clients", "create", "--name", "Acme", "--json", cwd=folder).stdout)
        installed = Installation(folder, client["clientId"], client["apiKey"])
        made.append(installed)
        installed.start()
        return installed

    yield make
    for installed in made:
        installed.http.close()
        installed.stop()


class _Form(HTMLParser):
    def __init__(self, tenant: str) -> None:
        super().__init__()
        self.tenant, self.action = tenant, ""
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        if tag == "input" and (given.get("type") == "hidden" or given.get("value") == self.tenant):
            self.values[given["name"]] = given["value"]


def consent(link_url: str, *tenants: str) -> httpx.Response:
    """What the company's owner does in a browser. The page on which the walk ends."""
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(link_url).raise_for_status()
        form = _Form(tenants[0])
        form.feed(page.text)
        values: dict[str, Any] = {**form.values, "tenant": list(tenants), "decision": "allow"}
        return browser.post(urljoin(str(page.url), form.action), data=values)


@pytest.fixture
def demo(tmp_path: Path) -> Generator[Callable[..., subprocess.Popen[str]], None, None]:
    """Starts demos; they end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*flags: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tallystick", "demo", "--port", "0", "--no-browser",
             "--data", str(tmp_path / "demo"), *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
