# The two commands are `make run` and `make test`; both set themselves up. `make help` lists all.
# Everything is installed into .venv, nothing outside it. PYTHON=... takes that Python only.

VENV := .venv
PY := $(VENV)/bin/python
# The Python that Lambda runs; the bundle's bytecode has to be made by it.
PYTHON313 ?= python3.13
# Processes the tests are spread over.
JOBS ?= 2

# Another project's modules on the path would shadow the locked ones.
unexport PYTHONPATH PYTHONHOME
export PYTHON

.PHONY: help run test torture bench bench-run format cover mutants lock clean
.PHONY: setup-run setup-test setup-bench
.PHONY: bundle sam build-RunFunction build-GuardFunction build-ReportFunction

help:
	@echo 'make run       set up, then one day of runs on the embedded exchange and one run now'
	@echo 'make test      set up, then every check: format, lint, types, tests'
	@echo 'make torture   every fault at every step of every kind of run (long)'
	@echo 'make bench     the backtest against C and other engines; writes docs/performance-backtest.md'
	@echo 'make bench-run one firing against the floor and other clients; writes docs/performance.md'
	@echo 'make bundle    what AWS Lambda gets, and how large it is (needs Python 3.13)'
	@echo 'make sam       the same through `sam build`, for every function of template.yaml'
	@echo 'make format    put the code into the one format, and mend what can be mended alone'
	@echo 'make cover     what the tests reach, branch by branch'
	@echo 'make mutants   what the tests notice: small faults planted into the rules (long)'
	@echo 'make lock      resolve requirements*.in again into requirements*.txt (needs uv)'
	@echo 'make clean     remove .venv*, .aws-sam, caches and var/demo-run (never other state)'
	@echo 'PYTHON=python3.12 make test  takes that Python; else 3.13, 3.12, 3.11, python3'

setup-run:
	@sh .ci/setup run

setup-test:
	@sh .ci/setup test
	@sh .ci/setup template

setup-bench:
	@sh .ci/setup bench

run: setup-run
	@rm -rf var/demo-run
	@$(PY) -m report.demo

test: setup-test
	@echo '== format'
	@$(PY) -m ruff format --check .
	@echo '== lint'
	@$(PY) -m ruff check .
	@echo '== types'
	@$(PY) -m mypy
	@echo '== tests'
	@$(PY) -m pytest -q -n $(JOBS)

# What Lambda gets, and its size.
bundle:
	@$(PYTHON313) -m deploy.bundle .aws-sam/bundle

# `sam build` calls these three, as template.yaml says.
build-RunFunction build-GuardFunction build-ReportFunction:
	@$(PYTHON313) -m deploy.bundle "$(ARTIFACTS_DIR)"

# sam, AWS's own builder, and then what it made.
sam:
	@sh .ci/setup sam
	@SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build

format: setup-test
	@$(PY) -m ruff check --fix --show-fixes --exit-zero .
	@$(PY) -m ruff format .

torture: setup-test
	@$(PY) -m tests.torture --write docs/reliability.md

# In an environment of its own: the engines it is compared with, no test needs.
bench: setup-bench
	@$(VENV)-bench/bin/python -m bench --out docs/performance-backtest.md

bench-run: setup-test
	@$(PY) -m bench.run --write

# Every branch where a mistake costs money; nearly every one elsewhere, room by room, so that none
# hides behind another. What tests start as a process is measured too.
GATES := strategy/*:100 state/*:100 exchange/*:100 simulator/engine/*:100 \
	simulator/market/*:95 simulator/wire/*:95 simulator/*.py:95 \
	job/*:95 report/*:95 backtest/*:95 pages/*:95 deploy/*:95 handler.py:95
cover: setup-test
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest -q -n $(JOBS)
	@$(PY) -m coverage combine -q
	@set -f; status=0; for gate in $(GATES); do \
		echo "== $${gate%:*}: at least $${gate#*:} %"; \
		$(PY) -m coverage report --include="$${gate%:*}" --fail-under="$${gate#*:}" || status=1; \
	done; exit $$status

# In an environment of its own: what it needs, no test needs.
mutants: setup-test
	@$(PY) -m tests.mutants

# --universal: one file for every Python and platform, with markers where they differ.
# --no-config, --no-emit-index-url: nothing of the machine that ran it gets into the file.
LOCK := uv pip compile --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet
lock:
	@command -v uv >/dev/null || { echo 'make lock needs uv: pip install uv'; exit 2; }
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-backtest.in -o requirements-backtest.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) requirements-template.in -o requirements-template.txt
	@$(LOCK) requirements-sam.in -o requirements-sam.txt
	@$(LOCK) requirements-mutants.in -o requirements-mutants.txt
	@$(LOCK) requirements-bench.in -o requirements-bench.txt

clean:
	@rm -rf $(VENV) $(VENV)-* .aws-sam var/demo-run var/mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov
	@rm -f .coverage .coverage.*
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
