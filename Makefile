# The verbs of the project. Each calls documented commands; what they do is there, not here.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
NETWORK := $(RUN) -m medconsent_network
# The machine's Go when it is new enough, otherwise the one that the build step installs.
GO := $(NETWORK) go
# What Go's fuzzer is run on, as package/function: it takes one at a time.
FUZZ := $(shell cd chaincode && grep -ro '^func Fuzz[A-Za-z]*' --include='*_test.go' . | sed 's|^\./\(.*\)/[^/]*:func |\1/|')
FUZZTIME := 30s
# Processes that run the tests: two share a network each, and mostly wait; what is left over takes the third.
WORKERS := 3
# What each property of the watcher, the readers of files and the histories is tried for besides, with further seeds.
FUZZSECONDS := 30
INSTALLED := $(VENV)/.installed
GO_MODULES := $(patsubst %/go.mod,%,$(wildcard chaincode/go.mod bench/*/go.mod tests/network/attacks/*/go.mod tests/interop/*/go.mod))

.DEFAULT_GOAL := help
.PHONY: attacks-long test-life help build build-all wheel demo test lint lint-python lint-go unit fuzz docs bench bench-flat bench-million clean
.PHONY: network-up network-down network-status network-top network-renew network-logs network-clean

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

build: $(INSTALLED) ## Build what is missing (FABRIC_VERSION=2.5.9 for that one, FABRIC_BIN=folder for your own binaries)
	@$(NETWORK) build

wheel: $(INSTALLED) ## Make the wheel in dist/: the SDK and both programs in one file (docs/install.md)
	@rm -rf build
	@$(RUN) -m build --wheel --no-isolation
	@rm -rf build

demo: build ## Run the main job on the sample consortium and show it (KEEP=1 leaves the network up)
	@$(RUN) examples/demo.py $(if $(KEEP),--keep)

test: build-all lint ## Run every test
	@$(GO) -C chaincode test ./...
	@$(GO) -C bench/loader test ./...
	@$(RUN) -m pytest -n $(WORKERS) --no-loadscope-reorder

unit: $(INSTALLED) ## Run the tests that need no network
	@$(GO) -C chaincode test ./...
	@$(GO) -C bench/loader test ./...
	@$(RUN) -m pytest tests/unit

fuzz: $(INSTALLED) ## Fuzz the rules, every input, the watcher, readers of files and answers, histories (FUZZTIME=30s, FUZZSECONDS=30 for each)
	@MEDCONSENT_FUZZ_SECONDS=$(FUZZSECONDS) $(VENV)/bin/python -m pytest -q tests/unit/sdk/watch/test_hostile.py tests/unit/sdk/test_hostile_files.py tests/unit/sdk/fabric/test_hostile_answers.py tests/unit/model
	@for target in $(FUZZ); do \
	  $(GO) -C chaincode test ./$${target%/*} -run '^$$' -fuzz "^$${target##*/}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x || exit 1; \
	done

attacks-long: build-all ## The attacks that take minutes to prepare: tens of thousands of keys in every range
	@MEDCONSENT_LONG_ATTACKS=1 $(RUN) -m pytest tests/network/attacks/test_junk.py

test-life: build ## The network's whole life on real processes: what takes minutes, such as certificates that end
	@$(RUN) -m pytest tests/life

lint: lint-python lint-go ## Check style and types: ruff, mypy, go vet, staticcheck

docs: $(INSTALLED) ## Build the documentation site in dist/site: every page, and the reference of the SDK
	@$(RUN) docs/site/build.py dist/site
	@echo "dist/site/index.html"

bench: build ## Measure beside the official Go Gateway SDK; ends with one line a figure (ARGS=--quick)
	@$(RUN) -m bench $(ARGS)

bench-flat: build ## Measure whether 20,000 sealed transactions stay as cheap as they began
	@$(RUN) -m bench --only flat

bench-million: build ## Measure decisions and listings with 1,000,000 records (bench/README.md: time and disk)
	@$(RUN) -m bench --only million

network-up: build ## Bring the sample consortium up in .network (or the folder MEDCONSENT_NETWORK)
	@$(NETWORK) up $(ARGS)

network-down: $(INSTALLED) ## Stop it; the data stays
	@$(NETWORK) down

network-status: $(INSTALLED) ## Show each process: health, version, ledger height, certificates
	@$(NETWORK) status $(ARGS)

network-top: $(INSTALLED) ## Show what it does now: heights, rates, latency (ARGS="--once --json")
	@$(NETWORK) top $(ARGS)

network-renew: $(INSTALLED) ## Renew the certificates of its processes that end within 30 days (ARGS="--within 90")
	@$(NETWORK) renew $(ARGS)

network-logs: $(INSTALLED) ## Show its logs (ARGS="-f hanbit peer")
	@$(NETWORK) logs $(ARGS)

network-clean: $(INSTALLED) ## Remove it with all its data and keys; asks first (ARGS=--yes)
	@$(NETWORK) clean $(ARGS)

clean: ## Stop the network and remove what was built; the network's data stays
	@if [ -x $(RUN) ] && [ -d .network ]; then $(NETWORK) down; fi
	rm -rf .build $(VENV) dist *.egg-info sdk/*.egg-info .pytest_cache .mypy_cache .ruff_cache

build-all: $(INSTALLED)
	@$(NETWORK) build --fabric 3.1.1 --fabric 2.5.9

lint-python: $(INSTALLED)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

lint-go: $(INSTALLED)
	@for module in $(GO_MODULES); do \
	  $(GO) -C $$module vet ./... && \
	  $(GO) -C $$module tool -modfile=$(CURDIR)/network/tools/lint/go.mod staticcheck ./... || exit 1; \
	done

$(INSTALLED): requirements/dev.txt requirements/data.txt setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "medconsent needs Python 3.11 or newer; PYTHON=/path/to/python3.11 names another than $(PYTHON)." >&2; exit 1; }
	@echo "installing the Python environment into $(VENV) (pinned, hashes checked) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv." >&2; exit 1; }
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/data.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
