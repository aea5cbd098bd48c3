#!/usr/bin/env bash
# Installe le Chromium de Debian, dans lequel les tests regardent la console. Sans lui, ces tests échouent, et disent pourquoi.
set -euo pipefail
if ((EUID != 0)) || ! command -v apt-get > /dev/null; then
    printf '  ! Chromium manque, et ne peut être installé d'\''ici : apt-get install chromium\n'
    exit 0
fi
printf 'Installation de Chromium…\n'
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --no-install-recommends chromium chromium-l10n fonts-dejavu-core > /dev/null
