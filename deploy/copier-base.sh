#!/usr/bin/env bash
# Copie de base (PITR), clés scellées comprises :  PGHOST=… PGUSER=… deploy/copier-base.sh /var/sauvegardes [/var/archives-wal]
# La copie n'a son nom qu'une fois entière. Copies et WAL de plus de trente jours sont détruits : au-delà, ce qui fut oublié
# pourrait en revenir.
set -euo pipefail

dossier=${1:?usage : copier-base.sh DOSSIER [ARCHIVES_WAL]}
archives=${2:-}

refuse() {
    printf '✗ %s\n' "$1" >&2
    exit 1
}

command -v pg_basebackup > /dev/null || refuse 'pg_basebackup manque : installer les outils de la version du serveur'
[[ -d $dossier ]] || refuse "le dossier $dossier n'existe pas"
[[ -z $archives || -d $archives ]] || refuse "le dossier $archives n'existe pas"

umask 077
copie=$dossier/base-$(date +%F-%H%M%S)
trap 'rm -rf "$copie.part"' EXIT
pg_basebackup --pgdata="$copie.part" --checkpoint=fast || refuse 'pg_basebackup a échoué : rien ne reste'
mv "$copie.part" "$copie"
touch "$copie"
find "$dossier" -maxdepth 1 -name 'base-*' -mmin +43200 -exec rm -rf {} +
[[ -z $archives ]] || find "$archives" -maxdepth 1 -type f -mmin +43200 -delete
printf '✓ %s\n' "$copie"
