# Python 3.11 and this file are all that a fresh machine needs; PYTHON=... names another interpreter.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve editor notices test screens check clients bench wheel-test data profiles clean

serve: $(VENV)/.serve
	$(BIN)/fairmap serve

# The program and what it needs at run time. An existing environment is brought up to date when pyproject.toml changes.
$(VENV)/.serve: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

# YASGUI for /sparql, from npm; installing does it, too, where npm is there. Without it /sparql is a plain form.
editor: $(VENV)/.test
	FAIRMAP_EDITOR=required $(BIN)/python hatch_build.py

# What NOTICE tells of the editor: its packages, licences and holders, read from npm.
notices: $(VENV)/.test
	$(BIN)/python tests/notices.py

$(VENV)/.test: pyproject.toml $(VENV)/.serve
	$(BIN)/pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/pip install --quiet --disable-pip-version-check --group test
	touch $@

# As many tests at once as there are processors; the tests of a file run one after the other. One file alone: .venv/bin/pytest FILE
test: $(VENV)/.test
	$(BIN)/pytest -n auto --dist loadfile -m "not alone"
	$(BIN)/pytest -m alone

# Pictures of every page at three widths, light and dark, to be looked at; Debian's chromium is needed. make screens SCREENS=folder
SCREENS ?= $(or $(TMPDIR),/tmp)/fairmap-screens
screens: $(VENV)/.test
	cd tests && ../$(BIN)/python -m browser.screens $(SCREENS)

# What a reader of the code relies on: format, lint, types, import order, and data/ as build makes it.
check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Real clients take the whole map from a running service; one alone: make clients CLIENTS=ckan
clients: $(VENV)/.test
	$(BIN)/python tests/clients/run.py $(CLIENTS)

# The built wheel in an environment that has nothing else: files, dependencies, commands, pages.
wheel-test: $(VENV)/.test
	$(BIN)/pytest tests/wheel

# The peers have an environment of their own: rdflib-endpoint needs an older rdflib than fairmap.
.venv-peers/.done:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check "oxigraph>=0.5.13,<0.6" "rdflib-endpoint[cli]>=0.6" "rdflib==7.1.4"
	touch $@

# SHACL peers have another: pySHACL needs a newer rdflib than rdflib-endpoint bears.
.venv-shacl/.done:
	$(PYTHON) -m venv .venv-shacl
	.venv-shacl/bin/pip install --quiet --disable-pip-version-check "shacl==0.3.4" "pyshifty==0.5.1" "pyrudof==0.3.35" "pyshacl==0.40.1" "pyoxigraph>=0.5.13,<0.6"
	touch $@

bench: $(VENV)/.test .venv-peers/.done .venv-shacl/.done
	$(BIN)/python benchmarks/start.py
	$(MAKE) bench-1000 bench-10000 bench-100000
	$(BIN)/python benchmarks/text.py 100000
	$(BIN)/python benchmarks/search.py 100000
	$(BIN)/python benchmarks/pages.py 100000
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/writes.py
	$(BIN)/python benchmarks/load.py .venv-peers/bin 10000
	$(BIN)/python benchmarks/fair.py
	$(BIN)/python benchmarks/validation.py .venv-shacl/bin 1000,10000,100000
	$(BIN)/python benchmarks/exports.py 100000

# One size alone: make bench-10000. Virtuoso takes part where Debian's virtuoso-opensource is installed.
bench-%: $(VENV)/.test .venv-peers/.done
	$(BIN)/python benchmarks/peers.py .venv-peers/bin $*

data: $(VENV)/.serve
	$(BIN)/fairmap build

# docs/profiles.md: our shapes beside the official ones in ../shared, and the map in every profile.
profiles: $(VENV)/.test
	cd tests && ../$(BIN)/python -m profiles.compare > ../docs/profiles.md.new
	mv docs/profiles.md.new docs/profiles.md

clean:
	rm -rf src/fairmap/web/static/yasgui .browser $(VENV) .venv-peers .clients dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
