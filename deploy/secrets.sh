#!/usr/bin/env bash
# Une fois, avant « docker compose up » : un mot de passe par compte dans deploy/.env, le certificat de Kafka et son autorité
# dans deploy/secrets/. Ce qui existe n'est jamais remplacé.
set -euo pipefail
cd "$(dirname "$0")"
umask 0077

if [[ ! -e .env ]]; then
    for compte in POSTGRES_ADMIN POSTGRES_MIGRATION POSTGRES_HUB KAFKA_HUB; do
        printf '%s_PASSWORD=%s\n' "$compte" "$(openssl rand -hex 24)"
    done > .env
fi
[[ -d secrets ]] && exit
neuf=$(mktemp -d secrets.XXXXXX)
trap 'rm -rf "$neuf"' EXIT
dix_ans=3650
openssl req -x509 -newkey rsa:3072 -nodes -days $dix_ans -subj '/CN=Kafka du hub' -addext keyUsage=critical,keyCertSign \
    -keyout "$neuf/autorite.key" -out "$neuf/autorite.pem" 2> /dev/null
openssl req -newkey rsa:3072 -nodes -subj /CN=kafka -keyout "$neuf/kafka.key" -out "$neuf/kafka.csr" 2> /dev/null
openssl x509 -req -in "$neuf/kafka.csr" -CA "$neuf/autorite.pem" -CAkey "$neuf/autorite.key" -CAcreateserial -days $dix_ans \
    -extfile <(printf 'subjectAltName=DNS:kafka\nextendedKeyUsage=serverAuth\n') -out "$neuf/kafka.crt" 2> /dev/null
cat "$neuf/kafka.key" "$neuf/kafka.crt" > "$neuf/kafka.pem"
rm "$neuf/autorite.key" "$neuf"/kafka.{key,csr,crt} "$neuf"/*.srl # personne ne signe plus rien avec elle
# Lus dans les conteneurs sous d'autres comptes ; sur cette machine, leur dossier les garde.
chmod 0644 "$neuf"/*.pem
mv "$neuf" secrets
