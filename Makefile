# Shanhe: every target does its own set-up. `make demo` shows a verdict, `make test` runs the tests.
.DEFAULT_GOAL := demo
.PHONY: demo test test-clients check serve bench data clean lock mutate setup clients database
PY := .venv/bin/python

setup:
	@sh tools/setup.sh

# The real clients that tests and benchmarks use: GDAL, Chromium, a Chinese font.
clients:
	@sh tools/setup.sh clients

database: setup
	@$(PY) -m layers.cluster up
	@$(PY) -m layers.load

demo: database
	@$(PY) -m app.demo

serve: database
	@.venv/bin/shanhe serve

test: clients
	@$(PY) -m layers.cluster up
	@$(PY) -m pytest -n 2 --dist loadgroup

# QGIS's own providers against the running service; QGIS is large, so it is asked for by name.
test-clients:
	@sh tools/setup.sh qgis
	@$(PY) -m layers.cluster up
	@$(PY) -m pytest tests/clients/test_qgis.py

check: setup
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/deptry .
	@said=$$(.venv/bin/shanhe rules lint) || { printf '%s\n' "$$said"; exit 1; }

bench: clients database
	@$(PY) -m tests.benchmarks

# Mutation testing of the check and the rules, on the unit tests; hours for all, resumed where it stopped (docs/mutation.md).
# For less: make mutate MUTATE="--sample 40 --seconds 4 examine check"
mutate: setup
	@nice -n 15 $(PY) -m tests.mutation $(MUTATE)

# Rebuilds data/boundaries from its sources; the same bytes come out.
data: setup
	@$(PY) data/boundaries/build

lock:
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group dev \
		pyproject.toml -o requirements.lock

# Removes this checkout's own database cluster (only one that carries its mark), .shanhe and caches. Keeps .venv and data.
clean:
	@if [ -x $(PY) ]; then $(PY) -m layers.cluster remove; \
	elif [ -d .shanhe ]; then echo "✗ .venv is missing: run make setup first, then make clean" >&2; exit 1; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov build dist mutants
	@find app layers zoning tests alembic data -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "· removed: caches (kept: .venv, browser parts, data)"
