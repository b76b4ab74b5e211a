"""`tallystick actors`, against a door that answers as a test says."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from rich.console import Console

from tallystick.cli import main
from tallystick.cli.actors import _actor_table, urgency
from tallystick.cli.operators_door import TOKEN_VARIABLE, URL_VARIABLE

TOKEN = "tallyop_a_token_for_a_test_of_the_command"


def an_actor(actor_id: str, **options: Any) -> dict[str, Any]:
    return {
        "id": actor_id,
        "kind": "connection",
        "state": "running",
        "mailboxDepth": 0,
        "mailboxLimit": 64,
        "mailboxBytes": 0,
        "mailboxLimitBytes": 16777216,
        "oldestMessageSeconds": 0.0,
        "restarts": 0,
        "crashes": 0,
        "doing": None,
        "tasks": [],
        "sinceSeconds": 12.0,
        "reason": None,
        **options,
    }


@define(eq=False)
class Door:
    """An engine's operators' door: what it answers, and what it was asked."""

    url: str
    answers: dict[str, tuple[int, Any]] = field(factory=dict)
    asked: list[str] = field(factory=list)


@pytest.fixture
def door() -> Iterator[Door]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            made.asked.append(f"{self.command} {self.path}")
            status, body = made.answers.get(self.path, (404, {"error": "There is nothing at this path."}))
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                status, body = 401, {"error": "Unauthorized"}
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Door(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def demo(door: Door, tmp_path: Path) -> str:
    """The folder of a running demo."""
    (tmp_path / "demo.json").write_text(
        json.dumps({"apiUrl": door.url, "opsUrl": f"{door.url}/ops", "operatorToken": TOKEN})
    )
    return str(tmp_path)


def test_what_needs_a_look_comes_first() -> None:
    calm, waiting = an_actor("a"), an_actor("b", oldestMessageSeconds=30.0, mailboxDepth=1)
    full, crashed = an_actor("c", mailboxDepth=64), an_actor("d", crashes=1)
    parked = an_actor("e", state="parked")
    assert sorted([calm, waiting, full, crashed, parked], key=urgency) == [
        parked,
        crashed,
        waiting,
        full,
        calm,
    ]


def test_actors_are_told_in_a_table_and_a_parked_one_makes_it_exit_code_1(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calm = an_actor("calm", doing="Sync", tasks=["run"])
    door.answers["/ops/api/actors"] = (200, {"results": [calm]})
    assert main(["actors", "--data", demo]) == 0
    told = capsys.readouterr().out
    assert "Sync, run" in told
    assert "1 actors, 0 parked" in told
    wild = an_actor("wild", state="parked", reason="KeyError: '[x]'", restarts=3)
    door.answers["/ops/api/actors"] = (200, {"results": [calm, wild]})
    assert main(["actors", "--data", demo]) == 1
    told = capsys.readouterr().out
    assert told.index("wild") < told.index("calm")
    assert "KeyError: '[x]'" in told
    assert "--resume ID" in told


def test_scripts_get_what_the_engine_said(door: Door, demo: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = [an_actor("calm"), an_actor("wild", state="parked")]
    door.answers["/ops/api/actors"] = (200, {"results": found})
    assert main(["actors", "--json", "--data", demo]) == 1
    assert json.loads(capsys.readouterr().out) == {"results": found[::-1]}


def test_url_and_token_can_come_from_the_environment_and_from_options(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.answers["/ops/api/actors"] = (200, {"results": []})
    monkeypatch.setenv(URL_VARIABLE, door.url + "/")
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert main(["actors"]) == 0
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.delenv(URL_VARIABLE)
    monkeypatch.delenv(TOKEN_VARIABLE)
    assert main(["actors", "--url", door.url, "--token", f"file:{tmp_path / 'token'}"]) == 0


def test_dead_letters_are_told_with_their_traceback(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = {
        "id": "connections-3",
        "kind": "connection",
        "actor": "c1",
        "message": "Sync",
        "clientId": "acme",
        "correlationId": "f" * 32,
        "reason": "KeyError: 'x'",
        "traceback": "Traceback:\n  in handle\nKeyError: 'x'\n",
        "ageSeconds": 130.0,
        "sizeBytes": 0,
    }
    door.answers["/ops/api/dead-letters"] = (200, {"results": [letter]})
    assert main(["actors", "--dead-letters", "--data", demo]) == 1
    told = capsys.readouterr().out
    for part in ("connections-3", "Sync to connection c1", "2 min ago", "client acme", "in handle"):
        assert part in told
    door.answers["/ops/api/dead-letters"] = (200, {"results": []})
    assert main(["actors", "--dead-letters", "--data", demo]) == 0
    assert "no dead letters" in capsys.readouterr().out


def test_an_actor_is_resumed_and_a_letter_sent_again(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    door.answers["/ops/api/actors/connection%2Fc1/resume"] = (200, an_actor("connection/c1"))
    assert main(["actors", "--resume", "connection/c1", "--data", demo]) == 0
    assert "connection/c1 goes on" in capsys.readouterr().out
    door.answers["/ops/api/dead-letters/connections-3/resend"] = (200, {"id": "connections-3", "actor": "c1"})
    assert main(["actors", "--resend", "connections-3", "--json", "--data", demo]) == 0
    assert json.loads(capsys.readouterr().out)["actor"] == "c1"
    assert door.asked == [
        "POST /ops/api/actors/connection%2Fc1/resume",
        "POST /ops/api/dead-letters/connections-3/resend",
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((409, {"error": "c1 is running, not parked. Try again."}), "is running, not parked"),
        ((404, {"error": "No actor was found with ID c1"}), "No actor was found"),
        ((500, "not JSON"), "HTTP 500"),
        ((200, "not JSON"), "HTTP 200"),
    ],
    ids=["not parked", "unknown", "broken", "something else"],
)
def test_an_act_that_is_refused_is_exit_code_1_with_the_engines_reason(
    answer: tuple[int, Any], told: str, door: Door, demo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    door.answers["/ops/api/actors/c1/resume"] = answer
    assert main(["actors", "--resume", "c1", "--data", demo]) == 1
    assert told in "".join(capsys.readouterr())


def test_an_engine_that_does_not_run_is_exit_code_1(
    demo: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert main(["actors", "--url", "http://127.0.0.1:1"]) == 1
    assert "does not answer" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no token: give --token"),
        (["--token", "env:A_TOKEN"], "no address: give --url"),
        (["--token", "tallyop_plain"], "by reference"),
        (["--token", "env:A_TOKEN", "--url", "127.0.0.1:8080"], "is no URL"),
        (["--data", "nowhere"], "tallystick demo --data nowhere"),
        (["--watch", "--json"], "leave one out"),
    ],
    ids=["no token", "no URL", "a token in plain", "half a URL", "no demo", "watch and json"],
)
def test_wrong_use_is_exit_code_2_with_the_way_to_mend_it(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.setenv("A_TOKEN", TOKEN)
    assert main(["actors", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_demo_json_of_another_release_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo.json").write_text('{"apiUrl": "http://127.0.0.1:1"}')
    assert main(["actors", "--data", str(tmp_path)]) == 2
    assert "of this release" in capsys.readouterr().err


def test_a_token_that_is_not_taken_and_a_door_that_is_not_there_are_exit_code_2(
    door: Door, demo: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["actors", "--data", demo]) == 2
    assert "has no operators' door: set [server] operator_token" in capsys.readouterr().err
    monkeypatch.setenv(TOKEN_VARIABLE, "another")
    assert main(["actors", "--url", door.url]) == 2
    assert "does not take this token" in capsys.readouterr().err


def test_a_narrow_terminal_shows_ids_whole_and_reasons_below(capsys: pytest.CaptureFixture[str]) -> None:
    actor_id = "3f2b8a9e-0c1d-4e5f-8a7b-6c5d4e3f2a1b"
    wild = an_actor(actor_id, state="parked", reason="KeyError: 'x'")
    console = Console(width=80, highlight=False)
    console.print(_actor_table([wild, an_actor("calm")], console.width))
    lines = capsys.readouterr().out.splitlines()
    assert any(actor_id in line and "parked" in line and "0/64" in line for line in lines)
    assert f"{actor_id}: KeyError: 'x'" in lines
    assert max(len(line) for line in lines) <= 80
