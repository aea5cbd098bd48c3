# Tout part de l'environnement .venv, que deploy/environnement.py tient à jour d'après requirements.txt.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Celui de Debian d'abord, s'il sait faire un environnement : un Python compilé sans optimisation, comme souvent sous
# pyenv, est deux fois plus lent.
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	2> /dev/null && echo /usr/bin/python3 || echo python3)
ARGS ?=
export ARGS

.PHONY: help venv chromium captures statique demo test lint chaos mise-a-jour plantes hostile deploiement bench isolation france million nuit manuel parts requirements roues clean

help: ## Cette aide
	@printf '\n  \033[1mLe hub du SIAO\033[0m\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[36mmake %-13s\033[0m %s\n", $$1, $$2}' Makefile
	@printf '\n  Les options passent par ARGS : \033[2mmake demo ARGS="…"\033[0m\n\n'

demo: venv ## La démonstration : le hub, de vrais Kafka et PostgreSQL, des partenaires simulés
	@.venv/bin/siao-hub demo $(ARGS)

test: venv chromium ## Tous les contrôles, puis tous les tests
	@deploy/controles.sh

lint: venv ## Les contrôles seuls : style, types, imports, schémas
	@deploy/controles.sh lint

chaos: venv ## Dix mille histoires au hasard, puis vingt minutes de pannes, jugées par les partenaires (ARGS="--minutes 2 --seed 7")
	@rm -rf .cache/chaos
	@.venv/bin/python -m tests.chaos.histoires
	@.venv/bin/siao-hub chaos --keep .cache/chaos $(ARGS)

mise-a-jour: venv ## La version d'avant (ARGS=REF), puis celle-ci, tables et processus un à un, pendant que les partenaires envoient
	@.venv/bin/python -m tests.chaos.mise_a_jour $(ARGS)

plantes: venv ## Des fautes d'une ligne plantées une à une : chacune doit être vue par un test
	@.venv/bin/python -m tests.chaos.plantes $(ARGS)

hostile: venv ## Des requêtes, des serveurs et des topics hostiles contre un vrai hub, jugés par un partenaire tranquille (ARGS="--minutes 60 --seed 7")
	@.venv/bin/python -m tests.hostile $(ARGS)

deploiement: roues ## Installer par les pages, mot à mot : sous systemd, puis en conteneurs ; le hub y est tué et revient (root ; ARGS=installer)
	@.venv/bin/python -m tests.deploiement $(ARGS)

bench: venv ## Les mesures de débit et de latence
	@.venv/bin/python -m bench $(ARGS)

isolation: venv ## Ce qu'un partenaire mort depuis une heure coûte aux autres (ARGS=--write garde les chiffres)
	@.venv/bin/python -m bench.isolation $(ARGS)

france: venv ## Une journée du pays entier sur cette machine : 101 SIAO, 600 000 places, 50 000 orientations (ARGS="--share 0.1")
	@.venv/bin/python -m bench.france $(ARGS)

million: venv ## Un million de lignes : mémoire de chaque rôle, démarrage après kill -9 (ARGS=--write garde les chiffres)
	@.venv/bin/python -m bench.million $(ARGS)

nuit: venv chromium ## Une nuit de fautes sur de vraies pièces : ce que status, la page et les alertes en disent, toutes les cinq secondes
	@.venv/bin/pytest -q -s -n 0 -o faulthandler_timeout=0 tests/integration/nuit.py $(ARGS)

manuel: venv ## Les pages d'astreinte, jouées : la faute sur de vraies pièces, puis mot à mot ce que la page dit de faire
	@.venv/bin/pytest -q -n 2 tests/integration/manuel.py tests/integration/manuel_pieces.py $(ARGS)

parts: venv ## Kafka et PostgreSQL pour le développement, jusqu'à Ctrl-C
	@.venv/bin/python -m deploy.local

captures: venv chromium ## Les images de docs/console/README.md, prises par les tests de la console (demande aussi pngquant)
	@command -v pngquant > /dev/null || { echo "il manque pngquant : apt-get install pngquant"; exit 1; }
	@SIAO_CAPTURES=$(CURDIR)/docs/console .venv/bin/pytest tests/integration/test_console_in_a_browser.py tests/integration/test_desk_in_a_browser.py tests/integration/test_accounts.py $(ARGS)
	@pngquant --force --skip-if-larger --strip --ext .png -- docs/console/*.png || [ $$? -ge 98 ]

statique: ## Recopie ce que la console sert au navigateur, aux versions et empreintes de console/package-lock.json
	@cd console && npm ci --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
	@cd console/node_modules && cp @tabler/core/dist/css/tabler.min.css htmx.org/dist/htmx.min.js ../static/ \
		&& cp htmx-ext-sse/dist/sse.min.js ../static/htmx-sse.min.js
	@cd console/static && sha256sum *.min.* > ../static.sha256

requirements: venv ## Recalcule requirements.txt d'après pyproject.toml (ARGS=--upgrade pour monter les versions)
	@.venv/bin/uv pip compile --quiet pyproject.toml --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --output-file requirements.txt $(ARGS)

roues: venv ## Dans dist/, de quoi installer le hub là où il n'y a ni réseau ni outils de développement
	@rm -rf dist
	@.venv/bin/uv build --quiet --wheel --no-build-isolation --out-dir dist .
	@.venv/bin/uv pip compile --quiet pyproject.toml --constraint requirements.txt --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links --output-file dist/requirements.txt
	@.venv/bin/pip download --quiet --only-binary :all: --require-hashes --requirement dist/requirements.txt --dest dist

clean: ## Efface l'environnement et tous les caches
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@command -v chromium-headless-shell > /dev/null || deploy/chromium.sh

venv:
	@$(PYTHON) deploy/environnement.py
