# Two commands are enough: `make demo` and `make test`. The others are for daily work.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
RUN := scripts/run

.PHONY: help setup train demo test check format eval bench bench-turns bench-burst bench-sync faults rubric walk clean

help: ## what you can ask for
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## both Python environments
	@scripts/setup

train: setup ## the two models, reused where nothing changed
	@scripts/train

demo: train ## the whole product on this machine, with the Croxteth demo hub
	@$(RUN) goodhelp demo

test: train ## every test: real Rasa, real databases, real browser
	@scripts/setup-browser
	@$(RUN) pytest

check: setup ## what to run before each commit: style, types, walls, fast tests
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lint-imports
	@$(RUN) pytest -m "not stack and not browser"

format: setup ## lay the code out
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

eval: train ## how well we hear and match, on texts that were never trained on
	@$(RUN) python -m bench.eval_hearing --write
	@$(RUN) python -m bench.eval_matching --write
	@scripts/measure-intents

rubric: train ## the safety rubric over every conversation in tests/conversations
	@$(RUN) python -m tests.conversations.score

walk: train ## thousands of turns of residents who say anything (TURNS=6000 SEED=1)
	@GOODHELP_WALK_TURNS=$(or $(TURNS),6000) GOODHELP_WALK_SEED=$(or $(SEED),1) \
		$(RUN) pytest tests/conversations/test_wandering.py

bench-turns: train ## turns a second and reply times, beside a stock Rasa; ten minutes
	@$(RUN) python -m bench.turns --write

faults: train ## processes killed at every point and fifty times at random, both databases; long
	@GOODHELP_FAULTS_KILLS=50 $(RUN) pytest tests/faults -x

bench-burst: setup ## ten thousand webhooks at once, some told twice, some forged
	@$(RUN) python -m bench.burst

bench-sync: setup ## 50,000 services in: services a second, memory, and again unchanged
	@$(RUN) python -m bench.sync --write

bench: bench-turns bench-burst bench-sync ## every measurement but `eval`

clean: ## remove environments, models and the demo's database
	rm -rf .venv .tools dialogue/.venv models var
