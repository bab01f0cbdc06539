# One command a question. Needs Python 3.11+, git, make and a POSIX sh; `make help` lists the commands.

PORT = 8000
TESTS =
# What tests use that is no Python package. Of Virtuoso the programs alone: the package without -bin starts a service.
PROGRAMS = curl=curl chromium=chromium,chromium-browser,google-chrome chromium-driver=chromedriver \
	virtuoso-opensource-7-bin=virtuoso-t openjdk-17-jre-headless=java
export PORT

help:
	@echo 'make demo    set up, press the two example articles, serve them at http://127.0.0.1:$(PORT)/ (PORT=)'
	@echo 'make test    set up, and run all tests (TESTS= for some of them)'
	@echo 'make lint    style, types and the import order'
	@echo 'make graph   press the example edition of graph/ again; git shows whether a byte changed'
	@echo 'make bench   measure against peers, into docs/performance.md: most of an hour'
	@echo 'make bench-quick   the same in small, within five minutes, to look at'
	@echo 'make docs    build the documentation into site/'
	@echo 'make wheel   build the wheel, install it elsewhere, and press and serve with it'
	@echo 'make lock    renew the versions of constraints.txt'
	@echo 'make clean   remove what these commands made, except editions in graph/'

demo:
	@scripts/demo

test:
	@scripts/venv bulk spark dev docs
	@scripts/debian $(PROGRAMS)
	@.venv/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

lint:
	@scripts/venv bulk spark dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

graph:
	@scripts/graph

bench:
	@scripts/venv bulk dev
	@.venv/bin/python -m benchmarks.table --write

bench-quick:
	@scripts/venv bulk dev
	@.venv/bin/python -m benchmarks.table --quick

docs:
	@scripts/venv docs
	.venv/bin/mkdocs build --strict --quiet
	@echo 'site/index.html'

wheel:
	@scripts/wheel

lock:
	@scripts/lock

clean:
	rm -rf .venv benchmarks/.peers dist site .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: help demo test lint graph bench bench-quick docs wheel lock clean
