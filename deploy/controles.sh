#!/usr/bin/env bash
# Les contrôles du projet, un par ligne avec sa durée ; le premier échec montre sa sortie et arrête tout.
#   deploy/controles.sh          tout, les tests en dernier
#   deploy/controles.sh lint     sans les tests
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin

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

# Un cœur compile les tests pendant que l'autre fait les contrôles. Les tests sont ensuite collectés en deux fois moins de temps, même là
# où Python est réglé pour ne rien garder de ce qu'il compile. Des contrôles qui finissent avant n'avaient presque rien de neuf à lire :
# il ne reste alors presque rien à compiler, et on n'attend pas.
unset PYTHONDONTWRITEBYTECODE
if [[ ${1:-} != lint ]]; then
    $bin/pytest --collect-only -qqq -n 0 &> /dev/null &
    trap 'kill %1 2> /dev/null' EXIT
fi
etape style $bin/ruff check --quiet --output-format concise .
etape format $bin/ruff format --quiet --check --diff .
etape types $bin/mypy --no-error-summary
etape imports $bin/lint-imports
etape schemas $bin/python -m contracts.schemas --check
if [[ ${1:-} == lint ]]; then
    exit
fi
kill %1 2> /dev/null
wait
# Les tests attendent Kafka et PostgreSQL : plus de processus que de cœurs. Chacun collecte tout, et garde des hubs qui battent : à six,
# c'est plus long qu'à quatre.
exec $bin/pytest ${ARGS:--n 4 --dist worksteal}
