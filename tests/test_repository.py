"""What the repository promises about itself: sizes, names, documents that agree with the code."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

MODULE_LINES, MODULE_LINES_WITH_REASON, FUNCTION_LINES = 400, 500, 60
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "base"}


def tool(name: str) -> ModuleType:
    """A script of tools/, as a module."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # attrs looks its classes' module up
    spec.loader.exec_module(module)
    return module


@cache
def tracked() -> tuple[Path, ...]:
    """Files that git knows or would take; without git, those that are not hidden or made."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode == 0:
        names = {ROOT / name for name in asked.stdout.decode().split("\0") if name}
        return tuple(sorted(path for path in names if path.is_file()))
    made = {"__pycache__", "dist", "build", "htmlcov"}
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(
            part in made or part.endswith(".egg-info") or (part.startswith(".") and part != ".ci")
            for part in path.relative_to(ROOT).parts
        )
    )


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """Past 400 lines the docstring says why the module stays whole; past 500 it is two modules."""
    faults = []
    for path in [*SOURCES, *sorted((ROOT / "tools").glob("*.py"))]:
        text = path.read_text()
        lines = text.count("\n")
        why = ast.get_docstring(ast.parse(text)) or ""
        told = re.search(r"stays\s+whole\s+because", why) is not None
        if lines > MODULE_LINES_WITH_REASON or (lines > MODULE_LINES and not told):
            faults.append(f"{shown(path)}: {lines} lines")
    assert faults == []


def test_no_function_is_longer_than_a_screen() -> None:
    faults = [
        f"{shown(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert faults == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    folders = {path.parent for path in SOURCES}
    faults = [
        shown(path) for path in [*SOURCES, *sorted(folders)] if VAGUE & set(path.stem.lower().split("_"))
    ]
    assert faults == []


def test_every_folder_of_code_is_a_package_that_says_what_it_is() -> None:
    faults = []
    for folder in sorted({path.parent for path in SOURCES}):
        init = folder / "__init__.py"
        if not init.exists():
            faults.append(f"{shown(folder)}: no __init__.py")
        elif not ast.get_docstring(ast.parse(init.read_text())):
            faults.append(f"{shown(init)}: no docstring")
    assert faults == []


def test_no_tracked_file_names_a_place_on_somebodys_machine() -> None:
    """Everything works from wherever it is cloned to."""
    # Put together here, so that this file does not name them either.
    places = "|".join(("work", "root", "Users", "home/[a-z][a-z0-9_-]*"))
    pattern = re.compile(rf"(?<![\w.}})\]~*-])/(?:{places})/")
    faults = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            if pattern.search(line):
                faults.append(f"{shown(path)}:{number}")
    assert faults == []


def test_the_lock_is_compiled_from_the_dependencies_as_they_are() -> None:
    lock = tool("lock")
    text = (ROOT / "requirements.lock").read_text()
    assert lock.head_line(text) == lock.dependencies_hash((ROOT / "pyproject.toml").read_text())


def test_the_locks_hash_follows_dependencies_and_not_layout() -> None:
    lock = tool("lock")
    project = '[project]\nrequires-python = ">=3.11"\ndependencies = ["trio"]\noptional-dependencies = {}\n'
    assert lock.dependencies_hash(project) == lock.dependencies_hash(f"# a comment\n\n{project}")
    assert lock.dependencies_hash(project) != lock.dependencies_hash(project.replace("trio", "trio>=1"))


def test_the_lock_holds_pins_and_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)|index-url|find-links|trusted-host", text, re.MULTILINE)
    entries = [entry for entry in re.split(r"\n(?=\w)", text.partition("\n")[2]) if entry.strip()]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def dependency_names() -> list[str]:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return sorted({re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for lines in lists for line in lines})


def test_every_dependency_has_its_line_and_no_line_is_left_over() -> None:
    """What for, why it, and what it would take to leave it."""
    text = (ROOT / "docs" / "dependencies.md").read_text()
    rows = re.findall(r"^\| `([\w.-]+)` \| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert sorted({name for name, *_ in rows}) == dependency_names()
    assert all(cell.strip() for _, *cells in rows for cell in cells)


def test_the_page_of_errors_is_the_code_s_own() -> None:
    """A code is public, so each has its row; `.venv/bin/python tools/errors_table.py` writes the page."""
    assert (ROOT / "docs" / "errors.md").read_text() == tool("errors_table").page()


def test_every_error_code_is_one_error_s() -> None:
    codes = re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    assert codes
    assert len(codes) == len(set(codes))


def test_make_alone_lists_the_targets_with_a_line_each() -> None:
    make = shutil.which("make")
    assert make is not None, "make is one of the three things that the repository needs"
    # A `make` that runs these tests hands its flags down.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    told = subprocess.run([make], cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    rows = dict(re.findall(r"^  ([a-z]+) +(\S.*)$", told, re.MULTILINE))
    assert list(rows) == "demo test check fmt bench venv clean soak sim lock".split()  # noqa: SIM905


def test_every_link_between_documents_leads_somewhere() -> None:
    faults = []
    for path in tracked():
        if path.suffix != ".md":
            continue
        text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            outside = "://" in target or target.startswith("mailto:")
            if not outside and not (path.parent / target).exists():
                faults.append(f"{shown(path)}: {target}")
    # Written by the first run of the whole suite.
    assert [fault for fault in faults if not fault.endswith("coverage-of-tests.md")] == []


def report_of(covered: int) -> dict[str, object]:
    summary = {"num_statements": 80, "num_branches": 20, "covered_lines": covered, "covered_branches": 0}
    return {"files": {"src/tallystick/store/pages.py": {"summary": summary}}}


@pytest.mark.parametrize(
    ("before", "after", "moves"), [(800, 801, False), (800, 802, True)], ids=["a tenth", "two tenths"]
)
def test_the_figures_of_the_tests_are_rewritten_only_when_they_moved(
    before: int, after: int, *, moves: bool
) -> None:
    """A run of the tests does not dirty the tree."""
    page = tool("coverage_report")
    told = page.table({"all": page.Reach(statements=1000, reached=before)})
    assert page.moved(told, {"all": page.Reach(statements=1000, reached=after)}) is moves


def test_the_figures_of_the_tests_are_told_by_room(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report_of(covered=60)))
    script = ROOT / "tools" / "coverage_report.py"
    words = [sys.executable, str(script), str(tmp_path / "report.json"), str(tmp_path / "page.md")]
    subprocess.run(words, capture_output=True, check=True)
    assert "| store | 80 | 20 | 60.0 |\n| all | 80 | 20 | 60.0 |\n" in (tmp_path / "page.md").read_text()


SKIPPING = {
    "without a reason to": ("@pytest.mark.skip(reason='no time')\ndef test_b(): ...", "true", 1),
    "as a whole module": ("pytest.skip('no time', allow_module_level=True)", "true", 2),
    "optional": ("@pytest.mark.skip(reason='optional: no payloads')\ndef test_b(): ...", "true", 0),
    "expected to fail": ("@pytest.mark.xfail\ndef test_b(): assert False", "true", 0),
    "outside CI": ("@pytest.mark.skip(reason='no time')\ndef test_b(): ...", "", 0),
}


@pytest.mark.slow
@pytest.mark.parametrize(("code", "ci", "ends"), SKIPPING.values(), ids=SKIPPING)
def test_a_skip_is_a_failure_in_ci_unless_it_is_optional(
    code: str, ci: str, ends: int, tmp_path: Path
) -> None:
    """`CI=true` is for machines: nobody reads there that something did not run."""
    (tmp_path / "test_it.py").write_text(f"import pytest\n{code}\n")
    (tmp_path / "test_a.py").write_text("def test_a(): ...\n")
    assert run_pytest(tmp_path, ci) == ends


@pytest.mark.slow
def test_a_run_in_which_nothing_ran_is_a_failure_in_ci(tmp_path: Path) -> None:
    code = "import pytest\n@pytest.mark.skip(reason='optional: no payloads')\ndef test_b(): ...\n"
    (tmp_path / "test_it.py").write_text(code)
    assert run_pytest(tmp_path, "true") == pytest.ExitCode.NO_TESTS_COLLECTED


def run_pytest(folder: Path, ci: str) -> int:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(words, cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, check=False)
    return done.returncode
