"""Who is hostile: one partner for each dialect, in a territory of their own, with whatever a good entry has."""

import hashlib

from adapters.registry import ADAPTERS, declaration
from contracts.partner import Famille, Partner, SortieBoite
from tests.golden.cas import partenaire

TERRITORY, ELSEWHERE = "02", "05"
"""A territory has one SIAO: a dialect of the SIAO that only reads is spoken in another."""
DIALECTS = tuple(dialect for dialect in ADAPTERS if declaration(dialect).lit)


def key_of(dialect: str) -> str:
    """The API key of the partner that speaks a dialect."""
    return f"cle-hostile-{dialect}"


def hostile_partners() -> list[Partner]:
    """They may send and fetch; what comes of it waits in mailboxes. The SIAO of their territory is one of them."""
    partners = [_hostile(dialect) for dialect in DIALECTS]
    assert any(partner.famille is Famille.SIAO for partner in partners)
    return partners


def _hostile(dialect: str) -> Partner:
    """A partner that speaks the dialect; one whose dialect only reads has no way out."""
    writes = bool(declaration(dialect).ecrit)
    said = {
        "id": f"hostile-{dialect.replace('_', '-')}",
        "territoire": TERRITORY if writes else ELSEWHERE,
        "cles_api": (f"sha256:{hashlib.sha256(key_of(dialect).encode()).hexdigest()}",),
        "dialecte_sortant": dialect if writes else None,
        "sortie": SortieBoite() if writes else None,
        "structures_protegees": (),
    }
    return partenaire(dialect, said)
