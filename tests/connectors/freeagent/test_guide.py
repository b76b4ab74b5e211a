"""`docs/adding-a-provider.md` shows FreeAgent's own files, and not what they once were."""

import argparse
import re
import tomllib
from pathlib import Path

import attrs
import pytest

from tallystick.cli import map as map_command
from tallystick.cli import sandbox as sandbox_command
from tallystick.config import ProviderSettings
from tallystick.connectors.registry import MANIFESTS
from tallystick.connectors.sandbox.endpoints import endpoints_of

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "adding-a-provider.md").read_text()
EXCERPTS = re.findall(r"^`(\S+\.py)`:\n\n```python\n(.*?)```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_every_block_of_code_names_its_file() -> None:
    assert len(EXCERPTS) == GUIDE.count("```python") > 10


@pytest.mark.parametrize(("file", "excerpt"), EXCERPTS)
def test_an_excerpt_is_what_the_file_says(file: str, excerpt: str) -> None:
    assert excerpt in (ROOT / "src" / "tallystick" / file).read_text()


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:tests/|test_|connectors/|docs/)[\w/]+(?:\.\w+|/))`", GUIDE)))
)
def test_every_file_that_is_named_is_there(name: str) -> None:
    places = (ROOT, ROOT / "src" / "tallystick", ROOT / "tests" / "connectors" / "freeagent")
    assert any((place / name).exists() for place in places)


def test_the_settings_are_those_of_the_stand_in() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    told = tomllib.loads(block)["providers"]["freeagent"]
    assert set(told) <= {each.name for each in attrs.fields(ProviderSettings)}
    urls = {name: url for name, url in told.items() if name.endswith("_url")}
    served = endpoints_of("freeagent", "http://127.0.0.1:8090")
    assert urls == {name: url for name, url in served.items() if name != "revoke_url"}


def test_the_commands_are_understood() -> None:
    (block,) = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    suite, served, mapped = ([word for word in line.split() if word != "$"] for line in block.splitlines())
    assert (ROOT / suite[3]).exists()
    parser = argparse.ArgumentParser(exit_on_error=False)
    sandbox_command.add_arguments(parser)
    assert parser.parse_args(served[4:]).providers == ("freeagent",)
    parser = argparse.ArgumentParser(exit_on_error=False)
    map_command.add_arguments(parser)
    told = parser.parse_args(mapped[4:])
    assert told.entity in {resource.name for resource in MANIFESTS[told.provider].resources}
