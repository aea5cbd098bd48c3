"""What somebody is let decide about a delivery, by how it stands."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from console.navigation import menu
from console.parts import Parts
from console.rendering import render
from console.rights import Personne, Portee, Profil
from console.visit import Visite
from contracts.v1.place import PlaceVacante
from router.domain.partners import Registry
from tests.rows import each_row

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)
MENU = menu(lambda _: True, "/livraisons")
PARTS = cast("Parts", SimpleNamespace(registry=Registry))
"""What the page asks for: the names of partners."""


def offered(profil: Profil, etat: str, *, late: bool, rests: bool | None, asks: bool = True) -> set[str]:
    """The decisions that the page has a form for."""
    visite = Visite(Personne("a", "A", profil), Portee(), PARTS, "jeton", b"session")
    told = {
        "id": UUID(int=1),
        "partner": "centre",
        "source": "siao-01",
        "subject": UUID(int=2),
        "attempts": 1,
    }
    livraison = SimpleNamespace(
        **told,
        type=PlaceVacante.TYPE,
        etat=etat,
        late=late,
        rests=rests,
        created_at=NOW,
        settled_at=None,
        error=None,
    )
    page = render(
        "livraison.html",
        visite=visite, menu=MENU, livraison=livraison, octets="rien", clair=False, se_laisse_interroger=asks,
        mene_au_sujet=True,
        repart_seule=False,
    )  # fmt: skip
    return set(re.findall(r"/livraisons/[0-9a-f-]+/(\w+)", page))


@each_row(
    ("etat", "late", "rests", "decisions"),
    [
        ("refusee", False, True, {"renvoyer", "classer"}),
        ("incertaine", False, True, {"demander", "arrivee", "renvoyer", "classer"}),
        ("en_vol", True, True, {"demander", "arrivee", "renvoyer", "classer"}),
        ("en_vol", True, False, {"classer"}),
        ("en_vol", False, True, set()),
        ("en_attente", True, True, {"classer"}),
        ("livree", False, None, set()),
    ],
)
def test_what_may_be_decided_follows_from_how_a_delivery_stands(
    etat: str, late: bool, rests: bool | None, decisions: set[str]
) -> None:
    assert offered(Profil.OPERATEUR, etat, late=late, rests=rests) == decisions
    assert offered(Profil.SUPERVISION, etat, late=late, rests=rests) == set()


def test_a_partner_that_cannot_be_asked_is_to_be_called() -> None:
    decisions = offered(Profil.OPERATEUR, "incertaine", late=False, rests=True, asks=False)
    assert decisions == {"arrivee", "renvoyer", "classer"}
