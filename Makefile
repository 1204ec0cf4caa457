# Everything runs from here; each target sets itself up. `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; PYTHON= names another.
PYTHON ?= $(shell for python in python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
READY := .venv/.ready
LOCAL := $(BIN)/python -m deploy.local

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## install everything into .venv (the other targets do it by themselves)

# Only what the lock names is installed, each file checked by its hash.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; PYTHON= names one." >&2; exit 2; }
	@echo "Setting up .venv, once: some minutes on a slow line."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps -e .
	@touch $@

.PHONY: up
up: $(READY) ## start Kafka, PostgreSQL, the mailbox and the services in the background
	@$(LOCAL) up

.PHONY: down
down: $(READY) ## stop them; the data stays
	@$(LOCAL) down

.PHONY: reset
reset: $(READY) ## empty the data of a stopped stack, after asking (YES=1 does not ask)
	@$(LOCAL) reset $(if $(filter 1,$(YES)),--yes)

.PHONY: demo
demo: $(READY) ## a week of complaints under a fast clock, watched live and checked from outside (SPEED= CASES= SEED=)
	@$(if $(SPEED),SPEED=$(SPEED)) $(if $(CASES),CASES=$(CASES)) $(if $(SEED),SEED=$(SEED)) $(BIN)/python -m deploy.demo

.PHONY: test
test: $(READY) ## the tests that fit in 15 minutes on two cores, on a real Kafka and PostgreSQL
	@$(BIN)/python -m pytest -m "not long"

.PHONY: test-long
test-long: $(READY) ## the others: demos, replicas that come and go, snippets, foreign validators, odd batches, the supervisor
	@$(BIN)/python -m pytest -m long

.PHONY: check
check: $(READY) ## lint, types, import contracts, generated files fresh, contracts compatible
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m schemas check
	@$(BIN)/python -m schemas compat

.PHONY: bench
bench: $(READY) ## the benchmark with its peers, as ratios
	@$(BIN)/python -m bench b1
	@$(BIN)/python -m bench b2
	@$(BIN)/python -m bench b2 --open 1000000

.PHONY: bench-quick
bench-quick: $(READY) ## the same in three minutes
	@$(BIN)/python -m bench b1 --quick
	@$(BIN)/python -m bench b2 --quick
