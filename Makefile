# One door for everything: `make` lists what there is. Needs make and Python 3.11, 3.12 or 3.13 only.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
JOBS   ?= 2

PYTHON_HINT := Python 3.11, 3.12 or 3.13 is needed. Name one: make PYTHON=python3.12 setup
VENV_HINT   := could not make $(VENV). On Debian and Ubuntu: apt install python3-venv
# What reads whichever data there is. All other tests ask for the stand-in, or bring their own samples.
DATA_TESTS   = tests/datasets tests/test_way_of_data.py tests/test_cli.py tests/test_mlperf_tiny.py
# In the given order, so that the second version of a lesson finds the models that the first one has trained.
PYTEST       = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --nbval-lax --nbval-cell-timeout 120
C_SOURCES    = $(shell git ls-files 'tdl_course/*.c' 'tdl_course/*.h' ':!tdl_course/exports/templates')

.DEFAULT_GOAL := help
.PHONY: help setup lab demo test smoke notebooks check format lock clean

help:                ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)      ## make .venv and install the locked environment into it

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; print("Python", sys.version.split()[0]); sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "$(PYTHON_HINT)" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { echo "$(VENV_HINT)" >&2; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@
	@echo "Installed. Next: make demo (one heartbeat classifier on a simulated chip), or make lab (the lessons)."

lab: setup           ## open JupyterLab at lesson 00
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

demo: setup          ## train, quantize, compile, run on the simulated Cortex-M4, write the report
	$(BIN)/tdl demo

test: setup          ## run every test and every notebook (JOBS=2 processes)
	$(PYTEST) tests solutions notebooks
	$(if $(TDL_DATA),env -u TDL_DATA TDL_OFFLINE=1 $(PYTEST) $(DATA_TESTS))

smoke: setup         ## the tests that need no simulator, browser or training of some length: two minutes
	$(BIN)/python -m pytest -q -m "not slow and not sim and not browser and not network" -x tests

notebooks: setup     ## regenerate notebooks/ and solutions/ from lessons/ (executes the solutions)
	$(BIN)/python tools/build_notebooks.py

check: setup         ## lint, format, types, and that the notebooks are up to date
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/build_notebooks.py --check
	@if command -v clang-format >/dev/null; then clang-format --dry-run -Werror $(C_SOURCES) && echo "clang-format: clean"; \
	else echo "clang-format: not found, C formatting was not checked"; fi

format: setup        ## rewrite Python and C in the project's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	@if command -v clang-format >/dev/null; then clang-format -i $(C_SOURCES); fi

lock:                ## resolve pyproject.toml anew for every platform into requirements.lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --disable-pip-version-check --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --constraints tools/lock_constraints.txt --extra test --extra classroom --universal --python-version 3.11 \
		--generate-hashes --upgrade --quiet --custom-compile-command "make lock" --output-file requirements.lock

clean:               ## remove build results and caches (.venv stays)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
