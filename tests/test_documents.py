"""Documents that are made from the code say what the code says."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "tool",
    [
        "settings_table",
        "metrics_table",
        "errors_table",
        "provider_errors_table",
        "compatibility_table",
        "rules_table",
        "states_page",
    ],
)
def test_a_generated_page_is_what_its_tool_writes_now(tool: str) -> None:
    module = _tool(tool)
    assert module.PAGE.read_text() == module.page(), f"run .venv/bin/python tools/{tool}.py"


@pytest.mark.slow
def test_the_coverage_of_providers_is_what_their_connectors_bring_now() -> None:
    module = _tool("coverage_page")
    assert module.PAGE.read_text() == module.page(), "run .venv/bin/python tools/coverage_page.py"


def test_every_data_type_has_a_page_that_says_what_its_class_says() -> None:
    module = _tool("data_types_pages")
    made = module.pages()
    assert {path: path.read_text() for path in module.FOLDER.glob("*.md")} == made, (
        "run .venv/bin/python tools/data_types_pages.py"
    )
    silent = [line for page in made.values() for line in page.splitlines() if line.endswith("|  |")]
    assert silent == [], "a field without a `#:` comment and without a place in standard/meanings.py"


def test_every_setting_is_told_in_a_sentence() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    silent = [line for line in page.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert silent == []
