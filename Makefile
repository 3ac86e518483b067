# Everything a developer types. A machine needs Python 3.11, git and make; the rest is fetched on first use.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTHON := $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
DIR ?= .local
READY ?=
T ?=
AGAIN ?=
P ?= single-permit
BACKBONE ?=
SEED ?=
DOSSIERS ?=
LOCALES := nl fr de en
POT := .venv/frontoffice.pot
EXTRACT := pybabel -q extract -F pyproject.toml -k _ -k pgettext:1c,2 -k ngettext:1,2 -k mark --sort-output --no-location -o $(POT) .
UPDATE := pybabel -q update -i $(POT) -d locales -D frontoffice --no-fuzzy-matching --ignore-pot-creation-date --omit-header
COMPILE := uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q

.PHONY: help run test check fix unit e2e messages migration contract life bench campaign pins browser

help: ## list these targets
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv/.run static/built/.made catalogues ## the whole service on this machine [PORT=8000 DIR=.local READY=file BACKBONE=address of your own receiver]
	@exec frontoffice local --port $(PORT) --folder "$(DIR)" $(if $(READY),--ready-file "$(READY)") $(if $(BACKBONE),--backbone "$(BACKBONE)")

test: check unit e2e ## everything: static checks, tests on real PostgreSQL and S3, journeys in a real browser

check: .venv/.dev static/built/.made catalogues ## ruff, types, imports, templates, catalogues, patrol tests
	ruff check .
	mypy
	lint-imports
	djlint templates --lint --quiet
	$(EXTRACT)
	$(UPDATE) --check
	python -m pytest tests/patrol -q

fix: .venv/.dev ## repair what ruff can repair
	ruff check --fix .

unit: .venv/.dev static/built/.made catalogues browser scanner ## all tests but the journeys [T="what goes to pytest"]
	python -m pytest $(or $(T),tests -n auto -q)

e2e: .venv/.dev static/built/.made catalogues browser scanner ## journeys in a real browser [T="what goes to pytest"]
	python -m pytest $(or $(T),e2e -q)

messages: .venv/.dev ## refresh the catalogues from the sources
	$(EXTRACT)
	for one in $(LOCALES); do test -f locales/$$one/LC_MESSAGES/frontoffice.po \
	  || pybabel -q init -i $(POT) -d locales -D frontoffice -l $$one; done
	$(UPDATE)

migration: .venv/.dev ## write the migration that the models need, m="what it does"
	frontoffice revision "$(m)"

contract: .venv/.run ## publish the schema of each new edition [AGAIN=--again: also of those that nobody has released]
	python -m frontoffice.backbone.contract.derive $(AGAIN)

life: .venv/.run ## draw the life of a procedure [P=single-permit]
	@frontoffice life $(P)

bench: .venv/.dev static/built/.made catalogues ## measure the filing journey, uploads, and how a backlog of hand-overs drains
	python -m tests.bench

campaign: .venv/.dev static/built/.made catalogues ## file 1,000 dossiers while everything is killed and paused at random [SEED=7 DOSSIERS=1000]
	python -m tests.campaign $(if $(SEED),--seed $(SEED)) $(if $(DOSSIERS),--dossiers $(DOSSIERS))

pins: .venv/.run ## renew the pinned versions from pyproject.toml
	printf 'hatchling\neditables\n' | $(COMPILE) --upgrade --extra local -o requirements.txt
	printf 'hatchling\neditables\n' | $(COMPILE) --upgrade --extra local --extra dev -c requirements.txt -o requirements-dev.txt

# A Debian without python3-venv cannot make an environment that holds pip.
.venv/.made: requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed."; exit 1; }
	@"$(PYTHON)" -m venv .venv >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { echo "Install the package python3-venv first."; exit 1; }; \
	  apt-get update -q && apt-get install -y -q python3-venv && "$(PYTHON)" -m venv .venv; }
	.venv/bin/python -m pip install -q --require-hashes -r requirements-uv.txt
	@touch $@

.venv/.run: .venv/.made requirements.txt pyproject.toml
	.venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r requirements.txt
	.venv/bin/uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	.venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.made: package-lock.json package.json .venv/.run
	npm ci --no-progress --loglevel=error
	@touch $@

static/built/.made: node_modules/.made $(shell find static/styles static/scripts static/icons -type f 2>/dev/null)
	npm run --silent build
	@touch $@

.PHONY: catalogues
catalogues: $(LOCALES:%=locales/%/LC_MESSAGES/frontoffice.mo)

# A catalogue without a header counts as fuzzy, and is passed over without -f.
locales/%/LC_MESSAGES/frontoffice.mo: locales/%/LC_MESSAGES/frontoffice.po .venv/.run
	@pybabel -q compile -f -i $< -o $@ -l $*

# Debian's browser where there is one; elsewhere the one that Playwright brings.
browser: .venv/.dev
	@test -x /usr/bin/chromium || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && apt-get update -q && apt-get install -y -q chromium; } || playwright install chromium

# What runs services by itself would start Debian's scanner too: there it is for the owner of the machine to install.
.PHONY: scanner
scanner:
	@command -v clamd >/dev/null || test -x /usr/sbin/clamd || { test "$$(id -u)" = 0 && test ! -d /run/systemd/system && command -v apt-get >/dev/null \
	  && apt-get update -q && apt-get install -y -q --no-install-recommends clamav-daemon; } \
	  || echo "Without ClamAV (clamav-daemon), the tests that need a virus scanner are skipped."
