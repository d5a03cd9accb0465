# `make` lists what there is. All that is needed is installed into this folder (.venv, .venv-lint, node_modules)
# by the first target that needs it. Nothing is written outside it, the caches of pip and npm apart.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
CHAIN ?= anvil
ARGS ?=
export CHAIN
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHONUNBUFFERED := 1

ENV := .venv/.ready node_modules/.ready
LINT := .venv-lint/bin

# Folders of tests that need a chain. All others run without Brownie.
ON_CHAIN := tests/unit tests/gas
IN_PROCESS := $(sort $(filter-out $(ON_CHAIN),$(patsubst %/,%,$(dir $(wildcard tests/*/test_*.py)))))

.PHONY: help setup compile demo test test-ganache gas gas-snapshot bench fuzz lint format lock clean .test-in-process .test-on-chain

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

setup: $(ENV)  ## Install what compiling, running and testing needs (half a minute)

demo: $(ENV)  ## The whole life of a pool, on a chain of its own
	@python -m scripts.command demo $(ARGS)

compile: $(ENV)  ## Compile what changed, and publish ABIs in peerpool/abi
	@brownie compile

test: compile .venv-lint/.ready  ## Style, and all tests, on Anvil; ARGS="-k name" picks some
	@echo 'Side by side, each with its output when it ends (two to four minutes):'
	@echo '  on $(CHAIN): $(ON_CHAIN)'
	@echo '  without a chain: lint, then $(IN_PROCESS)'
	@$(MAKE) -j2 --keep-going --output-sync=target .test-on-chain lint .test-in-process

.test-in-process:
	pytest -p no:pytest-brownie $(IN_PROCESS) $(ARGS)

.test-on-chain:
	pytest $(ON_CHAIN) $(ARGS)

test-ganache:  ## The tests that need a chain, on Ganache, at an older fork
	@$(MAKE) CHAIN=ganache compile .test-on-chain

gas: $(ENV)  ## What everything costs in gas, beside peers; ARGS=--lives whole lives, in dollars too, ARGS=--limits
	@python -m scripts.command gas $(ARGS)

gas-snapshot: $(ENV)  ## Measure all gas anew, into gas/snapshot.json, docs/gas.md and docs/gas.svg (minutes)
	@python -m scripts.command gas --renew $(ARGS)

bench: $(ENV)  ## How fast 100,000 events are read, beside web3.py, and with how much memory (a minute or two)
	@python -m scripts.command bench $(ARGS)

fuzz: $(ENV)  ## Random lives of random pools, new each time; SEED=... repeats, FUZZ_SECONDS=..., FUZZ_WORKERS=2
	@python -m proof.fuzz $(ARGS)

.PHONY: proof
proof: $(ENV)  ## How well the contracts are proved: one table of all that follows
	@python -m proof $(ARGS)

.PHONY: specification
specification: $(ENV)  ## Each sentence of docs/specification.md with its tests; ARGS=--json
	@python -m proof.specification $(ARGS)

.PHONY: mutation
mutation: $(ENV)  ## How many mistakes, made in the contracts on purpose, the tests notice (hours); ARGS="--sample 200 --keep"
	@python -m proof.mutation $(ARGS)

.PHONY: planted
planted: $(ENV)  ## Which test catches each bug that was planted by hand, rule by rule (minutes); ARGS="--keep --workers 2"
	@python -m proof.planted $(ARGS)

.PHONY: coverage
coverage: $(ENV)  ## Lines and branches of the contracts that the tests in process run (minutes); ARGS=--help
	@python -m proof.coverage $(ARGS)

lint: .venv-lint/.ready  ## Check the style of Python and Vyper
	@$(LINT)/ruff check --quiet --output-format concise .
	@$(LINT)/ruff format --quiet --check . || { $(LINT)/ruff format --check .; exit 1; }
	@$(LINT)/mamushi --quiet --check contracts interfaces || { $(LINT)/mamushi --check contracts interfaces; exit 1; }
	@$(LINT)/python .ci/lint_vyper.py lint contracts/*.vy contracts/modules

format: .venv-lint/.ready  ## Correct the style, as far as tools can
	@$(LINT)/ruff check --quiet --fix-only .
	@$(LINT)/ruff format .
	@$(LINT)/mamushi contracts interfaces

# uv is not locked: it only writes the locks.
LOCK = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

lock:  ## Write the lock files anew from requirements*.in and package.json; UPGRADE=1 takes newer versions
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv; }
	$(LOCK) --no-binary eth-brownie --emit-build-options -o requirements.txt requirements.in
	$(LOCK) -c requirements.txt -o requirements-build.txt requirements-build.in
	$(LOCK) -o requirements-lint.txt requirements-lint.in
	npm install --package-lock-only --loglevel=error

clean:  ## Remove what was built and installed here; Brownie's accounts (.brownie) stay
	rm -rf .venv .venv-lint .venv-lock node_modules build reports .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments; the file .ready says that one is complete ---

# $(1) environment, $(2) arguments of pip. A dot a package; what pip says is in a file, shown if it fails.
define install
	$(1)/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes $(2) 2>&1 \
	  | tee -a $(1)/pip.log | awk '/^Collecting/ { printf "."; fflush() }' \
	  || { echo; grep -v ^WARNING $(1)/pip.log | tail -n 9; exit 1; } >&2
endef

.venv/.ready: requirements-build.txt requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Peerpool needs Python 3.11 or newer: make PYTHON=...")'
	@printf 'Python packages, into .venv '
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@$(call install,.venv,-r requirements-build.txt)
	@export BROWNIE_NOCOMPILE=1;$(call install,.venv,--no-build-isolation -r requirements.txt)
	@printf '%s\nimport brownie_home\n' '$(CURDIR)' >"$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/peerpool.pth"
	@touch $@; echo ' done'

.venv-lint/.ready: requirements-lint.txt
	@printf 'Linters, into .venv-lint '
	@test -x .venv-lint/bin/python || $(PYTHON) -m venv .venv-lint
	@$(call install,.venv-lint,-r requirements-lint.txt)
	@touch $@; echo ' done'

# A chain to test on. Where npm has no Anvil for this kind of computer, or there is no npm, one on the PATH will do.
node_modules/.ready: package.json package-lock.json .npmrc
	@printf 'Anvil and Ganache, into node_modules ...'
	@mkdir -p node_modules
	@if command -v npm >/dev/null; then npm ci --loglevel=error >/dev/null; fi
	@command -v anvil >/dev/null || { echo ' no anvil for this computer on npm: install Foundry, then make setup' >&2; exit 1; }
	@mkdir -p node_modules; touch $@; echo ' done'
