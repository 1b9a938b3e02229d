# Tongban from a fresh clone with nothing but Python and make: `make run`, `make test`.
# Stamps remember what is installed, so that a second call starts at once.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test soak bench lint lock clean

PORT ?= 8000
PYTHON ?= python3
UV ?= uv
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# What is compiled once is kept: the demo and the tests start dozens of processes.
unexport PYTHONDONTWRITEBYTECODE

python := .venv/bin/python
install := $(python) -m pip install --quiet --require-hashes
npm_ci := ci --ignore-scripts --no-audit --no-fund --loglevel=error
sources = $(wildcard dispatch hall_display adapters migrations tests benchmarks)

help: ## show these lines
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

install: .venv/.run node_modules/.stamp ## install what a city needs, and start nothing

run: .venv/.run node_modules/.stamp ## start the demo city on http://127.0.0.1:PORT (PORT=8000)
	@exec .venv/bin/tongban demo --port $(PORT)

test: .venv/.test node_modules/.stamp ## run all tests; ARGS='-k calling' hands pytest its options
	@exec $(python) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup $(ARGS)

soak: .venv/.test node_modules/.stamp ## run the long proofs
	@TONGBAN_TEST_SEARCH=1 exec $(python) -m pytest -m soak --timeout=0 $(ARGS)

bench: .venv/.test ## run the benchmarks; ARGS=--json for machines
	@exec $(python) -m benchmarks $(ARGS)

lint: .venv/.test ## check style, types and who imports whom
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy $(sources)
	@.venv/bin/lint-imports --no-cache

# The index settings of this machine stay out of the locks.
compile = env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --no-config --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links $(ARGS)

lock: ## resolve requirements*.in and package.json anew (needs uv and npm); ARGS=--upgrade for the newest
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 2; }
	$(compile) requirements.in -o requirements.txt
	$(compile) requirements-test.in -o requirements-test.txt
	$(compile) requirements-node.in -o requirements-node.txt
	npm install --package-lock-only --no-audit --no-fund

clean: ## remove all that running and testing left, the demo city in var/ too
	rm -rf .venv node_modules var tongban.egg-info build .hypothesis .schemathesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made:
	@for each in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
		if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$each; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Tongban needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name one: make PYTHON=/path/to/python3" >&2; \
		exit 2; \
	fi; \
	rm -rf .venv && "$$found" -m venv .venv
	@touch $@

.venv/.run: .venv/.made requirements.txt setup.cfg pyproject.toml
	@echo "installing what Tongban needs (once) ..."
	@$(install) -r requirements.txt
	@$(python) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.run requirements-test.txt
	@echo "installing what the tests need (once) ..."
	@$(install) -r requirements.txt -r requirements-test.txt
	@touch $@

# The browser's files come by npm; where there is none, pip brings one.
node_modules/.stamp: package-lock.json package.json | .venv/.run
	@echo "fetching the browser's files (once) ..."
	@if command -v npm >/dev/null; then npm $(npm_ci); \
	else $(install) -r requirements-node.txt && PATH="$(CURDIR)/.venv/bin:$$PATH" npm $(npm_ci); fi
	@touch $@
