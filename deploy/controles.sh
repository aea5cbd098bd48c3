#!/usr/bin/env bash
# Les contrôles du projet, un par ligne avec sa durée ; le premier échec montre sa sortie et arrête tout. Avec les tests, qui
# attendent souvent, les types se vérifient pendant ce temps et se disent à la fin.
#   deploy/controles.sh          tout, les tests en dernier
#   deploy/controles.sh lint     sans les tests
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
compilation='' types='' dits=''
trap 'kill $compilation $types 2> /dev/null; rm -f "$dits"' EXIT

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
dits=$(mktemp)
nice $bin/mypy --no-error-summary &> "$dits" &
types=$!
[[ $compilation ]] && wait $compilation
# Les tests attendent Kafka et PostgreSQL : plus de processus que de cœurs. Sur deux cœurs, quatre prennent 470 s (873 s de calcul),
# et six 504 (968) : chacun recueille tous les tests, et ils se gênent.
$bin/pytest ${ARGS:--n 4 --dist worksteal}
code=$?
if wait $types; then
    printf '  ✓ types      pendant les tests\n'
else
    printf '  ✗ types\n\n%s\n' "$(< "$dits")"
    code=1
fi
exit $code
