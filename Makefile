# Everything starts here. `make` alone lists the targets; tools are always taken from .venv, never from PATH.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check fmt bench venv clean soak sim lock

BIN := .venv/bin

help:
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)$$/\1|\2/p' Makefile | while IFS='|' read -r name line; do printf '  %-7s %s\n' "$$name" "$$line"; done

demo: venv  ## sandbox, engine and pages with made-up companies; DEMO_FLAGS="..." passes on
	@exec $(BIN)/tallystick demo $(DEMO_FLAGS)

# Figures are written only for the whole suite: a selection's coverage says nothing about the rooms.
test: venv  ## all tests, with coverage (long suites in short form); TEST_FLAGS="..." passes on
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TEST_FLAGS)
ifeq ($(strip $(TEST_FLAGS)),)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage json --quiet -o .coverage-report.json
	@$(BIN)/python tools/coverage_report.py .coverage-report.json docs/coverage-of-tests.md
else
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage json --quiet -o .coverage-report.json \
	  && $(BIN)/python tools/coverage_report.py .coverage-report.json --print || echo "no figures for these tests"
endif

check: venv  ## style, types, import directions, lock in step; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy src tools
	@$(BIN)/lint-imports
	@$(BIN)/python tools/lock.py check

fmt: venv  ## put the code into form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: venv  ## measure the paths that matter, a JSON line each; BENCH_FLAGS="..." passes on to the first
	@$(BIN)/tallystick bench sync $(BENCH_FLAGS)
	@for what in ahead quiet api remap hooks map; do $(BIN)/tallystick bench $$what || exit 1; done
	@for clients in 1 1000; do for connections in 1000 10000; do \
	  $(BIN)/tallystick bench idle --connections $$connections --clients $$clients || exit 1; done; done

venv:  ## make or renew .venv if it does not fit the lock; PYTHON="..." chooses the Python
	@PYTHON='$(PYTHON)' sh tools/venv

clean:  ## remove caches, reports and builds; the data and .venv stay
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov build dist
	@rm -f .coverage .coverage.* .coverage-report.json
	@for room in src tests tools bench; do if [ -d "$$room" ]; then find "$$room" -name __pycache__ -type d -prune -exec rm -rf {} +; fi; done

soak: venv  ## the long suites in their full form; TEST_FLAGS="..." passes on
	@TALLYSTICK_SOAK=1 $(BIN)/python -m pytest tests -m "soak or slow" $(TEST_FLAGS)

sim: venv  ## deterministic simulation of crashes and faults; SEEDS="..." how many (200), SIM_FLAGS="--seed N --trace" replays one
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),200) $(SIM_FLAGS)

lock: venv  ## compile requirements.lock anew from pyproject.toml (network); LOCK_FLAGS="--upgrade" renews all
	@$(BIN)/python tools/lock.py compile $(LOCK_FLAGS)
