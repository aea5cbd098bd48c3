#!/usr/bin/env bash
# Les contrôles du projet, un par ligne avec sa durée ; le premier échec montre sa sortie et arrête tout. Les tests sur de vraies pièces
# attendent souvent : les types et les tests unitaires se font pendant ce temps, et se disent à la fin.
#   deploy/controles.sh          tout, les tests en dernier
#   deploy/controles.sh lint     sans les tests
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
compilation='' dits=''
declare -A pids=()
trap 'kill $compilation "${pids[@]}" 2> /dev/null; rm -rf "$dits"' EXIT

etape() {
    local nom=$1 debut=$EPOCHREALTIME sortie code
    shift
    sortie=$("$@" 2>&1)
    code=$?
    local centiemes=$(((${EPOCHREALTIME/[.,]/} - ${debut/[.,]/}) / 10000))
    local duree
    duree=$(printf '%d,%02d s' $((centiemes / 100)) $((centiemes % 100)))
    if ((code != 0)); then
        printf '  ✗ %-10s %9s\n\n%s\n' "$nom" "$duree" "$sortie"
        exit 1
    fi
    printf '  ✓ %-10s %9s\n' "$nom" "$duree"
}

pendant_les_tests() {
    local nom=$1
    shift
    nice "$@" &> "$dits/$nom" &
    pids[$nom]=$!
}

dire() {
    local nom=$1
    if wait "${pids[$nom]}"; then
        printf '  ✓ %-10s %s\n' "$nom" "${2:-$(tail -n 1 "$dits/$nom")}"
    else
        printf '  ✗ %s\n\n%s\n' "$nom" "$(< "$dits/$nom")"
        ((code)) || code=1
    fi
}

# La première fois, un cœur compile les tests pendant que l'autre fait les contrôles. Les tests sont ensuite collectés en deux fois
# moins de temps, même là où Python est réglé pour ne rien garder de ce qu'il compile.
unset PYTHONDONTWRITEBYTECODE
if [[ ${1:-} != lint ]] && ! compgen -G 'tests/__pycache__/conftest.*-pytest-*.pyc' > /dev/null; then
    $bin/pytest --collect-only -qqq -n 0 &> /dev/null &
    compilation=$!
fi
etape style $bin/ruff check --quiet --output-format concise .
etape format $bin/ruff format --quiet --check --diff .
etape imports $bin/lint-imports
etape schemas $bin/python -m contracts.schemas --check
if [[ ${1:-} == lint ]]; then
    etape types $bin/mypy --no-error-summary
    exit
fi
dits=$(mktemp -d)
pendant_les_tests types $bin/mypy --no-error-summary
[[ $compilation ]] && wait $compilation
if [[ ${ARGS:-} ]]; then
    $bin/pytest $ARGS
    code=$?
else
    # Les tests sur de vraies pièces attendent Kafka et PostgreSQL : plus de processus que de cœurs. Les tests unitaires, qui n'attendent
    # rien, sont à part : ils prennent ce que les autres laissent.
    pendant_les_tests unitaires $bin/pytest tests/unit
    $bin/pytest -n 4 --dist worksteal --ignore tests/unit
    code=$?
    dire unitaires
fi
dire types 'pendant les tests'
exit $code
