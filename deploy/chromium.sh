#!/usr/bin/env bash
# Installe le Chromium de Debian : sans fenêtre pour les tests de la console, entier pour ses images. Sans le
# premier, les tests prennent le second ; sans aucun, ils échouent et disent pourquoi.
set -euo pipefail
if ((EUID != 0)) || ! command -v apt-get > /dev/null; then
    printf '  ! Chromium sans fenêtre manque, et ne peut être installé d'\''ici : apt-get install chromium-headless-shell\n'
    exit 0
fi
printf 'Installation de Chromium…\n'
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --no-install-recommends chromium-headless-shell chromium chromium-l10n fonts-dejavu-core > /dev/null
