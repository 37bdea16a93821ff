# SPDX-License-Identifier: Apache-2.0
# Two commands do all the set-up on a fresh machine: `make demo` and `make test`. The others are for those who build Kanbin.
PYTHON ?= python3
ARGS ?=
TWO_AT_A_TIME := -n 2 --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
# $(1): lock file. The project itself goes in last, without its dependencies: the lock has them all.
install = $(PIP) --require-hashes -r $(1) && $(PIP) --no-deps --no-build-isolation --editable .
# The page's JavaScript: from npm by package-lock.json (Node from PyPI where the machine has none); quick when it is there.
web_assets = { command -v npm >/dev/null 2>&1 || $(PIP) --require-hashes -r requirements/node.txt; } && \
  $(BIN)/python -m tools.setup.web_assets $(1)

.PHONY: help demo test check bench bench-counting bench-recount bench-series soak lock pictures clean
help:
	@echo "make demo    five bins, one fleet, orders on a page; Ctrl-C ends it (ARGS=\"--help\" for what it takes)"
	@echo "make test    all tests;   make check  style, types, import rules, documents"
	@echo "make bench   figures;     make soak   the tests' properties with big numbers"
	@echo "make bench-counting       how exact counters are over simulated years, side by side"
	@echo "make bench-series         what it costs to look at the time series of 100,000 bins, on SQLite and on InfluxDB"
	@echo "make bench-recount        how fast a year of many bins is counted again, interrupted once"

demo: $(VENV)/.demo
	@$(call web_assets,)
	@$(BIN)/kanbin demo $(ARGS)

test: $(VENV)/.dev
	@$(call web_assets,--tests)
	@tools/setup/chromium.sh
	@tools/setup/influxdb.sh
	@tools/setup/valgrind.sh
	@tools/setup/graphviz.sh
	@tools/setup/micropython.sh
	@$(BIN)/pytest $(TWO_AT_A_TIME) $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.setup.firmware_types
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/house tests/docs

bench: $(VENV)/.dev
	@tools/setup/valgrind.sh
	@$(BIN)/python -m tests.bench.instructions
	@tools/setup/micropython.sh
	@$(BIN)/python -m tests.bench.wake
	@$(BIN)/python -m tests.bench $(ARGS)

bench-counting: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.counting $(ARGS)

bench-recount: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.recount $(ARGS)

bench-series: $(VENV)/.dev
	@tools/setup/influxdb.sh
	@$(BIN)/python -m tests.bench.series $(ARGS)

soak: $(VENV)/.dev
	@$(call web_assets,)
	@tools/setup/chromium.sh
	@tools/setup/influxdb.sh
	@$(BIN)/pytest --soak -s $(ARGS) tests/e2e tests/cpython/test_uhf_fuzz.py

pictures: $(VENV)/.dev
	@$(call web_assets,)
	@tools/setup/graphviz.sh
	@$(BIN)/python -m hardware.wiring
	@$(BIN)/python -m tests.web.pictures
	@$(BIN)/python -m tests.simulate.trace.picture

# Made in one go or not at all: a half-made one (no python3-venv, Ctrl-C) must not be in the way of the next try.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Kanbin needs Python 3.11 or newer: say which with PYTHON=/path/to/python3.11"; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "This Python makes no virtual environments (on Debian: apt-get install python3-venv)"; exit 1; }
	@touch $@

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(VENV)/.made
	@echo "Installing what the demo needs into $(VENV) ..."
	@$(call install,requirements/demo.txt)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.made
	@echo "Installing what the tests need into $(VENV) ..."
	@$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/.demo

# New locks, from what pyproject.toml allows. They hold hashes and no address.
LOCK := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-trusted-host --no-emit-options
lock: | $(VENV)/.made
	@$(PIP) pip-tools
	@$(LOCK) --extra demo --extra influx --extra technician --extra build -o requirements/demo.txt pyproject.toml
	@$(LOCK) --extra demo --extra influx --extra grafana --extra technician --extra build --extra dev -c requirements/demo.txt -o requirements/dev.txt pyproject.toml
	@$(LOCK) -o requirements/node.txt requirements/node.in

clean:
	rm -rf $(VENV) build node_modules fleet/web/static/vendor
