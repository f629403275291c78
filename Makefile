SHELL  := /bin/bash
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CONFIG ?= examples/site.config.xml
MINUTES ?= 1
TARGET ?=
PART ?=
#: What compiled templates are made of, and by.
TEMPLATES := $(wildcard templates/*/*.j2) $(addprefix generator/omerogen/templating/,compiler.py precompile.py rules.py tracing.py)

.PHONY: help out test test-fast test-floors test-omero test-pythons lint golden docs picture wheel bench fuzz clean

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 20

out: $(VENV)/compiled ## build out/ from CONFIG (examples/site.config.xml)
	$(BIN)/omerogen build -c $(CONFIG) -o out

test: $(VENV)/test $(VENV)/tools/installed ## run all tests, two at a time
	tests/programs.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: $(VENV)/test ## run the fast tests in parallel
	$(BIN)/python -m pytest -m "not slow" -q -n auto

test-floors: ## run the fast tests with the lowest versions of all dependencies, on Python 3.10
	PYTHON= tests/floors.sh

test-omero: $(VENV)/test ## install the real OMERO.web with Ice, once, and run its tests on it
	tests/programs.sh
	tests/omero_web/install.sh .omero-web
	OMERO_WEB=.omero-web $(BIN)/python -m pytest tests/omero_web

test-pythons: ## run the fast tests on each installed Python from 3.10 to 3.13
	tests/pythons.sh

lint: $(VENV)/lint ## run ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

golden: $(VENV)/test ## rewrite the golden files; review the difference before committing
	$(BIN)/python -m pytest tests/test_golden.py tests/test_upgrade.py -q --update-golden
	git --no-pager diff --stat -- tests/golden tests/data/upgrades

bench: $(VENV)/compiled ## measure commands, many sites and other renderers (half an hour); PART=startup for one
	$(BIN)/python -m benchmarks $(PART)

fuzz: $(VENV)/fuzz ## fuzz each reader for MINUTES (1); TARGET=yaml_file for one
	$(BIN)/python -m fuzz.run $(TARGET) --minutes $(MINUTES)

docs: $(VENV)/test ## regenerate the property reference and the completion scripts
	$(BIN)/python tools/generate.py

picture: $(VENV)/test ## take the picture of the report that the README shows, with chromium
	$(BIN)/python tools/picture.py

wheel: $(VENV)/test ## build the wheel into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove everything that make created
	rm -rf .venv .venv-3.* .venv-floors .omero-web .cache dist .mypy_cache .ruff_cache .pytest_cache generator/omerogen/templating/compiled
	find out -mindepth 1 ! -name .gitignore -delete

# Debian without python3-venv creates virtual environments without pip: as root, install
# the package; otherwise report it.
$(BIN)/pip:
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || \
	    { echo "$(PYTHON) cannot make a virtual environment (install python3-venv)" >&2; exit 1; }; \
	  apt-get update -q && apt-get install -qy --no-install-recommends python3-venv && $(PYTHON) -m venv $(VENV); }

# Compiled here because PYTHONDONTWRITEBYTECODE may keep Python from doing it, which slows every start.
$(BIN)/omerogen: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@$(BIN)/python -m compileall -q generator
	@touch $@

# Installing compiles the templates, too; this does it again when one was changed.
$(VENV)/compiled: $(BIN)/omerogen $(TEMPLATES)
	$(BIN)/python -m omerogen.templating.precompile
	@$(BIN)/python -m compileall -q generator/omerogen/templating
	@touch $@

$(VENV)/test: $(VENV)/compiled pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group test
	@touch $@

$(VENV)/lint: $(BIN)/omerogen pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group lint
	@touch $@

# What is tested with them has no need of omerogen's dependencies, nor these of its.
$(VENV)/tools/installed: $(BIN)/pip pyproject.toml
	$(BIN)/python -m venv $(VENV)/tools
	$(VENV)/tools/bin/pip install --quiet "pip>=25.1"
	$(VENV)/tools/bin/pip install --quiet --group tools
	@touch $@

$(VENV)/fuzz: $(BIN)/omerogen pyproject.toml
	$(BIN)/pip install --quiet "pip>=25.1"
	$(BIN)/pip install --quiet --group fuzz
	@touch $@
