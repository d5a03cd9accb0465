# `make` lists what there is. Everything needed is installed into this folder (.venv, .venv-lint, node_modules)
# by the first target that needs it; nothing is installed or written outside it, package caches apart.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
CHAIN ?= anvil
export CHAIN
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHONUNBUFFERED := 1

ENV := .venv/.ready node_modules/.ready
LINT := .venv-lint/.ready

# A dot for each package, so that a slow network shows; all that pip says goes to a file, shown if it fails.
define pip-install
	{ $(1)/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes $(2) 2>&1 \
	  || { echo "FAILED: the end of $(1)/pip.log:" >&2; tail -n 20 $(1)/pip.log >&2; exit 1; }; } \
	| tee -a $(1)/pip.log | awk '/^Collecting|^  Building|^Installing/ { printf "."; fflush() }'
endef

.PHONY: help setup compile demo test test-ganache gas fuzz lint format lock clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

setup: $(ENV)  ## Install everything needed to compile, run and test (about a minute)

compile: $(ENV)  ## Compile the contracts and publish their ABIs in peerpool/abi
	brownie compile

clean:  ## Remove what was built and installed here; accounts in .brownie stay
	rm -rf .venv .venv-lint .venv-lock node_modules build reports .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready: requirements-build.txt requirements.txt brownie_home.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Peerpool needs Python 3.11 or newer; PYTHON=... names another")'
	@printf 'Installing Python packages into .venv '
	@$(PYTHON) -m venv --clear .venv
	@$(call pip-install,.venv,-r requirements-build.txt)
	@BROWNIE_NOCOMPILE=1 && export BROWNIE_NOCOMPILE && $(call pip-install,.venv,--no-build-isolation -r requirements.txt)
	@.venv/bin/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "peerpool.pth").write_text("$(CURDIR)\nimport brownie_home\n")'
	@touch $@; echo ' done'

node_modules/.ready: package.json package-lock.json .npmrc
	@printf 'Installing chains to test on into node_modules ... '
	@npm ci --loglevel=error
	@touch $@
	@command -v anvil >/dev/null || echo 'No anvil for this kind of computer on npm: install Foundry, so that `anvil` is on the PATH.'

.venv-lint/.ready: requirements-lint.txt
	@printf 'Installing linters into .venv-lint '
	@$(PYTHON) -m venv --clear .venv-lint
	@$(call pip-install,.venv-lint,-r requirements-lint.txt)
	@touch $@; echo ' done'
