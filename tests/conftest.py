"""For all tests: under `CI=true` a test that should have run, and did not, has failed.

A skip whose reason begins with `optional:` is fine everywhere: what it needs is not part of the
repository, such as recorded provider answers.
"""

import os
from collections.abc import Generator

import pytest

STRICT = os.environ.get("CI", "").lower() == "true"
OPTIONAL = "optional:"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge skips of tests."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _judge(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge skips of whole modules."""
    report = yield
    _judge(report)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (STRICT and report.skipped and isinstance(report.longrepr, tuple)):
        return
    path, line, told = report.longrepr
    reason = told.removeprefix("Skipped: ")
    if not reason.startswith(OPTIONAL):
        report.outcome = "failed"
        report.longrepr = f"{path}:{line}: skipped under CI=true: {reason} (only {OPTIONAL!r} reasons may)"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in which every test was skipped has shown nothing."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    judged = STRICT and exitstatus == pytest.ExitCode.OK and not session.config.option.collectonly
    if judged and terminal is not None and not terminal.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
