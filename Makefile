# What a new checkout needs is Python 3.11 or later and make; the rest is installed into .venv, below this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venv-clients
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-system check bench faults clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## the main job, end to end, on samples/
	$(BIN)/isinglass demo --home build/demo

# What the tests and their Javas write goes below this folder, not into the system's.
SCRATCH := $(CURDIR)/build/scratch
PYTEST = mkdir -p $(SCRATCH) && TMPDIR=$(SCRATCH) \
	JDK_JAVA_OPTIONS="-XX:-UsePerfData -Djava.io.tmpdir=$(SCRATCH)" $(BIN)/pytest

# Processes that share the tests; each may have a Spark, a PostgreSQL and some services: 4 GB.
JOBS ?= 2

test: $(VENV)/installed-dev $(CLIENTS)/installed ## the tests that need only PyPI's packages
	$(PYTEST) -m "not system" -n $(JOBS)

test-system: $(VENV)/installed-dev ## the tests that need the operating system's packages
	$(PYTEST) -m system

check: $(VENV)/installed-dev ## style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev ## time the main job's stages, the metastore beside Hive's own, crawls, Glue scripts beside plain Spark, runs and triggers, GraphQL, and Glue's API beside moto
	$(BIN)/python -m benchmarks.stages
	$(BIN)/python -m benchmarks.hive_metastore
	$(BIN)/python -m benchmarks.crawl --s3
	$(BIN)/python -m benchmarks.dynamic_frame
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.scheduling
	$(BIN)/python -m benchmarks.graphql
	$(BIN)/python -m benchmarks.glue_api

faults: $(VENV)/installed-dev ## kill services and Spark drivers at random points, take the database away, play years of triggers and random workflows; takes hours
	$(BIN)/python -m tests.faults.services
	$(BIN)/python -m tests.faults.drivers
	$(BIN)/python -m tests.faults.outages
	$(BIN)/python -m tests.faults.schedules

clean: ## remove what the other targets made
	rm -rf $(VENV) $(CLIENTS) .cache build dist api/console/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# What the pages for a browser are made of, without what is made of it.
PAGES := $(wildcard hatch_build.py $(addprefix api/console/,*.html *.json *.ts src/*/*) samples/graphql/*)

$(VENV)/installed: pyproject.toml $(PAGES)
	@echo "Installing Isinglass into $(VENV) (Spark is 450 MB: a few minutes the first time) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name it: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --progress-bar off -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Adding what the tests need …"
	$(BIN)/pip install --progress-bar off -e '.[dev]'
	@touch $@

$(CLIENTS)/installed: tests/clients.txt
	@echo "Installing clients of Glue into $(CLIENTS) …"
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --progress-bar off -r tests/clients.txt
	@touch $@
