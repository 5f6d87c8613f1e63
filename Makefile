# Every target bootstraps .venv from requirements.lock first; nothing else has to be installed.
# Needs python3 >= 3.11 (PYTHON=python3.12 chooses another), make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLUGINS := $(wildcard plugins/*/pyproject.toml) graphql-compiled/pyproject.toml
STAMP := $(VENV)/.installed
MANAGE := $(BIN)/python manage.py
SECTION ?=
export PYTHONUNBUFFERED := 1
# Some machines have it set: hundreds of processes of the tests would then each compile all that they import.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
NODE_PACKAGES := engage_server/dashboard/web/node_modules/.package-lock.json
.PHONY: help dashboard dashboard-check browser install demo serve worker test check audit picture bench canary schemathesis clairvoyance properties chaos-engine chaos-ingest chaos-deliveries chaos-duplicates chaos-keys chaos-move chaos-operations soak mutation fuzz-ingest fuzz-templates slow-clients unkeyed node-clients python-clients lock contracts requirements cards sdl release-sdl format clean compiled

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## .venv from the lock file

$(STAMP): requirements.lock pyproject.toml $(PLUGINS) docker/bootstrap.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh docker/bootstrap.sh
	@touch $@

demo: $(STAMP)  ## two simulated companies, computed and asked over GraphQL; ONCE=1 ends after printing
	$(MANAGE) demo $(if $(ONCE),--once)

serve: $(STAMP)  ## the server with its worker on http://localhost:8000
	$(MANAGE) serve

worker: $(STAMP)  ## dispatcher and worker alone
	$(MANAGE) worker

test: $(STAMP)  ## the whole test suite; ARGS="-k nps" narrows it; DATABASE_URL=… uses a server of yours
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(STAMP)  ## format, lint, types, import contracts, migrations, deployment settings, SDL snapshot, dependency audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING
	ENGAGE_ENV=production ENGAGE_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) schema --all-plugins | diff -u engage_server/api/schema.graphql - \
		|| (echo "The SDL changed: look at the difference, then run make sdl and commit it."; exit 1)
	@if [ -f engage_server/api/released.graphql ]; then \
		$(MANAGE) schema --all-plugins --diff engage_server/api/released.graphql --announced-in CHANGELOG.md; fi
	$(BIN)/python .ci/audit.py
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory dashboard-check; \
		else echo "The dashboard's bundle is not built again: there is no npm."; fi

audit: $(STAMP)  ## known vulnerabilities of the locked dependencies; skipped where the index is out of reach
	$(BIN)/python .ci/audit.py

picture: $(STAMP)  ## draw the layers for docs/architecture.md from the import contracts
	$(BIN)/python docs/images/draw_layers.py

contracts:  ## name the plugins of the tree in the import contracts
	$(PYTHON) .ci/contracts.py

requirements: $(STAMP)  ## write docs/requirements.md from what the plugins and the server say they keep
	$(BIN)/python -m tests.docs.requirements_table

cards: $(STAMP)  ## write docs/metrics from the definition cards
	$(MANAGE) cards export --format markdown --out docs/metrics

sdl: $(STAMP)  ## write the SDL snapshot
	$(MANAGE) schema --all-plugins > engage_server/api/schema.graphql

release-sdl: $(STAMP)  ## the SDL of the version in pyproject.toml, once it stands in CHANGELOG.md: breaking it is refused from then on
	@version=$$($(BIN)/python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])') \
		&& (echo "# Released with version $$version." && $(MANAGE) schema --all-plugins) > engage_server/api/released.graphql

bench: $(STAMP)  ## SECTION=ingest|activity|… JSON=path QUICK=1
	@$(BIN)/python -c 'import chdb, duckdb, orjson, strawberry_django' 2>/dev/null || (echo "Installing the contestants (600 MB, once) …"; \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock)
	$(BIN)/python -m tests.bench $(SECTION) $(if $(JSON),--json $(JSON)) $(if $(QUICK),--quick)

canary: $(STAMP)  ## 200,000 marked answers of 20 tenants while backends are cut: none foreign; ANSWERS=20000 TENANTS=50 POOLER=1
	$(BIN)/python -m tests.chaos.connection_churn
	$(BIN)/python -m tests.chaos.canary --answers $(or $(ANSWERS),200000) --tenants $(or $(TENANTS),20) $(if $(POOLER),--pooler)

schemathesis: $(STAMP)  ## 2,000 documents made from the schema: no 5xx, no fault of ours; EXAMPLES=200 for fewer
	$(BIN)/python -m tests.chaos.generated --examples $(or $(EXAMPLES),2000)

compiled: $(STAMP)  ## 5,000 generated queries are answered alike, compiled and in the ordinary way; EXAMPLES=200 for fewer
	$(BIN)/python -m tests.chaos.compiled --examples $(or $(EXAMPLES),5000)

clairvoyance: $(STAMP)  ## what clairvoyance learns of a production schema: nothing; skipped where it is not on PATH
	$(BIN)/python -m tests.chaos.schema_probe

chaos-engine: $(STAMP)  ## kill workers and dispatchers 100 times while they compute; KILLS=20 for fewer
	$(BIN)/python -m tests.chaos.engine --kills $(or $(KILLS),100)

chaos-deliveries: $(STAMP)  ## kill workers and PostgreSQL 100 times while messages are delivered; KILLS=20 for fewer
	$(BIN)/python -m tests.chaos.deliveries --kills $(or $(KILLS),100)

chaos-ingest: $(STAMP)  ## kill PostgreSQL 20 times and the server 50 times while clients send
	$(BIN)/python -m tests.chaos.ingest

chaos-duplicates: $(STAMP)  ## 100,000 events three times each, shuffled, from 16 clients: stored once; EVENTS=10000 for fewer
	$(BIN)/python -m tests.chaos.duplicates --events $(or $(EVENTS),100000)

chaos-keys: $(STAMP)  ## keys rotated at 500 requests/s, then one tenant at ten times its limit beside another; SECONDS=60
	$(BIN)/python -m tests.chaos.keys --seconds $(or $(SECONDS),30)

mutation: $(STAMP)  ## small faults in tenancy, ledger and ingest: do the tests notice? MUTANTS=20 of each, ONLY=ledger
	@$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements-mutation.lock
	$(BIN)/python -m tests.chaos.mutations --mutants $(or $(MUTANTS),20) $(if $(ONLY),--only $(ONLY))

properties: $(STAMP)  ## orders of arrival, late and repeated events: 1,000 histories a property; EXAMPLES=100 for fewer
	EXAMPLES=$(or $(EXAMPLES),1000) $(BIN)/python -m pytest tests/activity/test_rollups.py tests/engine/test_person_changes.py
chaos-move: $(STAMP)  ## move a tenant to and fro between two servers, killed at every step while clients send; MOVES=4 JSON=path
	$(BIN)/python -m tests.chaos.move --moves $(or $(MOVES),20) $(if $(JSON),--json $(JSON))

chaos-operations: $(STAMP)  ## kill the worker, take the database away for a minute, fill the disks; OUTAGE=300 for longer
	$(BIN)/python -m tests.chaos.operations --seconds $(or $(OUTAGE),60)

soak: $(STAMP)  ## an hour of ordinary work, of which nothing may stay behind; MINUTES=480 for longer
	$(BIN)/python -m tests.chaos.soak --minutes $(or $(MINUTES),60)

fuzz-templates: $(STAMP)  ## 10,000 texts of messages put together at random: each made or refused, none slow; EXAMPLES=500 for fewer
	EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/python -m pytest -q tests/automation/test_fuzzed_templates.py

fuzz-ingest: $(STAMP)  ## 10,000 malformed payloads against a server of its own; EXAMPLES=500 for fewer
	$(BIN)/python -m tests.chaos.malformed --examples $(or $(EXAMPLES),10000)

slow-clients: $(STAMP)  ## 200 silent and 100 slow clients: others are answered within a second; SECONDS_LONG=120 for longer
	$(BIN)/python -m tests.chaos.slow_clients --seconds $(or $(SECONDS_LONG),40)

unkeyed: $(STAMP)  ## what bodies of 5 MB cost that bear no key: at most 0.5 s and 50 MB each; EVERY=10 for fewer
	$(BIN)/python -m tests.chaos.unkeyed --every $(or $(EVERY),1)

dashboard: $(NODE_PACKAGES)  ## build the dashboard's bundle, which is committed; needs npm
	cd engage_server/dashboard/web && npm run --silent generate && npm run --silent types && npm run --silent build

dashboard-check: $(NODE_PACKAGES)  ## whether the committed bundle is what its sources give
	cd engage_server/dashboard/web && npm run --silent generate && npm run --silent types && npm run --silent check

$(NODE_PACKAGES): engage_server/dashboard/web/package-lock.json
	cd engage_server/dashboard/web && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.package-lock.json

browser: $(STAMP)  ## walk the dashboard on the demo's data in Chromium; SHOTS=folder keeps the pictures
	$(BIN)/python -m tests.browser $(if $(SHOTS),--shots $(SHOTS))

node-clients:  ## the public SDKs and GraphQL clients for Node, which the tests then run
	cd tests/ingest/node && npm ci --ignore-scripts --omit=optional --no-audit --no-fund
	cd tests/api/node && npm ci --ignore-scripts --omit=optional --no-audit --no-fund

python-clients: $(STAMP)  ## the public GraphQL clients for Python, in .venv-clients: they pin other versions than the server
	@[ -x .venv-clients/bin/python ] || $(BIN)/python -m venv .venv-clients
	@.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock

format: $(STAMP)  ## format and sort
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(STAMP)  ## renew requirements.lock (names, versions and hashes; no addresses)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --group dev --group catalogue --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url -q -o requirements.lock --custom-compile-command "make lock"
	$(BIN)/uv pip compile --group pyproject.toml:bench --universal --python-version 3.11 -c requirements.lock \
		--generate-hashes --no-emit-index-url -q -o requirements-bench.lock --custom-compile-command "make lock"
	$(BIN)/uv pip compile --group pyproject.toml:mutation --universal --python-version 3.11 -c requirements.lock \
		--generate-hashes --no-emit-index-url -q -o requirements-mutation.lock --custom-compile-command "make lock"
	$(BIN)/uv pip compile --group pyproject.toml:clients --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url -q -o requirements-clients.lock --custom-compile-command "make lock"

clean:  ## remove .venv and the embedded database
	-$(MANAGE) postgres stop
	rm -rf $(VENV) .venv-clients .data
