# Everything here does its own set-up on a machine with Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
DEV := $(VENV)/.dev

.PHONY: help demo demo-reset tour test lint types unit bench lock clean

help:
	@echo "make demo         a Slack workspace, the bot and its workers, on this machine"
	@echo "make demo-reset   forget what the demo kept"
	@echo "make tour         the demo's whole story, played and checked without a browser"
	@echo "make test         lint, types, tests"
	@echo "make bench        every figure of docs/performance.md; bench-NAME for one"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("approvalbot needs Python 3.11 or newer; set PYTHON=/path/to/one" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(RUN): $(VENV)/.made requirements.txt
	@echo "Installing what approvalbot needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV): $(VENV)/.made requirements-dev.txt
	@echo "Installing what its tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN)

demo: $(RUN)
	@$(BIN)/python -m approvalbot demo

demo-reset:
	rm -rf .approvalbot/demo

tour: $(RUN)
	@$(BIN)/python -m approvalbot demo --tour

test: lint types unit

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

unit: $(DEV)
	$(BIN)/python -m pytest

bench: $(DEV)
	$(BIN)/python -m bench

bench-%: $(DEV)
	$(BIN)/python -m bench $*

lock: $(DEV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.13"
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .approvalbot .mypy_cache .ruff_cache .pytest_cache .hypothesis
