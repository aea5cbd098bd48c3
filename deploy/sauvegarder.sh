#!/usr/bin/env bash
# Sauvegarde les messages (jamais les clés) dans le dossier nommé :  PGHOST=… PGDATABASE=… deploy/sauvegarder.sh /var/sauvegardes
# Des outils plus anciens que le serveur sont refusés d'avance : ils laisseraient un fichier vide, ou faux.
# Le fichier n'a son nom qu'une fois relu. Ceux de plus de trente jours sont détruits.
set -euo pipefail

dossier=${1:?usage : sauvegarder.sh DOSSIER}
schema=${SIAO_HUB_DATABASE__SCHEMA_NAME:-siao_hub}

refuse() {
    printf '✗ %s\n' "$1" >&2
    exit 1
}

for outil in psql pg_dump pg_restore; do
    command -v "$outil" > /dev/null || refuse "$outil manque : installer les outils de la version du serveur"
done
[[ -d $dossier ]] || refuse "le dossier $dossier n'existe pas"
serveur=$(psql --no-psqlrc --tuples-only --no-align --command 'SHOW server_version_num') || refuse 'le serveur ne répond pas'
serveur=$((serveur / 10000))
for outil in pg_dump pg_restore; do
    version=$("$outil" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    ((version >= serveur)) || refuse "$outil est de la version $version, le serveur de la $serveur : rien n'est écrit"
done

umask 077
fichier=$dossier/$schema-$(date +%F-%H%M%S).dump
trap 'rm -f "$fichier.part"' EXIT
pg_dump --format=custom --schema="$schema" --file="$fichier.part" || refuse 'pg_dump a échoué : rien ne reste'
contenu=$(pg_restore --list "$fichier.part") || refuse 'le fichier ne se relit pas : rien ne reste'
[[ $contenu == *"TABLE DATA $schema event "* ]] || refuse 'le fichier ne contient pas les messages : rien ne reste'
mv "$fichier.part" "$fichier"
find "$dossier" -maxdepth 1 -name "$schema-*.dump" -mmin +43200 -delete
printf '✓ %s\n' "$fichier"
