"""The registry of the integration tests: a SIAO, a shelter with a server, a shelter with a mailbox, a landlord."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contracts.http import SortieHttp
from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from contracts.rythme import Rythme
from router.domain.partners import Registry

FINESS = "010000024"
AUTRE_FINESS = "010000032"
SIRET_BAILLEUR = "26010004500012"
NEVER = Rythme(jours=(), avant=())
"""Rhythm under which no message is ever expected, so that nobody falls silent in tests that let days pass."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw"


def key_of(partner: str) -> str:
    """Return the API key of a partner in these tests."""
    return f"cle-de-{partner}"


def hash_of(key: str) -> str:
    """Return an API key in the form that the registry stores."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def entry(ident: str, famille: Famille, dialecte: str, **more: Any) -> Partner:
    """Return a partner of territory 01 with one dialect, which deduplicates and is never expected to send. `more`
    replaces fields."""
    defaults = {
        "nom": ident,
        "famille": famille,
        "territoire": "01",
        "dialectes": (dialecte,),
        "dialecte_sortant": dialecte,
        "cles_api": (hash_of(key_of(ident)),),
        "livraison": ClasseLivraison.DEDUPLIQUE,
        "rythme": NEVER,
    }
    return Partner(id=ident, **{**defaults, **more})


def http(port: int, secret: Path, **more: Any) -> SortieHttp:
    """Return a registry entry for HTTP delivery to a port of this machine."""
    return SortieHttp(url=f"http://127.0.0.1:{port}/", secret=f"file:{secret}", **more)


def everybody(siao: SortieHttp, centre: SortieHttp) -> list[Partner]:
    """Return the usual partners of these tests."""
    return [
        entry("siao-01", Famille.SIAO, "si_siao_json", sortie=siao),
        entry("centre", Famille.HEBERGEMENT, "hebergement_json", structures=(FINESS,), sortie=centre),
        entry(
            "centre-boite",
            Famille.HEBERGEMENT,
            "hebergement_json",
            structures=(AUTRE_FINESS,),
            sortie=SortieBoite(),
        ),
        entry(
            "bailleur", Famille.BAILLEUR, "bailleur_xml", structures=(SIRET_BAILLEUR,), sortie=SortieBoite()
        ),
    ]


NAMES = {
    "siao-01": "SIAO de l'Ain",
    "centre": "Centre Les Glycines",
    "centre-boite": "Foyer du Revermont",
    "bailleur": "Ain Logis",
    "ccas": "CCAS de Bourg-en-Bresse",
    "residence": "Résidence des Dombes",
    "le-115": "115 de l'Ain",
    "bac-a-sable-ccas": "CCAS de Bourg-en-Bresse",
}
"""Names of partners in the pictures of the documentation, by id. All are made up."""


def named(registry: Registry) -> Registry:
    """Return the registry with these names for its partners."""
    return changed(registry.partners.values(), {ident: {"nom": nom} for ident, nom in NAMES.items()})


def changed(partners: Iterable[Partner], changes: Mapping[str, Mapping[str, Any]]) -> Registry:
    """Return a registry of these partners, with some fields replaced."""
    return Registry.of(partner.model_copy(update=dict(changes.get(partner.id, {}))) for partner in partners)
