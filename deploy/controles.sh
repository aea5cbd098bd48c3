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

etape style $bin/ruff check --quiet --output-format concise .
etape format $bin/ruff format --quiet --check --diff .
etape types $bin/mypy --no-error-summary
etape imports $bin/lint-imports
etape schemas $bin/python -m contracts.schemas --check
if [[ ${1:-} == lint ]]; then
    exit
elif [[ -n ${ARGS:-} ]]; then
    exec $bin/pytest $ARGS
fi

# Les tests d'intégration attendent surtout Kafka et PostgreSQL ; les autres n'en ont pas besoin et passent à côté.
autres=$(mktemp)
$bin/pytest --ignore tests/integration >"$autres" 2>&1 &
trap 'kill $! 2>/dev/null; rm -f "$autres"' EXIT
printf '\n  Intégration\n'
$bin/pytest tests/integration
integration=$?
wait $!
reste=$?
printf '\n  Tous les autres\n'
cat "$autres"
exit $((integration || reste))
