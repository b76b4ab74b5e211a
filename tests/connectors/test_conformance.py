"""What every provider's folder promises, asked of all of them alike, from the consent to the last field.

The witness is each provider's own stand-in: whatever it serves is read with the connector's client and mapped,
and its rows are spoilt in every way to see that bad data ends as an issue and never as an exception.
"""

import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import msgspec
import pytest
import trio
from attrs import define, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tallystick.connectors
from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Books, Connector, Consent, Gone, Issue, Manifest, Pace, Page, TokenExpired
from tallystick.connectors.registry import CONNECTORS, MANIFESTS
from tallystick.connectors.sandbox import SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.connectors.sandbox.settings import PROVIDERS
from tallystick.errors import PageUnreadable, TallystickError
from tallystick.standard import RECORD_CLASSES, DataType, decode, encode

ROOT = Path(tallystick.connectors.__file__).parent
SLUGS = sorted(MANIFESTS)
#: What every folder has, whatever else it needs.
FILES = {
    "README.md", "__init__.py", "auth.py", "client.py", "connector.py", "envelope.py", "faults.py", "manifest.py",
    "mapping.py", "wire.py", "words.py",
}  # fmt: skip
SANDBOX_FILES = {"__init__.py", "answers.py", "company.py", "consent_page.py", "identity.py", "routes.py"}
#: What a README tells, by how its headings begin.
HEADINGS = (
    "Registering an app",
    "Limits",
    "How it is mapped, where that is not plain",
    "What is assumed, and has not been tried against",
)
#: Rows kept of each page to be spoilt: a page's rows are of few shapes.
_ROWS_A_PAGE = 3


# --- what can be told without asking anybody -------------------------------------------------------


def test_every_folder_of_a_provider_is_registered_and_has_a_stand_in() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/manifest.py")}
    assert folders == set(MANIFESTS) == set(CONNECTORS) == set(PROVIDERS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_folder_has_the_files_that_all_have(slug: str) -> None:
    assert {path.name for path in (ROOT / slug).iterdir()} >= FILES
    assert {path.name for path in (ROOT / slug / "sandbox").iterdir()} >= SANDBOX_FILES


@pytest.mark.parametrize("slug", SLUGS)
def test_a_readme_tells_what_who_runs_it_must_know(slug: str) -> None:
    text = (ROOT / slug / "README.md").read_text()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    for wanted in HEADINGS:
        assert any(heading.startswith(wanted) for heading in headings), wanted
    assert f"[providers.{slug}]" in text


def test_no_two_providers_are_taken_for_each_other() -> None:
    for name in ("slug", "platform_key", "name", "integration_id", "source_id"):
        told = [getattr(manifest, name) for manifest in MANIFESTS.values()]
        assert len(set(told)) == len(told), name


@pytest.mark.parametrize("slug", SLUGS)
def test_a_manifest_is_whole(slug: str) -> None:
    manifest = MANIFESTS[slug]
    assert manifest.slug == slug
    assert len(manifest.platform_key) == 4
    assert UUID(manifest.integration_id) != UUID(manifest.source_id)
    names = [resource.name for resource in manifest.resources]
    assert len(set(names)) == len(names)
    for place, resource in enumerate(manifest.resources):
        assert set(resource.after) <= set(names[:place]), "what it needs is read before"
        assert resource.data_types
        assert set(resource.data_types) <= set(get_args(DataType)) & set(RECORD_CLASSES)
    given_ = [name for resource in manifest.resources for name in resource.data_types]
    assert len(set(given_)) == len(given_), "of two, each would take the other's records for deleted"
    assert manifest.limits.calls_in_flight >= 1
    assert manifest.overlap_s > 0


@pytest.mark.parametrize("slug", SLUGS)
def test_a_connector_gives_all_that_the_engine_asks_of_it(slug: str) -> None:
    connector = CONNECTORS[slug](ProviderSettings(client_id="app"))
    assert connector.manifest == MANIFESTS[slug]
    assert connector.mapping_version >= 1
    assert connector.api_url.startswith("https://")
    assert not connector.api_url.endswith("/")
    assert inspect.iscoroutinefunction(connector.client.page)
    assert inspect.iscoroutinefunction(connector.client.one)
    assert "token-1" in "".join(connector.headers("token-1", "tenant-1").values())
    if connector.hooks is not None:
        for headers in ({}, {"x": "é"}):
            assert connector.hooks.verify(b"\xff{", headers, "key") is False


BODIES = [b"", b"<html>", b"{", b"null", b'{"Fault":{}}', b'[{"$message":1}]', b"\xff\xfe", b"[" * 10_000]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "body", BODIES, ids=["empty", "HTML", "cut", "null", "a fault", "a list", "no text", "deep"]
)
def test_every_refusal_means_something_whatever_its_body(slug: str, body: bytes) -> None:
    connector = CONNECTORS[slug](ProviderSettings(client_id="app"))
    request = httpx.Request("GET", "https://provider.example/list", params={"page": "1"})
    for status in (each for each in range(100, 600) if each not in (200, 304)):
        for headers in ({}, {"Retry-After": "soon", "Date": "never"}, {"Retry-After": "9" * 400}):
            response = httpx.Response(status, content=body, headers=headers, request=request)
            meant = connector.fault(response, "list")
            assert isinstance(meant, TallystickError | TokenExpired), status
            assert "<html>" not in str(meant)
            assert isinstance(connector.paces(response), Pace)
    unauthorised = httpx.Response(401, request=request)
    assert isinstance(connector.fault(unauthorised, "list"), TokenExpired), "it is worth one refresh"


# --- what the stand-in witnesses -------------------------------------------------------------------


@define(eq=False)
class Reading:
    """A company at a stand-in, read from the consent to the last page."""

    manifest: Manifest
    connector: Connector
    truth: dict[str, Any]
    tenant: str
    pages: dict[str, list[Page]] = field(factory=dict)
    given: dict[str, dict[str, Any]] = field(factory=dict)  #: records by data type and id
    issues: list[Issue] = field(factory=list)
    rows: list[tuple[str, bytes]] = field(factory=list)  #: resource and row, of every shape that came

    def map(self, name: str, row: bytes, issues: list[Issue]) -> list[Any]:
        """What a row is, with a company's books at hand."""
        resource = self.manifest.resource(name)
        return list(self.connector.mapper.records(resource, msgspec.Raw(row), BOOKS, issues))


BOOKS = Books(base_currency="GBP")
_VERIFIER = "v" * 64


@frozen
class _Calls:
    """`contract.Calls` over plain HTTP."""

    http: httpx.AsyncClient
    connector: Connector
    tenant: str
    access: str

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        base = self.connector.api_url.replace("{tenant}", self.tenant)
        sent = {**self.connector.headers(self.access, self.tenant), **(headers or {})}
        answer = await self.http.get(f"{base}/{path}", params=dict(params or {}), headers=sent)
        if answer.status_code not in (200, 304):
            raise self.connector.fault(answer, path)
        return answer


async def _read(slug: str, folder: Path) -> Reading:
    async with AsyncExitStack() as stack:
        asked = SandboxSettings(providers=(slug,), companies=1, records=80)
        running = await stack.enter_async_context(sandbox(asked))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        state = (await http.get(f"{running.control_url}/state")).json()
        app, truth = state["apps"][slug], state["companies"][0]
        connector = _connector(slug, running.url, app, folder)
        tenant, access = await _consent(http, connector, truth["tenant"])
        calls = _Calls(http, connector, tenant, access)
        reading = Reading(connector.manifest, connector, truth, tenant)
        for resource in connector.manifest.resources:
            at: str | None = None
            pages = reading.pages.setdefault(resource.name, [])
            while not pages or at is not None:
                pages.append(await connector.client.page(calls, resource, since=None, at=at))
                at = pages[-1].next
                assert len(pages) < 500, f"{resource.name} has no end"
            _map_all(reading, resource.name, pages)
        return reading


def _connector(slug: str, url: str, app: Mapping[str, str], folder: Path) -> Connector:
    secret = folder / f"{slug}-secret"
    secret.write_text(app["clientSecret"])
    urls: dict[str, Any] = {name: where for name, where in endpoints_of(slug, url).items() if where != url}
    return CONNECTORS[slug](
        ProviderSettings(
            client_id=app["clientId"], client_secret=Secret(f"file:{secret}"), limits="off", **urls
        )
    )


async def _consent(http: httpx.AsyncClient, connector: Connector, wanted: str) -> tuple[str, str]:
    """The tenant, and an access token, as a company gives them."""
    auth = connector.auth
    consent = Consent(
        state="state-1",
        code_verifier=_VERIFIER if auth.pkce else None,
        redirect_uri="http://127.0.0.1:1/back",
    )
    url = auth.authorize_url(consent)
    form = {**dict(parse_qsl(urlsplit(url).query)), "tenant": [wanted], "decision": "allow"}
    answer = await http.post(url.partition("?")[0], data=form)
    assert answer.status_code == 302, answer.text
    callback = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    tokens = await auth.exchange(http, consent, callback)
    fresh = await auth.refresh(http, tokens)
    assert fresh.access != tokens.access
    assert tokens.access not in repr(tokens)
    (tenant,) = await auth.tenants(http, fresh, callback)
    assert (tenant.id, bool(tenant.name)) == (wanted, True)
    return tenant.id, fresh.access


def _map_all(reading: Reading, name: str, pages: list[Page]) -> None:
    for page in pages:
        rows = list(map(bytes, page.records))
        reading.rows += [(name, row) for row in rows[:_ROWS_A_PAGE]]
        for row in rows:
            for record in reading.map(name, row, reading.issues):
                if not isinstance(record, Gone):
                    reading.given.setdefault(record.DATA_TYPE, {})[record.id or ""] = record


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """Every provider's stand-in, read once."""
    folder = tmp_path_factory.mktemp("secrets")
    return {slug: trio.run(_read, slug, folder) for slug in SLUGS}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_the_stand_in_holds_is_read_to_the_last_record(slug: str, readings: dict[str, Reading]) -> None:
    reading = readings[slug]
    counts = {
        name: sum(not _is_gone(record) for record in reading.given.get(name, {}).values())
        for name in reading.truth["counts"]
    }
    assert counts == reading.truth["counts"]
    assert set(reading.given) <= set(reading.manifest.data_types)


def _is_gone(record: Any) -> bool:
    metadata = getattr(record, "metadata", None)
    return metadata is not None and bool(metadata.isDeleted)


@pytest.mark.parametrize("slug", SLUGS)
def test_good_rows_are_rejected_for_nothing_and_their_words_are_known(
    slug: str, readings: dict[str, Reading]
) -> None:
    issues = readings[slug].issues
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    assert [issue for issue in issues if "is no word" in issue.message] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_records_are_what_the_standard_model_says(slug: str, readings: dict[str, Reading]) -> None:
    for name, records in readings[slug].given.items():
        for record in records.values():
            decode(name, encode(record))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_stored_page_splits_into_the_rows_that_it_came_with(
    slug: str, readings: dict[str, Reading]
) -> None:
    """Else a better mapping could not be applied to what was read before."""
    reading = readings[slug]
    for name, pages in reading.pages.items():
        for page in pages:
            rows = reading.connector.mapper.split(reading.manifest.resource(name), page.raw)
            assert list(map(bytes, rows)) == list(map(bytes, page.records)), name


@pytest.mark.parametrize("slug", SLUGS)
def test_pages_are_told_apart_by_their_fingerprints(slug: str, readings: dict[str, Reading]) -> None:
    for name, pages in readings[slug].pages.items():
        told = [page.fingerprint for page in pages if page.records]
        assert None not in told
        assert len(set(told)) == len(told), name


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"{", b"\xff", b"[" * 100_000], ids=["nothing", "HTML", "cut", "no text", "deep"]
)
def test_a_page_that_is_none_is_unreadable_and_nothing_else(slug: str, raw: bytes) -> None:
    connector = CONNECTORS[slug](ProviderSettings(client_id="app"))
    for resource in connector.manifest.resources:
        with pytest.raises(PageUnreadable):
            connector.mapper.split(resource, raw)


# --- bad data ends as an issue ---------------------------------------------------------------------

_BAD = st.sampled_from(
    [
        None, True, 0, -1, 7.5, "", " ", "x", "NaN", "Infinity", "-0", "1e999", "9" * 60, "2026-02-30", "0000-00-00",
        "/Date(0+0000)/", "\ud83d", "http://", "//", [], [None], [[]], {}, {"id": None}, {"x": {"y": []}},
    ]
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, value: Any, deep: int = 6) -> Any:
    """A value with one of its fields dropped, emptied or of another type; wherever in it."""
    if isinstance(value, dict) and value and deep:
        name = draw(st.sampled_from(sorted(value)))
        match draw(st.sampled_from(["in", "in", "drop", "retype", "rename"])):
            case "drop":
                return {key: each for key, each in value.items() if key != name}
            case "rename":
                return {(f"{key}_" if key == name else key): each for key, each in value.items()}
            case "in":
                return {**value, name: draw(spoilt(value[name], deep - 1))}
            case _:
                return {**value, name: draw(_BAD)}
    if isinstance(value, list) and value and deep:
        place = draw(st.integers(0, min(len(value), 4) - 1))
        return [*value[:place], draw(spoilt(value[place], deep - 1)), *value[place + 1 :]]
    return draw(_BAD)


@pytest.mark.parametrize("slug", SLUGS)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_spoilt_row_is_doubted_or_kept_and_never_raised(
    slug: str, readings: dict[str, Reading], data: st.DataObject
) -> None:
    reading = readings[slug]
    name, row = data.draw(st.sampled_from(reading.rows))
    changed: Any = json.loads(row)
    for _ in range(data.draw(st.integers(1, 3))):
        changed = data.draw(spoilt(changed))
    text = json.dumps(changed).encode()
    issues: list[Issue] = []
    records = reading.map(name, text, issues)

    for record in records:
        if isinstance(record, Gone):
            assert record.data_type in reading.manifest.data_types
            continue
        assert record.DATA_TYPE in reading.manifest.resource(name).data_types
        decode(record.DATA_TYPE, encode(record))
    for issue in issues:
        assert issue.path.startswith("$")
        assert issue.message
    again: list[Issue] = []
    repeated = reading.map(name, text, again)
    assert [_told(record) for record in repeated] == [_told(record) for record in records], "it is pure"
    assert again == issues


def _told(record: Any) -> Any:
    return record if isinstance(record, Gone) else encode(record)


#: In place of each field in turn; `...` takes it out.
_IN_TURN: list[Any] = [
    ...,
    None,
    "",
    "x",
    0,
    True,
    -7.5,
    [],
    {},
    [None],
    "1e999",
    "9" * 60,
    "NaN",
    "2026-02-30",
]


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within a value; of a list those of its first element."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name)
            yield from _places(inner, (*at, name))
    elif isinstance(value, list) and value:
        yield (*at, 0)
        yield from _places(value[0], (*at, 0))


def _put(value: Any, at: tuple[Any, ...], bad: Any) -> Any:
    """The value with another thing at a place within it."""
    if not at:
        return bad
    first, *rest = at
    inner = _put(value[first], tuple(rest), bad)
    if isinstance(value, list):
        return value[1:] if inner is ... else [inner, *value[1:]]
    return {
        name: inner if name == first else each
        for name, each in value.items()
        if name != first or inner is not ...
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_every_field_may_be_anything(slug: str, readings: dict[str, Reading]) -> None:
    reading = readings[slug]
    tried: set[tuple[str, tuple[Any, ...]]] = set()
    for name, row in reading.rows:
        whole = json.loads(row)
        for at in _places(whole):
            if (name, at) in tried:
                continue
            tried.add((name, at))
            for bad in _IN_TURN:
                issues: list[Issue] = []
                for record in reading.map(name, json.dumps(_put(whole, at, bad)).encode(), issues):
                    if not isinstance(record, Gone):
                        decode(record.DATA_TYPE, encode(record))
    assert len(tried) > 200


@pytest.mark.parametrize("slug", SLUGS)
def test_a_row_cut_anywhere_is_told(slug: str, readings: dict[str, Reading]) -> None:
    reading = readings[slug]
    for name, row in reading.rows[:: max(1, len(reading.rows) // 20)]:
        for length in range(0, len(row), max(1, len(row) // 7)):
            issues: list[Issue] = []
            assert reading.map(name, row[:length], issues) == []
            assert [issue.severity for issue in issues] == ["rejected"], (name, row[:length])


def test_the_suite_asks_every_provider_that_there_is(readings: dict[str, Reading]) -> None:
    modules: list[ModuleType] = [importlib.import_module(f"tallystick.connectors.{slug}") for slug in SLUGS]
    assert [module.MANIFEST.slug for module in modules] == SLUGS == sorted(readings)
    assert all(len(reading.rows) > 20 for reading in readings.values())
