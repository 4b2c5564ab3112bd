# The daily commands. `make setup` comes first; `make` alone lists them.
BIN := .venv/bin/

.PHONY: help setup lock audit reliability test lint types train evaluate voices guard docs site clean

help:  ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup:  ## make .venv with all that development needs
	python3 -m venv .venv && $(BIN)pip install --require-hashes -r requirements/ci.txt && $(BIN)pip install --no-deps --no-build-isolation -e .

lock:  ## pin again what setup and .ci/run install: the newest that pyproject.toml allows
	$(BIN)uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --extra dev --custom-compile-command "make lock" --output-file requirements/ci.txt pyproject.toml

audit:  ## ask what is known against the pinned packages
	$(BIN)python reliability/audit.py -o docs/reliability-audit.json

test:  ## run the tests
	$(BIN)pytest -n 2

lint:  ## check style and format
	$(BIN)ruff check . && $(BIN)ruff format --check .

types:  ## check types
	$(BIN)mypy

train:  ## train the shipped model from data/
	$(BIN)python train.py

evaluate:  ## the figures of the README: train and test over eight folds
	$(BIN)grounds evaluate data/corpus --folds data/corpus/folds.json --sentences data --also data/voices --jobs 2 -o docs/figures.json

voices:  ## figures on wording by hands not seen: train on the corpus and all voices but some, test on these
	$(BIN)grounds evaluate data/voices --folds data/voices/folds.json --sentences data --also data/corpus --jobs 2 -o docs/voices.json

guard:  ## the guard against fitting the corpus: train on the invented decisions, test on the retold, and back
	$(BIN)grounds evaluate data/corpus --folds data/corpus/hands.json --sentences data --jobs 2 -o docs/guard.json

reliability:  ## show that it keeps working, in hours: the figures of docs/reliability.md
	$(BIN)python reliability/fuzz.py --anew
	$(BIN)python reliability/extremes.py
	$(BIN)python reliability/hostile.py
	$(BIN)python reliability/faults.py
	$(BIN)python reliability/domain.py
	-$(BIN)python reliability/audit.py -o docs/reliability-audit.json
	$(BIN)python docs/tables.py

docs:  ## write again what is generated: references, counts, examples' output, pictures
	$(BIN)python -m grounds.codebook > docs/codebook.md && $(BIN)python docs/cli.py > docs/cli.md && $(BIN)python -m grounds.corpus data && $(BIN)python docs/tables.py && $(BIN)python docs/examples.py && $(BIN)python docs/images.py

site:  ## the documentation as a site: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)mkdocs build --strict

clean:  ## remove caches and what was built
	rm -rf build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis && find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
