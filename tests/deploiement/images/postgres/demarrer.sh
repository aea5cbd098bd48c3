#!/bin/bash
# Prépare une base vide comme le fait l'image officielle : mot de passe, base, scripts de /docker-entrypoint-initdb.d ; puis sert.
set -eu
[ "$1" = postgres ] || exec "$@"
[ "$(id -u)" != 0 ] || exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
export PGDATA=/var/lib/postgresql/18/docker POSTGRES_USER=postgres
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086
    initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=<(echo "$POSTGRES_PASSWORD") $POSTGRES_INITDB_ARGS
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=''" start
    psql --username=postgres --dbname=postgres --command="CREATE DATABASE $POSTGRES_DB"
    for script in /docker-entrypoint-initdb.d/*.sh; do bash "$script"; done
    pg_ctl --wait stop
fi
exec "$@" -c listen_addresses='*'
