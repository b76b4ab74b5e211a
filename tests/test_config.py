"""Settings: typed, refused when unknown, secrets never shown."""

from pathlib import Path

import pytest

from tallystick.config import ProviderSettings, Secret, load, structure
from tallystick.errors import ConfigurationInvalid


def write(folder: Path, text: str) -> Path:
    file = folder / "t.toml"
    file.write_text(text)
    return file


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(environment={})
    assert settings.server.port == 8080
    assert settings.environment == "production"
    assert settings.providers == {}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 1000\nhost = '127.0.0.2'\n")
    settings = load(file, {"TALLYSTICK_SERVER_PORT": "2000", "OTHER": "x"})
    assert (settings.server.port, settings.server.host) == (2000, "127.0.0.2")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprot = 1\n", "unknown setting server.prot; did you mean server.port?"),
        ("[sever]\nport = 1\n", "unknown setting sever; did you mean server?"),
        (
            "[providers.xero]\nclient_id = 'a'\nclient_secrt = 'b'\n",
            "did you mean providers.xero.client_secret?",
        ),
        ("[providers.xero]\n", "required setting client_id"),
        ("[server]\nport = 70000\n", "port"),
        ("[server]\nport = 'x'\n", "server.port"),
        ("environment = 'staging'\n", "environment"),
        ("[engine]\nsync_deadline = 60\n", "sync_deadline (60) must be above call_deadline (60)"),
        ("[engine]\ncall_deadline = 120.0\n", "sync_deadline (110) must be above call_deadline (120)"),
    ],
    ids=[
        "setting",
        "section",
        "provider",
        "missing",
        "range",
        "type",
        "choice",
        "deadline",
        "other deadline",
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        load(write(tmp_path, text), {})
    assert told in str(refused.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="cannot be read"):
        load(tmp_path / "none.toml", {})


def test_a_secret_is_a_reference_and_never_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s").write_text("from a file\n")
    monkeypatch.setenv("A_SECRET", "from the environment")
    assert Secret(f"file:{tmp_path / 's'}").reveal() == "from a file"
    assert Secret("env:A_SECRET").reveal() == "from the environment"
    assert Secret("cmd:echo from a command").reveal() == "from a command"
    provider = ProviderSettings(client_id="x", client_secret=Secret("env:A_SECRET"))
    assert "A_SECRET" not in repr(provider)
    assert "A_SECRET" not in str(provider.client_secret)


@pytest.mark.parametrize(
    "reference", ["the secret itself", "env:NOT_THERE_AT_ALL", "file:/not/there", "cmd:false", "cmd:'"]
)
def test_a_secret_that_cannot_be_read_is_told_without_a_traceback(reference: str) -> None:
    with pytest.raises(ConfigurationInvalid):
        Secret(reference).reveal()


def test_a_whole_installation_is_read() -> None:
    settings = structure(
        {
            "environment": "development",
            "store": {"data": "/data", "key": "file:/key", "commit_pages": 3},
            "providers": {"xero": {"client_id": "x", "scopes": ["a", "b"], "limits": "off"}},
        }
    )
    assert settings.store.data == Path("/data")
    assert settings.store.commit_pages == 3
    assert settings.providers["xero"].scopes == ("a", "b")
