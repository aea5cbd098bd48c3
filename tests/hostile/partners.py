"""Who is hostile: one partner for each dialect, in a territory of their own, with whatever a good entry has."""

import hashlib

from adapters.registry import ADAPTERS, declaration
from contracts.partner import Famille, Partner, SortieBoite
from tests.golden.cas import partenaire

TERRITORY = "02"
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
    said = {
        "id": f"hostile-{dialect.replace('_', '-')}",
        "territoire": TERRITORY,
        "cles_api": (f"sha256:{hashlib.sha256(key_of(dialect).encode()).hexdigest()}",),
        "dialecte_sortant": dialect if declaration(dialect).ecrit else None,
        "sortie": SortieBoite(),
        "structures_protegees": (),
    }
    return partenaire(dialect, said)
