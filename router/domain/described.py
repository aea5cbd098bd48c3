"""Determine which fields of a household's description were filled in by the description's sender. Pure."""

from collections.abc import Mapping
from operator import attrgetter

from contracts.base import Contrat, classe_of
from contracts.partner import Famille, Partner
from contracts.privacy import Classe
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import (
    ChampDecrit,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementRetire,
)

CLASSES: Mapping[str, Classe | None] = {
    **{name: classe_of(PretLogementDecrit, name) for name in PretLogementDecrit.model_fields},
    **{f"menage.{name}": classe_of(Menage, name) for name in Menage.model_fields},
}
"""Privacy class of each field in the description of a household ready for housing. The key is the field's
path. None if the field holds a nested object, which has no class of its own."""
NAMED: Mapping[ChampDecrit, tuple[str, ...]] = {
    **{champ: (champ,) for champ in ChampDecrit if (CLASSES.get(champ) or Classe.C0) <= Classe.C2},
    ChampDecrit.SITUATION_SOCIALE: tuple(path for path, classe in CLASSES.items() if classe is Classe.C3),
}
"""For each name in `renseigne` (the fields that a sender filled in): the dotted paths of the fields for which
the name stands. Each field of the privacy classes C0 to C2 has a name of its own. All fields of class C3
(social situation, resources) share one name. Fields of class C4 (the most sensitive) have none."""


def described(contrat: Contrat) -> Contrat:
    """Note in a household's description which optional fields its sender filled in (`renseigne`). Return any
    other message unchanged.

    The values of the fields are encrypted. The names show which fields a later declaration leaves out.
    """
    if not isinstance(contrat, PretLogementDecrit):
        return contrat
    said = tuple(champ for champ, paths in NAMED.items() if any(_filled(contrat, path) for path in paths))
    return contrat.model_copy(update={"renseigne": said})


def declared_by(contrat: Contrat, sender: Partner) -> Contrat:
    """Return a message that declares or withdraws a household ready for housing, with its sender's id in
    `declarant` (None for a SIAO). Return any other message unchanged."""
    if not isinstance(contrat, PretLogementDeclare | PretLogementRetire):
        return contrat
    return contrat.model_copy(update={"declarant": None if sender.famille is Famille.SIAO else sender.id})


def _filled(contrat: PretLogementDecrit, path: str) -> bool:
    return attrgetter(path)(contrat) not in (None, ())
