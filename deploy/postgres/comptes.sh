#!/bin/sh
# Joué une fois par l'image de PostgreSQL, base vide : le compte à qui sont les tables, et celui du hub. Ni l'un ni l'autre n'est superutilisateur.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
    --set=migration="$POSTGRES_MIGRATION_PASSWORD" --set=hub="$POSTGRES_HUB_PASSWORD" << 'SQL'
CREATE ROLE migration LOGIN PASSWORD :'migration';
CREATE ROLE siao_hub NOLOGIN;
CREATE ROLE siao_hub_sans_cle NOLOGIN;
CREATE ROLE hub LOGIN PASSWORD :'hub' IN ROLE siao_hub;
REVOKE ALL ON DATABASE :DBNAME FROM PUBLIC;
GRANT ALL ON DATABASE :DBNAME TO migration;
GRANT CONNECT ON DATABASE :DBNAME TO hub;
SQL
