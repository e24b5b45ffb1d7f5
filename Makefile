# make start · demo · test · check · accept · bench · lock. Settings come from the environment: docs/reference/settings.md.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
VAR := $(or $(VAR_DIR),var)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
STATIC := $(shell find static -type f)

.PHONY: start demo test check accept bench lock

start: $(VENV)/runtime $(VAR)/static/staticfiles.json
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py shop_demo --if-empty
	@exec $(PY) manage.py serve

demo: $(VENV)/dev
	@$(PY) -m ecommerce.acceptance.demonstration

test: $(VENV)/dev
	@$(PY) -m ecommerce.tests.everything

check: $(VENV)/dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	cd sdk && ../$(VENV)/bin/mypy
	$(VENV)/bin/typos
	find templates -name '*.html' -exec $(VENV)/bin/djade --check --target-version 5.2 {} +
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py test ecommerce.tests.test_architecture
	ALLOWED_HOSTS=shop.example.org TRUSTED_PROXIES=1 $(PY) manage.py check --deploy --fail-level WARNING

accept: $(VENV)/dev
	@$(PY) -m ecommerce.acceptance $(STEPS)

bench: $(VENV)/dev
	@$(PY) -m bench.imports $(ROWS)
	@$(PY) -m bench.api

lock: $(VENV)/dev
	$(VENV)/bin/uv pip compile $(LOCK) requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile $(LOCK) requirements-dev.in -o requirements-dev.txt

LOCK := --quiet --upgrade --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit("The shop needs Python 3.11 or later: make start PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(PY)
	@echo "Installing the locked requirements"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@echo "Installing what tests and checks need"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VAR)/static/staticfiles.json: $(STATIC) $(VENV)/runtime
	@echo "Collecting static files"
	@$(PY) manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
