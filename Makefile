# Everything sets itself up: a virtual environment in .venv, packages from the hash-pinned lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
# These alone must reach every branch of domain/; measuring coverage makes them slow, so the others run without.
# The others wait for processes and sockets much of the time, so four of them share two cores.
DOMAIN_TESTS := tests/unit/domain tests/unit/grammar tests/properties
SEEDS ?= 2000
ARGS ?=

.PHONY: help paper test test-slow simulate bench format lock clean

help:  ## show what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"alert-trader needs Python 3.11 or newer, this is {v.major}.{v.minor}: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@echo "Adding the test tools ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

paper: $(VENV)/run.stamp  ## trade alerts that you type on the simulated broker (ARGS='--speed 10' passes options)
	@$(BIN)/alert-trader paper $(ARGS)

test: $(VENV)/dev.stamp  ## lint, types, architecture, unit, property, contract and feature tests
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@told=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$told"; exit 1; }
	@$(BIN)/python -m pytest -q -n 2 -m "not slow" --cov --cov-report=term $(DOMAIN_TESTS) $(ARGS)
	@$(BIN)/python -m pytest -q -n 4 -m "not slow" tests $(DOMAIN_TESTS:%=--ignore=%) $(ARGS)

test-slow: $(VENV)/dev.stamp  ## the long runs: simulated days by the thousand, every mutant, crash point and refusal
	@$(BIN)/python -m pytest -q -n auto -m slow $(ARGS)

simulate: $(VENV)/run.stamp  ## live through days of faults and check every promise (SEEDS=20000)
	@$(BIN)/alert-trader simulate --seeds $(SEEDS) $(ARGS)

bench: $(VENV)/dev.stamp  ## measure everything beside its floor, some minutes (ARGS='grammar path' for parts of it)
	@$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/dev.stamp  ## let ruff format and mend what it can
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

lock: $(VENV)/dev.stamp  ## renew the lock files from pyproject.toml (hashes, no addresses)
	@$(PIP) uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links pyproject.toml --group build -c requirements-dev.lock -o requirements.lock

clean:  ## remove the environment and caches, never data/
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
