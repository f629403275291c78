SHELL  := /bin/bash
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CONFIG ?= examples/site.config.xml
MINUTES ?= 1
TARGET ?=

.PHONY: help out test test-fast test-pythons lint golden docs wheel bench fuzz clean

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 20

out: $(BIN)/omerogen ## build out/ from CONFIG (examples/site.config.xml)
	$(BIN)/omerogen build -c $(CONFIG) -o out

test: $(VENV)/test ## all tests
	tests/programs.sh
	$(BIN)/python -m pytest

test-fast: $(VENV)/test ## the tests that take seconds
	$(BIN)/python -m pytest -m "not slow" -q

test-pythons: ## the fast tests on each Python from 3.10 to 3.13 that is installed
	tests/pythons.sh

lint: $(VENV)/lint ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

golden: $(VENV)/test ## write the golden files anew; look at the difference before you commit it
	$(BIN)/python -m pytest tests/test_golden.py -q --update-golden
	git --no-pager diff --stat -- tests/golden

bench: $(BIN)/omerogen ## the time of each command against that of its imports
	$(BIN)/python benchmarks/startup.py

fuzz: $(VENV)/fuzz ## fuzz each reader for MINUTES (1); TARGET=yaml_file for one
	$(BIN)/python -m fuzz.run $(TARGET) --minutes $(MINUTES)

docs: $(VENV)/test ## write the reference of properties and the completion scripts anew
	$(BIN)/python tools/generate.py

wheel: $(VENV)/test ## build the wheel into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## take away all that make made
	rm -rf .venv .venv-3.* dist .mypy_cache .ruff_cache .pytest_cache
	find out -mindepth 1 ! -name .gitignore -delete

# A Debian without python3-venv makes a virtual environment without pip: then it is
# installed where that is allowed, and asked for where it is not.
$(BIN)/pip:
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || \
	    { echo "$(PYTHON) cannot make a virtual environment (install python3-venv)" >&2; exit 1; }; \
	  apt-get update -q && apt-get install -qy --no-install-recommends python3-venv && $(PYTHON) -m venv $(VENV); }

# Compiled once, so that the commands start at once wherever Python does not do it by itself.
$(BIN)/omerogen: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@$(BIN)/python -m compileall -q generator
	@touch $@

$(VENV)/test: $(BIN)/omerogen pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group test
	@touch $@

$(VENV)/lint: $(BIN)/omerogen pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group lint
	@touch $@

$(VENV)/fuzz: $(BIN)/omerogen pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group fuzz
	@touch $@
