# `make demo` and `make test` set up all they need. Python packages go into .venv.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed

.PHONY: demo test test-sandbox calibrate lint format release clean

demo: $(STAMP)
	@$(BIN)/autograder demo

test: lint
	$(BIN)/pytest -n 3 --dist loadgroup

# What must also hold for a user who is not root.
test-sandbox: $(STAMP)
	$(BIN)/pytest -n 3 tests/test_sandbox.py tests/test_sandbox_parts.py tests/test_attacks.py tests/test_hostile_files.py

# The hidden checks, tried on answers that are known: no wrong verdict may come out.
calibrate: $(STAMP)
	$(BIN)/autograder calibrate perceptron

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The student version and the solved notebook, as they are committed.
release: $(STAMP)
	$(BIN)/autograder generate perceptron

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Installing Python packages into .venv (once, about a minute) …"
	@sh .ci/system-packages $(PYTHON)
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv demo
